#pragma once

#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/mapping_spec.hpp>
#include <migrate/schema.hpp>

#include "mapping/column_mapper.hpp"

namespace migrate::mapping {

/// Gives a mapped table of one input the keys, checks, indexes and generated columns of its source that still
/// hold, said with its names; the others are told as excluded. `out` has its columns and its name; foreign
/// keys are not looked at. `another` = the source table has been mapped before: names have to differ.
void map_constraints(const Schema& source, const Table& table, const MappedColumns& columns, bool another,
                     Table& out, std::vector<Finding>& findings);

/// Tells that a merged table has none of what its sources had.
void leave_constraints_out(const Table& table, const Table& out, std::vector<Finding>& findings);

/// A thing left out because of the mapping.
Finding excluded_by_mapping(const std::string& code, const std::string& object, const std::string& message);

}  // namespace migrate::mapping
