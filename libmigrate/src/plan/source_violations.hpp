#pragma once

#include <migrate/migration_plan.hpp>

#include "backend/capabilities.hpp"

namespace migrate::plan {

/// Weighs what the source says of rows that break its own keys and checks (codes that end in "-at-source") by
/// what the target and the policies do with those: what stops the run is a blocker, what the target has no
/// rule for is not said. Requires: the plan's tables and the findings of both sides.
void weigh_violations(MigrationPlan& plan, const backend::Capabilities& can);

}  // namespace migrate::plan
