#include "plan/undo_strategy.hpp"

#include <algorithm>
#include <array>
#include <utility>

MIGRATE_NAMESPACE_BEGIN
namespace {

constexpr std::array<std::pair<RollbackStrategy, std::string_view>, 4> k_spellings{{
    {RollbackStrategy::swap, "swap"},
    {RollbackStrategy::revert, "revert"},
    {RollbackStrategy::restore, "restore"},
    {RollbackStrategy::schema_only, "schema-only"},
}};

}  // namespace

std::string_view to_string(RollbackStrategy strategy) noexcept {
    for (const auto& [value, text] : k_spellings) {
        if (value == strategy) {
            return text;
        }
    }
    return {};
}

std::optional<RollbackStrategy> parse_rollback_strategy(std::string_view name) noexcept {
    for (const auto& [value, text] : k_spellings) {
        if (text == name) {
            return value;
        }
    }
    return std::nullopt;
}

MIGRATE_NAMESPACE_END

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
