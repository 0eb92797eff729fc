#pragma once

#include <string>

#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>

namespace migrate::test {

/// One migration by the library's own facade.
struct Leg {
    MigrationPlan plan;
    MigrationResult result;
    std::string error;     ///< Not empty: it threw.
    bool refused = false;  ///< By the plan's blockers.
};

Leg migrate_once(const Endpoint& from, const Endpoint& to, const PlanOptions& options);

}  // namespace migrate::test
