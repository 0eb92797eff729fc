#pragma once

#include <vector>

#include <migrate/schema.hpp>

#include "mapping/column_mapper.hpp"
#include "mapping/schema_mapping.hpp"

namespace migrate::mapping {

/// Gives the changed tables of a mapped schema what is still true of where they came from: the native types
/// of columns whose values stay, under the names they have now. So the way back restores types, and keeps the
/// mapping's names. `columns` are those of each mapped table's inputs.
void map_origins(const Schema& source, const std::vector<std::vector<MappedColumns>>& columns,
                 MappedSchema& mapped);

}  // namespace migrate::mapping
