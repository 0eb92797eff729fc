#pragma once

#include "backend/target.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Throws: Error{refused} where what the cutover has made of the staged tables cannot be taken back.
void require_can_stage_again(const backend::TargetPlan& plan, const StagingNames& names);

/// The reverse of a cutover's moves, in the rollback's transaction: tables with their types and sequences go
/// back to where they were staged, and what was made on them by then is taken off. Requires: code that reads
/// them is gone; tables that were replaced stand in undone_schema().
void stage_again(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                 const StagingNames& names);

}  // namespace migrate::backends::postgresql
