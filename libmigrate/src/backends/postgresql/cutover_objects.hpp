#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// What is made in the cutover's transaction once everything has its final name: policies, settings,
/// defaults, owners and privileges, code, comments. What the server refuses is left out and found, and with
/// it what describes it. Returns the code that was refused: what bears its name, if anything does, is
/// another's.
std::vector<SchemaObject> create_after_move(session::PostgresqlSession& session, const Schema& schema,
                                            std::vector<Finding>& findings);

/// The same as SQL, for --show-sql.
std::vector<std::string> after_move_statements(const Schema& schema);

}  // namespace migrate::backends::postgresql
