#pragma once

#include <migrate/migration_plan.hpp>

namespace migrate::plan {

/// Rows, bytes, disk and time of a plan whose tables are set. A dry run writes nothing, so the rates are
/// assumed; the basis says so.
Estimates estimate(const MigrationPlan& plan);

}  // namespace migrate::plan
