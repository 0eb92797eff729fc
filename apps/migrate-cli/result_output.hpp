#pragma once

#include <migrate/migrator.hpp>

namespace migrate::cli {

class Run;

/// Prints how a migration ended, its failure to standard error, and returns its exit code. `plan` may be
/// null.
int print_result(Run& run, const MigrationResult& result, const MigrationPlan* plan);

}  // namespace migrate::cli
