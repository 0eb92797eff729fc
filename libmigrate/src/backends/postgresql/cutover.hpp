#pragma once

#include <vector>

#include "backend/staged_digests.hpp"
#include "backend/target.hpp"
#include "backends/postgresql/reader_sessions.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {

struct Shown {
    std::vector<Finding> findings;
    std::vector<backend::MergedTable> merged;
};

/// Writes the digests that verification has found into the undo log: what a rollback compares with. They have
/// to be what the tables hold when they are shown. Inside the caller's transaction.
void log_verified(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                  const backend::StagedDigests& digests);

/// Shows what was staged, in one transaction with defaults, code objects, provenance and the marker. Tries
/// again while its locks are held by others, then throws Error{transient} and leaves the migration in state
/// "ready". Throws: Error{differs} where what log_verified() has recorded, unless that was `just_verified`,
/// is no longer what is staged.
Shown run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                  const backend::TargetPlan& plan, const StagingNames& names, const backend::Account& account,
                  bool just_verified);

}  // namespace migrate::backends::postgresql
