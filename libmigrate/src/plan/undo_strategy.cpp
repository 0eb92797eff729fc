#include "plan/undo_strategy.hpp"

#include <algorithm>

namespace migrate::plan {

ChosenStrategy strategy_of(const MigrationPlan& plan) {
    const auto any = [&](Placement placement) {
        return std::any_of(plan.target.tables.begin(), plan.target.tables.end(),
                           [&](const Table& table) { return table.placement == placement; });
    };
    if (any(Placement::load)) {
        return {RollbackStrategy::revert, "rows go into tables that are there, where nothing is put aside"};
    }
    if (any(Placement::replace)) {
        return {RollbackStrategy::swap, "the tables that give way are kept aside whole"};
    }
    const bool has_rows = std::any_of(plan.tables.begin(), plan.tables.end(),
                                      [](const TablePlan& table) { return table.rows > 0; });
    if (!has_rows && !plan.target.tables.empty()) {
        return {RollbackStrategy::schema_only, "definitions are made, and no rows"};
    }
    return {RollbackStrategy::swap, "all that is made is new, and nothing gives way to it"};
}

}  // namespace migrate::plan
