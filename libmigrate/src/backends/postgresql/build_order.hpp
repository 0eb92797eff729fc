#pragma once

#include <vector>

#include <migrate/schema.hpp>

#include "backend/target.hpp"

namespace migrate::backends::postgresql {

/// Keys, checks, foreign keys, sequences and statistics of the staged tables, in an order that works one
/// after another; each step names those that it has to come after where several run at a time.
std::vector<backend::BuildStep> build_steps_of(const Schema& schema);

/// True for a key whose rows are in their place only after the merge.
bool points_to_loaded(const Schema& schema, const ForeignKey& key);

/// True where foreign keys are added first and their rows checked by a step of its own. Partitioned tables
/// cannot have a key that is not validated.
bool is_validated_apart(const Table& table);

}  // namespace migrate::backends::postgresql
