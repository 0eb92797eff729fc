#pragma once

#include <migrate/migration_plan.hpp>
#include <migrate/schema.hpp>

#include "mapping/conversion.hpp"
#include "mapping/row_program.hpp"

namespace migrate::plan {

/// The program of one way of a plan's table. Throws: Error{malformed} where the plan's expressions do not
/// fit its tables.
mapping::RowProgram program_of(const Table& source, const Table& target, const TablePlan& plan);

/// How what the program gives becomes what the target's columns hold. Between two engines JSON is said in the
/// normal form of a jsonb that keeps no other.
mapping::Transform transform_of(const MigrationPlan& plan, const TablePlan& table,
                                const mapping::RowProgram& program);

}  // namespace migrate::plan
