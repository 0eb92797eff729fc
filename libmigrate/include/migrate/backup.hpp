#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// What encrypts a backup, or opens it: one file that holds the secret. Only the file's path is ever kept;
/// both empty = no encryption.
struct BackupKey {
    std::string key_file;         ///< 32 bytes, or their 64 hexadecimal digits.
    std::string passphrase_file;  ///< A text; one line feed at its end does not count.
    [[nodiscard]] bool given() const noexcept { return !key_file.empty() || !passphrase_file.empty(); }
};

struct BackupOptions {
    std::string directory;   ///< Where backups are kept; made where it is missing, mode 0700.
    BackupKey key;           ///< Given: the backup is encrypted.
    std::uint64_t keep = 0;  ///< Whole backups kept of one database, the newest ones; 0 = all.
    bool with_json = false;  ///< A SQLite database also as JSON, which comes back exactly as well.
};

/// Where a backup stands. In machine-readable output by name; do not change the spellings.
enum class BackupState : std::uint8_t {
    whole,       ///< Its manifest is in order; verify_backup reads the rest too.
    damaged,     ///< Its manifest is missing or not as it was written.
    unfinished,  ///< It is being made, or was when its program was killed: it is no backup.
};

/// One backup, as its manifest describes it. Holds no secrets and no values of rows.
struct BackupInfo {
    std::string id;    ///< The name of its directory.
    std::string path;  ///< Of its directory.
    BackupState state = BackupState::whole;
    std::string kind;        ///< "source" and "target" (of a migration), "manual".
    std::string migration;   ///< Empty for one that was made by hand.
    std::string created_at;  ///< ISO 8601, UTC.
    /// Grows with each backup that is made in the same directory, whatever the clock says; 0 of one that an
    /// earlier version made, or whose manifest cannot be read.
    std::uint64_t number = 0;
    std::string engine;    ///< Of the database it was made of.
    std::string endpoint;  ///< Where that was, without secrets.
    /// "sqlite", "json-file", "json-directory"; "export": of a server, as JSON that comes back exactly.
    std::string form;
    bool encrypted = false;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;         ///< Of its files' content.
    std::uint64_t stored_bytes = 0;  ///< As they stand in the backup.
    std::vector<Finding> left_out;   ///< What of the database could not be taken along.
    std::string problem;             ///< What is wrong with it; empty for a whole one.
};

/// What making a backup has done.
struct CreatedBackup {
    BackupInfo backup;
    std::vector<std::string> removed;  ///< Ids of older ones that BackupOptions::keep had go.
    std::vector<Finding> findings;     ///< What could not be removed, and whether anything was left out.
    /// 0, or 5 where something could not be taken along.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

/// What reading a backup from its first byte to its last has found.
struct BackupVerification {
    BackupInfo backup;
    std::vector<std::string> problems;  ///< One line each, with the file; empty = it can be restored.
    bool content_checked = false;  ///< False: encrypted and no key was given, so only what is stored was.
    /// 0, or 4 where something is wrong.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

struct RestoreOptions {
    std::string directory;   ///< Where backups are kept, for one that is named by its id.
    BackupKey key;           ///< For an encrypted one.
    bool overwrite = false;  ///< What stands at the place gives way, in one step.
};

struct RestoreResult {
    BackupInfo backup;
    std::string endpoint;           ///< Where the database is now.
    std::vector<Finding> left_out;  ///< What the backup has not, and what of it the place could not take.
    std::string replaced;           ///< Where a directory is that stood there; empty if there was none.
    std::string
        migration;  ///< That keeps the tables which stood there, until finalize(); empty if none does.
    /// 0, or 5 where something was left out.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

MIGRATE_EXPORT std::string_view to_string(BackupState state) noexcept;

MIGRATE_NAMESPACE_END
