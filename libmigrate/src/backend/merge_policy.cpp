#include "backend/merge_policy.hpp"

#include <algorithm>

namespace migrate::backend {
namespace {

bool all_have_sources(const Table& table, const Key& key, bool may_be_null) {
    return std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
        const Column* column = table.find_column(name);
        return column != nullptr && !column->hidden && !column->generated &&
               (may_be_null || !column->nullable);
    });
}

}  // namespace

bool loads_any(const Schema& schema) {
    return std::any_of(schema.tables.begin(), schema.tables.end(),
                       [](const Table& table) { return table.placement == Placement::load; });
}

bool triggers_fire(const TargetPlan& plan) {
    return !plan.disable_triggers &&
           std::any_of(plan.schema.tables.begin(), plan.schema.tables.end(), [](const Table& table) {
               return table.placement == Placement::load && table.properties.contains("user_triggers");
           });
}

std::vector<std::string> merge_key(const Table& table) {
    // A primary key tells its rows apart, however a catalog declares its columns.
    if (table.primary_key && all_have_sources(table, *table.primary_key, true)) {
        return table.primary_key->columns;
    }
    for (const Key& key : table.unique_keys) {
        if (all_have_sources(table, key, false)) {
            return key.columns;
        }
    }
    return {};
}

ConflictHandling conflict_policy(const TargetPlan& plan, const Table& table) {
    const Column* newest = table.find_column(plan.newest_column);
    const bool untold =
        plan.on_conflict == ConflictHandling::keep_newest && (newest == nullptr || newest->hidden);
    return untold || plan.on_conflict == ConflictHandling::refuse ? ConflictHandling::stop : plan.on_conflict;
}

bool overwrites(const TargetPlan& plan, const Table& table) {
    const ConflictHandling policy = conflict_policy(plan, table);
    return policy == ConflictHandling::overwrite || policy == ConflictHandling::keep_newest;
}

}  // namespace migrate::backend
