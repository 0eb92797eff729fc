#pragma once

#include "backends/json/field_tree.hpp"

namespace migrate::backends::json {

/// Adds what is known of a member to what is known of entries, as if each of its values had been one.
void merge(Field&& from, ElementProfile& into, ProfileLimits& limits);

/// The same fields in the same order, as if no object had had them yet. Requires: no entries.
FieldSet skeleton_of(const FieldSet& fields);
/// Grows with every field, object and array that is new somewhere in the set, and only so.
std::size_t structure_size(const FieldSet& fields);
bool has_entries(const FieldSet& fields);
/// As if each object that `from` has seen had been added to `into`. Requires: no entries; `from` grew out of
/// a skeleton of `into`, or of what that was before it grew, and has nothing that the skeleton had not.
void add_counts(const FieldSet& from, FieldSet& into);

}  // namespace migrate::backends::json
