#pragma once

#include "backend/target.hpp"
#include "backends/postgresql/reader_sessions.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Undoes a migration that is done, in one transaction, and proves it: see backend::Target::rollback.
/// `factory` makes a session to ask whether it was committed, where the answer was lost.
RollbackResult roll_back(session::PostgresqlSession& session, const SessionFactory& factory,
                         const backend::RollbackRequest& request);

/// Writes into the undo log how what the cutover makes is taken away again. Inside its transaction, after the
/// tables are in their place. `new_schemas`: those that were made; `refused`: what the plan
/// has and create_after_move() could not make.
void log_created(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                 const std::vector<std::string>& new_schemas, const std::vector<SchemaObject>& refused);

}  // namespace migrate::backends::postgresql
