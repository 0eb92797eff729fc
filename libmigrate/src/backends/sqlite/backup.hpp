#pragma once

#include <string>

#include "backend/backend.hpp"
#include "backend/backup_sink.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Copies the state that the session sees to a new file by SQLite's backup API, checks the copy and makes it
/// durable. On failure the file is removed again. Throws: Error{exists, resource, permission, locked,
/// cancelled}.
void back_up(const session::SqliteSession& from, const std::string& path,
             const backend::OpenContext& context);

/// The same as a stream. The copy stands in the scratch directory without a name meanwhile, so that a program
/// that is killed leaves no rows there.
void stream_backup(const session::SqliteSession& from, backend::BackupSink& sink,
                   const backend::OpenContext& context);

/// fsync of a file that no connection of this process has open, and of its directory.
void make_durable(const std::string& path);

}  // namespace migrate::backends::sqlite
