#pragma once

#include "backend/target.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Takes rows that the source has no more out of what is staged, with their checkpoints and dead letters. In
/// the caller's transaction, before anything is built.
void take_back(session::PostgresqlSession& session, const backend::TargetPlan& plan,
               const backend::StaleRows& stale, const StagingNames& names);

}  // namespace migrate::backends::postgresql
