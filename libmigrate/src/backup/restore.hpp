#pragma once

#include <stop_token>
#include <string>

#include "backup/backup_key.hpp"
#include "backup/backup_reader.hpp"

namespace migrate::backup {

/// Puts the files of a backup to a path, in one step: they stand beside it under another name until all are
/// there, durable and known to be what was backed up. A single file becomes the path itself, several a
/// directory, whose name within the backup (`folder`) is taken off. What stands at the path gives way only
/// where `overwrite`. Throws: Error{exists}; Error{differs} for a damaged backup; State on failure: as
/// before.
void restore_files(const BackupReader& from, const BackupKeys* keys, const std::string& folder,
                   bool as_directory, const std::string& path, bool overwrite, const std::stop_token& stop);

}  // namespace migrate::backup
