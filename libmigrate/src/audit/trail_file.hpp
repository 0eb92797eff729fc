#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <migrate/audit.hpp>

#include "audit/audit_key.hpp"
#include "io/file.hpp"

namespace migrate::audit {

/// The file of a trail, to be written to. Several processes may have one at a time. Not thread-safe.
///
/// Throws, from append(): Error of the file, with nothing of the records in it but for what a crash leaves;
/// Error{corrupt} where its last line is none; Error{refused} for a trail with another key.
class TrailFile {
  public:
    /// Opens nothing yet. Requires: path is not empty.
    TrailFile(std::string path, Sealer sealer, std::chrono::milliseconds patience);

    /// Appends the records in one write, each after the one before, and gives them trail, sequence and
    /// hashes. `durable`: they and all before them are on the disk when it returns.
    void append(std::vector<AuditRecord>& records, bool durable);
    /// After the last append(); empty before the first.
    [[nodiscard]] const AuditHead& head() const noexcept { return m_head; }
    [[nodiscard]] const std::string& path() const noexcept { return m_path; }

  private:
    void append_locked(io::File& file, std::vector<AuditRecord>& records, bool durable);
    void require_key_of(const AuditRecord& last) const;

    std::string m_path;
    Sealer m_sealer;
    std::chrono::milliseconds m_patience;
    AuditHead m_head;
};

}  // namespace migrate::audit
