#pragma once

#include <string>

#include <migrate/migration_plan.hpp>

#include "backend/target.hpp"

namespace migrate::plan {

/// Settles what becomes of the tables that the target has already, by the plan's options: its adopted tables
/// (`source` is what they were made of, table by table) get their placement, and where rows are loaded the
/// target's own columns and keys. Adds findings, and drops those about definitions that are not made.
void settle_existing(backend::Target& target, const Schema& source, MigrationPlan& plan);

/// Code of the finding that a table can be loaded into, and not rolled back by the same role.
inline constexpr const char* k_cannot_undo_code = "cannot-undo";

/// How the plan's migration can be undone, in one line.
std::string rollback_line(const MigrationPlan& plan);

/// One line for each table that is there already.
std::vector<std::string> existing_lines(const MigrationPlan& plan);

}  // namespace migrate::plan
