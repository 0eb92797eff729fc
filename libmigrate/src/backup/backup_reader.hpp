#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backup/backup_key.hpp"
#include "backup/manifest.hpp"

namespace migrate::backup {

/// One backup, read. Not thread-safe.
class BackupReader {
  public:
    /// Reads the manifest. Throws: as parse_manifest; Error{not_found} where there is none.
    explicit BackupReader(const std::string& path);

    [[nodiscard]] const std::string& path() const noexcept { return m_path; }
    [[nodiscard]] const Manifest& manifest() const noexcept { return m_manifest; }

    /// The keys of an encrypted backup, by which its manifest was sealed.
    /// Throws: as open_keys and require_seal.
    [[nodiscard]] BackupKeys open(const BackupKey& from) const;

    /// Reads every byte; one line for each thing that is not as it was written: a file that is missing, cut,
    /// changed or not part of the backup. `keys` may be null: of an encrypted backup only what is stored is
    /// looked at then. Throws: Error{cancelled}.
    [[nodiscard]] std::vector<std::string> problems(const BackupKeys* keys,
                                                    const std::stop_token& stop) const;

    /// Hands over a file's content, and knows at the end whether it was the right one. Requires: keys where
    /// the backup is encrypted. Throws: Error{differs}.
    void read(const FileRecord& record, const BackupKeys* keys,
              const std::function<void(std::string_view)>& take, const std::stop_token& stop) const;

  private:
    /// Empty where the file is as its record says.
    [[nodiscard]] std::string problem_of(const FileRecord& record, const BackupKeys* keys,
                                         const std::function<void(std::string_view)>& take,
                                         const std::stop_token& stop) const;

    std::string m_path;
    std::string m_text;
    Manifest m_manifest;
};

}  // namespace migrate::backup
