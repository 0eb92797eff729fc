#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

namespace migrate::verify {

/// What of `expected` is not in `found` (a catalog read back from the same engine): columns, their native
/// types and NOT NULL, keys, checks, foreign keys, indexes. `known` holds what is told already: an object
/// named in one of its left_out findings is not told twice.
std::vector<Finding> missing_in(const Schema& expected, const Schema& found,
                                const std::vector<Finding>& known);

}  // namespace migrate::verify
