#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "backup/backup_key.hpp"
#include "backup/backup_reader.hpp"

namespace migrate::backup {

/// Where the files of a backup go.
struct RestorePlace {
    std::string folder;         ///< Within the backup: whose files, with its name taken off.
    bool as_directory = false;  ///< Else there is one file, which becomes the path itself.
    std::string path;
    bool overwrite = false;       ///< What stands at the path gives way, if it is of the same kind.
    std::function<void()> check;  ///< Throws where the place cannot be taken; asked again just before it is.
};

/// Puts the files of a backup to a place, in one step: they stand beside it under another name until all are
/// there, durable and known to be what was backed up. A directory that gives way stays beside the place:
/// returns its path, empty where nothing was kept. Throws: Error{exists}; Error{differs} for a damaged
/// backup; State on failure: as before.
std::string restore_files(const BackupReader& from, const BackupKeys* keys, const RestorePlace& place,
                          const std::stop_token& stop);

}  // namespace migrate::backup
