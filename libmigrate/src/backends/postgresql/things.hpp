#pragma once

#include <string>
#include <vector>

#include "backend/recorded_things.hpp"
#include "backend/target.hpp"
#include "backends/postgresql/in_place.hpp"
#include "session/postgresql_session.hpp"

/// What a database consists of beside its rows, in the undo log (recorded_things.hpp).
namespace migrate::backends::postgresql::undo {

/// The schemas in which a migration makes or changes something.
std::vector<std::string> touched_schemas(const Schema& schema);

/// Those of the schemas as they are now, but for what is to be left out.
backend::Things things_in(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
                          const MadeInPlace& left_out = {});

/// Writes them into the undo log, as they are before a cutover (without what the migration itself has made in
/// place by then, which its undo takes away) and once it is done. Requires:
/// create_tables(), the cutover's transaction.
void record_things_before(session::PostgresqlSession& session, const std::string& migration,
                          const std::vector<std::string>& schemas);
void record_things_after(session::PostgresqlSession& session, const std::string& migration,
                         const std::vector<std::string>& schemas);

/// Empty of a migration of an earlier version.
backend::RecordedThings recorded_things(session::PostgresqlSession& session, const std::string& migration);

}  // namespace migrate::backends::postgresql::undo
