#include "mapping/table_merge.hpp"

#include <algorithm>
#include <optional>

#include "mapping/row_compiler.hpp"

namespace migrate::mapping {
namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

/// Nullopt where the values of one would have to change.
std::optional<LogicalType> merged_type(const LogicalType& a, const LogicalType& b) {
    if (a == b) {
        return a;
    }
    if (is_integer(a.kind) && is_integer(b.kind)) {
        return a.kind > b.kind ? a : b;
    }
    const bool a_exact = is_integer(a.kind) || a.kind == TypeKind::decimal;
    const bool b_exact = is_integer(b.kind) || b.kind == TypeKind::decimal;
    if (a_exact && b_exact) {
        return LogicalType(TypeKind::decimal);
    }
    if (a.kind == b.kind && a.kind == TypeKind::text) {
        return LogicalType(TypeKind::text);
    }
    const auto is_float = [](TypeKind kind) {
        return kind == TypeKind::float32 || kind == TypeKind::float64;
    };
    if (is_float(a.kind) && is_float(b.kind)) {
        return LogicalType(TypeKind::float64);
    }
    return std::nullopt;
}

const MappedColumn* find(const MappedColumns& columns, const std::string& name) {
    const auto it = std::find_if(columns.columns.begin(), columns.columns.end(),
                                 [&](const MappedColumn& column) { return column.column.name == name; });
    return it == columns.columns.end() ? nullptr : &*it;
}

class TableMerge {
  public:
    TableMerge(const Schema& source, const std::vector<MappedColumns>& columns, MappedTable& mapped,
               Table& table, MappingProblems& problems, std::vector<Finding>& findings)
        : m_source(source),
          m_columns(columns),
          m_mapped(mapped),
          m_table(table),
          m_problems(problems),
          m_findings(findings) {}

    void run() {
        for (const MappedColumns& input : m_columns) {
            for (const MappedColumn& column : input.columns) {
                if (m_table.find_column(column.column.name) == nullptr) {
                    add_column(column.column.name);
                }
            }
        }
    }

  private:
    [[nodiscard]] const std::string& source_name(std::size_t input) const {
        return m_source.tables[m_mapped.inputs[input].source].name.name;
    }

    void add_column(const std::string& name) {
        std::optional<Column> merged;
        bool made = false;
        std::size_t first = 0;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const MappedColumn* column = find(m_columns[i], name);
            if (column == nullptr) {
                continue;
            }
            made = made || column->made;
            if (!merged) {
                merged = column->column;
                first = i;
            } else {
                made = join(*merged, column->column, first, i) || made;
            }
        }
        merged->identity.reset();
        merged->generated.reset();
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const MappedColumn* column = find(m_columns[i], name);
            m_mapped.inputs[i].columns.push_back(column == nullptr ? nothing(*merged, i) : column->source);
        }
        if (made) {
            merged->native_type.clear();
            merged->format.clear();
            merged->properties.clear();
        }
        m_table.columns.push_back(std::move(*merged));
        m_mapped.made.push_back(made);
    }

    /// True when the native spelling no longer says what both are.
    bool join(Column& merged, const Column& other, std::size_t first, std::size_t input) {
        const auto type = merged_type(merged.type, other.type);
        if (!type) {
            m_problems.add(m_mapped.at,
                           "column " + other.name + " of the merged table " + m_table.name.display() +
                               " is " + to_string(merged.type) + " in " + source_name(first) + " and " +
                               to_string(other.type) + " in " + source_name(input),
                           "give both entries one `type` for it");
            return true;
        }
        const bool same = merged.native_type == other.native_type && merged.format == other.format &&
                          merged.type == other.type;
        merged.type = *type;
        merged.nullable = merged.nullable || other.nullable;
        if (merged.default_sql != other.default_sql) {
            merged.default_sql.reset();
        }
        if (merged.collation != other.collation) {
            merged.collation.clear();
        }
        return !same;
    }

    ColumnSource nothing(Column& merged, std::size_t input) {
        merged.nullable = true;
        m_findings.push_back({Severity::note,
                              "merged-without-value",
                              "table " + m_table.name.display() + ", column " + merged.name,
                              "is NULL for the rows of " + source_name(input) + ", which has no such column",
                              {},
                              0});
        return {k_no_column, "null"};
    }

    const Schema& m_source;
    const std::vector<MappedColumns>& m_columns;
    MappedTable& m_mapped;
    Table& m_table;
    MappingProblems& m_problems;
    std::vector<Finding>& m_findings;
};

}  // namespace

void merge_columns(const Schema& source, const std::vector<MappedColumns>& columns, MappedTable& mapped,
                   Table& table, MappingProblems& problems, std::vector<Finding>& findings) {
    TableMerge(source, columns, mapped, table, problems, findings).run();
}

}  // namespace migrate::mapping
