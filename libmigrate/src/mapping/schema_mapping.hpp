#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/mapping_spec.hpp>
#include <migrate/schema.hpp>

#include "mapping/row_program.hpp"

namespace migrate::mapping {

/// Where one column of a mapped table comes from, for one of its inputs.
struct ColumnSource {
    std::size_t source = k_no_column;  ///< Index into the source table's columns; else made by:
    std::string expression;
};

/// One source table's rows on their way into a mapped table.
struct TableInput {
    std::size_t source = 0;  ///< Index into the source schema's tables.
    std::string where;
    std::vector<ColumnSource> columns;  ///< One per column of the mapped table.
};

struct MappedTable {
    std::vector<TableInput> inputs;  ///< At least one.
    /// Per column: its type is not that of a source column, so that nothing native can be said of it.
    std::vector<bool> made;
    SourcePosition at;     ///< Of its entry; line 0 = it has none.
    bool changed = false;  ///< It is not the source's table as it stands.
};

/// A source's schema as the mapping has it, still in the source's terms: before the target's names and types.
struct MappedSchema {
    Schema schema;
    std::vector<MappedTable> tables;  ///< One per table of the schema.
    std::vector<Finding> findings;    ///< What the mapping leaves out, by name.
    std::vector<std::size_t> order;   ///< Tables to be loaded first.
};

/// Looks for names that the source does not have, entries that are never used and such that contradict each
/// other; the source's columns need not have their final types. Throws: Error{usage} that names all of it,
/// with places.
void check_mapping(const MappingSpec& spec, const Schema& source);

/// Requires: check_mapping has passed. Throws: Error{usage} for expressions that do not fit the columns'
/// types, and tables that cannot be merged.
MappedSchema map_schema(const MappingSpec& spec, const Schema& source);

/// The table that an entry of a mapping means, by its name or its name with schema; nullptr if there is none.
const Table* find_mapped_source(const MappingText& from, const Schema& source);

/// "a.b" as a name at a source that has schemas.
QualifiedName mapped_name(const TableMapping& entry, const Table& source);

}  // namespace migrate::mapping
