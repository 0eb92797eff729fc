#pragma once

#include <string>

#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Creates the extensions of an adopted schema, in their final place: what they bring is the server's own, and columns
/// need their types from the start. Recorded, so that drop_extensions can undo it. Inside begin()'s transaction.
void create_extensions(session::PostgresqlSession& session, const backend::TargetPlan& plan);

/// Drops those that the migration created and that nothing has come to need meanwhile. Inside abandon()'s transaction.
void drop_extensions(session::PostgresqlSession& session, const std::string& migration);

}  // namespace migrate::backends::postgresql
