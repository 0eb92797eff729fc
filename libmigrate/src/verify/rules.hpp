#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/run_record.hpp>
#include <migrate/schema.hpp>
#include <migrate/verification.hpp>

#include "backend/source.hpp"

namespace migrate::verify {

/// Rules of its own schema that the rows of `side` break, but for those that `told` tells as left out.
std::vector<SchemaDifference> broken_rules(backend::Source& side, const Schema& schema,
                                           const std::vector<Finding>& told);

/// One side of a comparison.
struct RuledSide {
    backend::Source& source;
    const Schema& schema;
};

/// Rules that the rows of `target` break, but for those that as many rows of `source` break as well.
std::vector<SchemaDifference> rules_broken_since(const RuledSide& source, const RuledSide& target);

/// Of which kinds the rules are that are counted on a schema's rows, and how many of each.
std::vector<RuleCount> count_rules(const Schema& schema);

/// What `found` has and `expected` has not, object by object of the tables of both.
std::vector<SchemaDifference> unexpected_in(const Schema& expected, const Schema& found);

}  // namespace migrate::verify
