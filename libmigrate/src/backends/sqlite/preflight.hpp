#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

/// What would stop a migration into a SQLite file, looked for without writing anything.
namespace migrate::backends::sqlite {

/// The file that an endpoint means; of a borrowed session its file. Throws: Error{unsupported} for a database
/// in memory, which a staging file cannot become.
std::string target_path(const Endpoint& endpoint);

/// Throws: Error{refused, corrupt, not_found, permission} for a path that can be no target at all: a
/// directory, another kind of file, a hot journal, no directory to be in, side files of a database that is
/// gone.
void require_usable_target(const std::string& path);

/// Throws: Error{refused} where a write-ahead log or journal of another database lies beside the place of a
/// new one: SQLite would take it for the new one's and show what is in it.
void refuse_leftovers(const std::string& path);

/// Tables and views, without this library's own.
std::vector<QualifiedName> list_user_tables(const session::SqliteSession& session);

/// Permissions and space. `bytes` is what the rows are expected to take.
std::vector<Finding> check_place(const std::string& path, std::uint64_t bytes, bool exists);

/// Tables, indexes, views and triggers of the plan that are there already, and whether it can be written to.
std::vector<Finding> check_collisions(const session::SqliteSession& session, const Schema& schema);

}  // namespace migrate::backends::sqlite
