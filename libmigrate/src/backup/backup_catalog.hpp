#pragma once

#include <functional>
#include <string>
#include <vector>

#include <migrate/backup.hpp>

#include "backup/manifest.hpp"

namespace migrate::backup {

/// What a backup is, by its manifest.
BackupInfo info_of(const std::string& path, const Manifest& manifest);

/// All that stands in a directory of backups, the newest first: whole ones, damaged ones, and those that were
/// never finished. Which is newer their numbers tell, not the clock; where there is none, the time in the
/// name. What is no backup is passed over; no directory has none.
std::vector<BackupInfo> list(const std::string& directory);

/// The number of the next backup that is made there.
std::uint64_t next_number(const std::string& directory);

/// The path of a backup that is named by its path, its id or the beginning of it, or its migration's.
/// Throws: Error{not_found}; Error{usage} where several are meant.
std::string find(const std::string& directory, const std::string& backup);

/// What retention took away, and what it could not.
struct Removal {
    std::vector<std::string> removed;   ///< Ids.
    std::vector<std::string> problems;  ///< One line each.
};

/// What killed programs have left goes. Returns what could not be removed, one line each. Never throws.
std::vector<std::string> clear_unfinished(const std::string& directory) noexcept;

/// Of whole backups of the same database and kind as `newest` all but the `keep` newest go. 0 keeps all.
/// `is_needed` (may be empty) says that a migration may still want its backups. Never throws: the backup that
/// was just made is good whatever becomes of the others.
Removal remove_old(const std::string& directory, const BackupInfo& newest, std::uint64_t keep,
                   const std::function<bool(const std::string& migration)>& is_needed) noexcept;

}  // namespace migrate::backup
