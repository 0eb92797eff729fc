#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "backup/backup_key.hpp"
#include "backup/manifest.hpp"

namespace migrate::backup {

/// Writes one file of a backup: plain bytes in; compressed, and encrypted where there is a key, on the disk.
/// Its memory does not grow with the file.
class StoredFileWriter {
  public:
    /// `about` names the backup and the file: an encrypted file is bound to it. `key` may be null, and
    /// outlives the writer.
    StoredFileWriter(const std::string& path, const std::string& about, const SecretKey* key);
    ~StoredFileWriter();
    StoredFileWriter(const StoredFileWriter&) = delete;
    StoredFileWriter& operator=(const StoredFileWriter&) = delete;

    void write(std::string_view bytes);
    /// Durable on return. Sizes and digests go to the record.
    void finish(FileRecord& record);

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Reads a stored file from its first byte to its last, hands over the plain bytes as they come, and fills in
/// sizes and digests as found. Without a key an encrypted file is only digested as it is stored, nothing is
/// handed over. Throws: Error{differs} where it cannot be what was written; Error of the file;
/// Error{cancelled}.
FileRecord read_stored_file(const std::string& path, const std::string& about, bool encrypted,
                            const SecretKey* key, const std::function<void(std::string_view)>& take,
                            const std::stop_token& stop);

}  // namespace migrate::backup
