#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

#include "backend/source.hpp"

namespace migrate::verify {

/// Rules of its own schema that the rows of `side` break, but for those that `told` tells as left out, and
/// those that `known` has in the same number.
std::vector<SchemaDifference> broken_rules(backend::Source& side, const Schema& schema,
                                           const std::vector<backend::BrokenRule>& known,
                                           const std::vector<Finding>& told);

/// What `found` has and `expected` has not, object by object of the tables of both.
std::vector<SchemaDifference> unexpected_in(const Schema& expected, const Schema& found);

}  // namespace migrate::verify
