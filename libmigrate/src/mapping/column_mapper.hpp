#pragma once

#include <string>
#include <vector>

#include <migrate/mapping_spec.hpp>
#include <migrate/schema.hpp>

#include "mapping/mapping_problems.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/sql_names.hpp"

namespace migrate::mapping {

/// One column on its way into a mapped table.
struct MappedColumn {
    Column column;  ///< With its new name and type.
    ColumnSource source;
    std::size_t origin = k_no_column;  ///< The source's column that it stands for, with its values
                                       ///< or others.
    bool made = false;                 ///< Its type is no source column's.
};

/// The columns that one source table gives to a mapped one.
struct MappedColumns {
    std::vector<MappedColumn> columns;
    ColumnNames names;  ///< Of those whose values stay: source name → new name.
    ColumnNames gone;   ///< Those left out, or with other values: source name → why.
    bool changed = false;
};

/// `entry` may be null: all columns as they are.
MappedColumns map_columns(const Table& source, const TableMapping* entry, MappingProblems& problems);

/// A value as the language writes it.
std::string expression_of(const MappingValue& value);

}  // namespace migrate::mapping
