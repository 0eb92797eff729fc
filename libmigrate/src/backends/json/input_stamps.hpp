#pragma once

#include <map>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>

#include "backend/backup_sink.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// The files of a source and the state they were in when it was pinned. Files cannot be locked against other
/// programs, so that none has changed is checked when it has been read, instead of promised.
class InputStamps {
  public:
    void add(const std::string& path);
    const std::vector<std::string>& paths() const { return m_paths; }

    /// Takes the present states as the ones to be read.
    void pin();
    /// Throws: Error{transient} when the file is no longer as it was pinned. May be called from several
    /// threads.
    void require_unchanged(const std::string& path) const;

    /// Of all files, as they are now.
    std::string fingerprint() const;
    std::uint64_t byte_size() const;

  private:
    std::vector<std::string> m_paths;
    std::map<std::string, io::FileStamp> m_pinned;
};

/// One file into a backup, under its name there. Throws: Error{transient} where it is changed meanwhile.
void stream_input(const std::string& path, const std::string& name, const InputStamps& stamps,
                  backend::BackupSink& sink);

/// Rows of JSON files come as they stand there. Throws: Error{unsupported} for a scan that wants them chosen
/// by key or watermark, or in an order.
void require_plain_scan(const ScanSpec& spec);

}  // namespace migrate::backends::json
