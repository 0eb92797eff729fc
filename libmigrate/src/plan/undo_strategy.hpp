#pragma once

#include <string>

#include <migrate/migration_plan.hpp>

namespace migrate::plan {

/// By what a migration would be undone, and why, in words that follow "because".
struct ChosenStrategy {
    RollbackStrategy strategy = RollbackStrategy::swap;
    std::string reason;
};

/// Of what the plan does to the target's tables.
ChosenStrategy strategy_of(const MigrationPlan& plan);

}  // namespace migrate::plan
