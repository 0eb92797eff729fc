#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include <migrate/backup.hpp>

#include "backend/backup_sink.hpp"
#include "backup/backup_key.hpp"
#include "backup/manifest.hpp"
#include "backup/stored_file.hpp"
#include "io/lock.hpp"

namespace migrate::backup {

/// What a directory of backups calls one that is being made; whoever holds its lock is making it.
inline constexpr const char* k_partial_prefix = ".partial-";

/// Makes one backup: a directory under another name, until all of it is durable and was read back. Destroyed
/// before finish() has returned, it leaves nothing behind; killed, a partial one that is never taken for a
/// backup.
class BackupWriter final : public backend::BackupSink {
  public:
    /// `about` lacks files and key; `name` is what the backup's directory will be called.
    /// Throws: Error{exists, permission, resource, io}; of the key: as make_keys.
    BackupWriter(const std::string& directory, std::string name, Manifest about, const BackupKey& key,
                 std::stop_token stop);
    ~BackupWriter() override;
    BackupWriter(const BackupWriter&) = delete;
    BackupWriter& operator=(const BackupWriter&) = delete;

    void reserve(std::uint64_t bytes, std::uint64_t scratch_bytes) override;
    void begin_file(const std::string& name) override;
    void write(std::string_view bytes) override;
    void end_file() override;
    void leave_out(const Finding& what) override;
    [[nodiscard]] const std::string& scratch_directory() const override { return m_scratch; }

    /// All files that follow stand below this directory of the backup.
    void enter(const std::string& folder);

    /// Returns the backup's path once it is whole: durable, and every byte of it read back.
    std::string finish();

  private:
    [[nodiscard]] std::string stored_path(const std::string& name) const;
    void write_manifest();
    void verify_all();

    std::string m_directory;
    std::string m_name;
    std::string m_staging;
    std::string m_scratch;
    std::string m_folder;
    std::optional<io::FileLock> m_lock;
    Manifest m_manifest;
    std::set<std::string> m_stored;  ///< Names that are taken.
    BackupKey m_key;                 ///< Paths alone.
    std::optional<BackupKeys> m_keys;
    std::stop_token m_stop;
    std::unique_ptr<StoredFileWriter> m_file;
    bool m_staged = false;
    bool m_is_first = false;  ///< The directory of backups was made for it.
};

/// What an encrypted file is bound to, so that one cannot stand for another.
std::string bound_to(const Manifest& manifest, const std::string& file);

}  // namespace migrate::backup
