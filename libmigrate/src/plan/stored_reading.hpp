#pragma once

#include <migrate/migration_plan.hpp>

#include "mapping/schema_mapping.hpp"

namespace migrate::plan {

/// A source's column that is read as a moment, a number or a UUID, but goes to a column of text that is
/// there, or to its own engine with values that the reading would spell anew, is to be read as it is stored.
/// Changes such columns of the plan's source; true where there were any, so that the target's schema has to
/// be made again. Columns that the mapping computes with keep their reading, and are reported.
bool read_as_stored(const mapping::MappedSchema& mapped, MigrationPlan& plan);

/// How columns are stored is of no use once they have their readings, and no part of what a target remembers.
void forget_stored_forms(MigrationPlan& plan);

}  // namespace migrate::plan
