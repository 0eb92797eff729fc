#pragma once

#include <vector>

#include <migrate/migration_plan.hpp>

#include "migrator/context.hpp"
#include "plan/estimate.hpp"

namespace migrate {

/// Opens both sides and plans; `past` is what the estimate is made by. Writes nothing.
MigrationPlan make_plan(const MigratorContext& context, const MigrationSource& source,
                        const MigrationTarget& target, const PlanOptions& options,
                        std::vector<plan::PastRun> past);

}  // namespace migrate
