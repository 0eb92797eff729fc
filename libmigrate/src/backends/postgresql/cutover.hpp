#pragma once

#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/reader_sessions.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {

struct Shown {
    std::vector<Finding> findings;
    std::vector<backend::MergedTable> merged;
};

/// Shows what was staged, in one transaction with defaults, code objects, provenance and the marker. Tries
/// again while its locks are held by others, then throws Error{transient} and leaves the migration in state
/// "ready".
Shown run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                  const backend::TargetPlan& plan, const StagingNames& names);

}  // namespace migrate::backends::postgresql
