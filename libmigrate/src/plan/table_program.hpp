#pragma once

#include <migrate/migration_plan.hpp>
#include <migrate/schema.hpp>

#include "mapping/row_program.hpp"

namespace migrate::plan {

/// The program of one way of a plan's table. Throws: Error{malformed} where the plan's expressions do not
/// fit its tables.
mapping::RowProgram program_of(const Table& source, const Table& target, const TablePlan& plan);

}  // namespace migrate::plan
