#pragma once

#include <string>

#include "backend/recorded_things.hpp"
#include "session/sqlite_session.hpp"

/// What a database consists of beside its rows, in the undo log (recorded_things.hpp).
namespace migrate::backends::sqlite::undo {

/// As they are now, without this library's own.
backend::Things things_of(const session::SqliteSession& session);

/// Writes them into the undo log, as they were before a cutover and as they are now that it is done.
/// Requires: create_tables(), the cutover's transaction.
void record_things(const session::SqliteSession& session, const std::string& migration,
                   const backend::Things& before);

/// Empty of a migration of an earlier version.
backend::RecordedThings recorded_things(const session::SqliteSession& session, const std::string& migration);

}  // namespace migrate::backends::sqlite::undo
