#pragma once

#include <vector>

#include <migrate/migration_plan.hpp>

#include "backend/target.hpp"
#include "migrator/remaining_time.hpp"

namespace migrate {

/// What the plan's estimates say of a run of it.
RunForecast forecast_of(const MigrationPlan& plan);

/// What the steps of building keys and indexes cost beside each other: as many rows as each looks at.
PhaseWork work_of(const MigrationPlan& plan, const std::vector<backend::BuildStep>& steps);

}  // namespace migrate
