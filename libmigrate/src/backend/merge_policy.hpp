#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"

namespace migrate::backend {

/// Table::properties of an existing table beside those of target.hpp: what its definition was when the plan
/// was made, as opaque text that is compared whole under the cutover's lock.
inline constexpr const char* k_existing_state = "existing_state";

/// True where a table of the schema is there already and takes rows.
bool loads_any(const Schema& schema);

/// Whether the target's triggers will fire for rows that are loaded.
bool triggers_fire(const TargetPlan& plan);

/// The columns by which a staged row is the same as one that is there: the primary key, else a unique key
/// that no row can leave out by a NULL; empty where no such key has a source for all its columns.
std::vector<std::string> merge_key(const Table& table);

/// What becomes of a row whose key the table has. A table that was empty when the plan was made may lack the
/// column that tells which is newer: then a key that has come to be there since stops the merge, as it does
/// where nothing was said.
ConflictHandling conflict_policy(const TargetPlan& plan, const Table& table);

/// True where rows that are there give way.
bool overwrites(const TargetPlan& plan, const Table& table);

}  // namespace migrate::backend
