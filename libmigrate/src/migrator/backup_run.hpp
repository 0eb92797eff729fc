#pragma once

#include <functional>
#include <string>
#include <vector>

#include <migrate/backup.hpp>
#include <migrate/endpoint.hpp>

#include "backend/source.hpp"
#include "migrator/context.hpp"

namespace migrate {

/// What a backup is made of and for.
struct BackupRequest {
    Endpoint endpoint;
    BackupOptions options;
    std::string kind;       ///< As BackupInfo.
    std::string migration;  ///< Empty for one that is made by hand.
    /// Says of a migration that it may still want its backups; may be empty.
    std::function<bool(const std::string& migration)> is_unfinished;
};

/// Makes a backup of a source that is open and pinned: its files as they are, or, of a server, its tables as
/// JSON that comes back exactly, read in a snapshot of their own. Old ones go where that is asked for.
/// Throws: Error; State on failure: no backup, and nothing of one.
CreatedBackup make_backup(const MigratorContext& context, backend::Source& source,
                          const BackupRequest& request);

/// The directory of a backup that holds a database as JSON.
inline constexpr const char* k_json_folder = "json";

/// Of a migrator that works within a call of another one: it keeps no index and no audit trail, says nothing,
/// and opens no more sessions than the call has left.
MigratorConfig quiet_config(const MigratorContext& context);

struct CarriedOver {
    std::string migration;          ///< Id; the target has a record of it.
    std::vector<Finding> left_out;  ///< What could not be taken along.
};

/// Writes the tables of a database to a new JSON directory, or those of one to a database, verified row by
/// row. Throws: Error, where anything is in the way.
CarriedOver carry_over(const MigratorContext& context, const Endpoint& from, const Endpoint& to,
                       bool overwrite);

}  // namespace migrate
