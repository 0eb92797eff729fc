#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "mapping/column_mapper.hpp"
#include "mapping/mapping_problems.hpp"
#include "mapping/schema_mapping.hpp"

namespace migrate::mapping {

/// The columns of a table that several are merged into: each name once, in the order in which the inputs have
/// them, with a type that holds the values of all. An input without a column gives NULL, which is told.
/// `columns` are those of mapped.inputs.
void merge_columns(const Schema& source, const std::vector<MappedColumns>& columns, MappedTable& mapped,
                   Table& table, MappingProblems& problems, std::vector<Finding>& findings);

}  // namespace migrate::mapping
