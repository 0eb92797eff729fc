#pragma once

#include "backends/json/field_tree.hpp"

namespace migrate::backends::json {

/// Adds what is known of a member to what is known of entries, as if each of its values had been one.
void merge(Field&& from, ElementProfile& into, ProfileLimits& limits);

}  // namespace migrate::backends::json
