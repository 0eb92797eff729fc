#include "mapping/constraint_mapper.hpp"

#include <algorithm>
#include <utility>

namespace migrate::mapping {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

class ConstraintMapper {
  public:
    ConstraintMapper(const Schema& source, const Table& table, const MappedColumns& columns, bool another,
                     Table& out, std::vector<Finding>& findings)
        : m_table(table),
          m_columns(columns),
          m_dialect(dialect_of(source)),
          m_another(another),
          m_out(out),
          m_findings(findings) {
        for (const MappedColumn& column : columns.columns) {
            if (column.origin != k_no_column) {
                m_kept.emplace(table.columns[column.origin].name, column.column.name);
            }
        }
    }

    void run() {
        m_out.primary_key.reset();
        if (m_table.primary_key) {
            m_out.primary_key = map_key(*m_table.primary_key, "primary key");
        }
        m_out.unique_keys.clear();
        for (const Key& key : m_table.unique_keys) {
            if (auto mapped = map_key(key, "unique key")) {
                m_out.unique_keys.push_back(std::move(*mapped));
            }
        }
        map_checks();
        map_indexes();
        map_generated();
        tell_lost_defaults();
        if (!m_out.primary_key) {
            m_out.properties.erase("without_rowid");
        }
        drop_lost_identity();
    }

  private:
    void exclude(const std::string& what, const std::string& why) {
        m_findings.push_back(
            excluded_by_mapping("mapping-left-out", "table " + m_out.name.display() + ", " + what, why));
    }

    bool rename(std::vector<std::string>& columns) const {
        for (std::string& column : columns) {
            const auto it = m_kept.find(column);
            if (it == m_kept.end()) {
                return false;
            }
            column = it->second;
        }
        return true;
    }

    /// A default is a value of the source's column; one with other values has none.
    void tell_lost_defaults() {
        for (const MappedColumn& column : m_columns.columns) {
            const bool lost = column.origin != k_no_column && !column.column.default_sql &&
                              m_table.columns[column.origin].default_sql.has_value();
            if (lost) {
                exclude("default of column " + column.column.name,
                        "the mapping gives the column other values");
            }
        }
    }

    [[nodiscard]] std::string own_name(const std::string& name) const {
        return m_another && !name.empty() ? m_out.name.name + "_" + name : name;
    }

    std::optional<Key> map_key(Key key, const std::string& what) {
        const std::string columns = joined(key.columns);
        if (!rename(key.columns)) {
            exclude(what + " (" + columns + ")", "the mapping leaves a column of it out");
            return std::nullopt;
        }
        key.native_sql.clear();
        key.name = own_name(key.name);
        return key;
    }

    void map_checks() {
        m_out.checks.clear();
        for (Check check : m_table.checks) {
            if (mentions(check.expression, m_columns.gone, m_dialect)) {
                exclude("check " + (check.name.empty() ? check.expression : check.name),
                        "the mapping leaves a column of it out or changes its values");
                continue;
            }
            check.expression = rename_in_sql(check.expression, m_columns.names, m_dialect);
            m_out.checks.push_back(std::move(check));
        }
    }

    void map_indexes() {
        m_out.indexes.clear();
        for (Index index : m_table.indexes) {
            if (!map_index(index)) {
                exclude("index " + index.name, "the mapping leaves a column of it out or changes its values");
                continue;
            }
            index.native_sql.clear();
            // Which of them call code is known by their names.
            if (!m_table.properties.contains("indexes_call_code")) {
                index.name = own_name(index.name);
            }
            m_out.indexes.push_back(std::move(index));
        }
    }

    bool map_index(Index& index) const {
        bool whole = rename(index.included) && !mentions(index.predicate, m_columns.gone, m_dialect);
        index.predicate = rename_in_sql(index.predicate, m_columns.names, m_dialect);
        for (IndexPart& part : index.parts) {
            if (part.column.empty()) {
                whole = whole && !mentions(part.expression, m_columns.gone, m_dialect);
                part.expression = rename_in_sql(part.expression, m_columns.names, m_dialect);
                continue;
            }
            const auto it = m_kept.find(part.column);
            whole = whole && it != m_kept.end();
            part.column = it == m_kept.end() ? part.column : it->second;
        }
        return whole;
    }

    /// A generated column whose sources are gone keeps its values, as a plain one.
    void map_generated() {
        for (Column& column : m_out.columns) {
            if (!column.generated) {
                continue;
            }
            if (mentions(column.generated->expression, m_columns.gone, m_dialect)) {
                exclude("expression of column " + column.name,
                        "the mapping leaves out or changes what it is generated from; its values are copied");
                column.generated.reset();
            } else {
                column.generated->expression =
                    rename_in_sql(column.generated->expression, m_columns.names, m_dialect);
            }
        }
    }

    /// Numbers are handed out for a column that is what it was; a second table has a sequence of its own.
    void drop_lost_identity() {
        for (Column& column : m_out.columns) {
            if (column.identity && m_another) {
                column.identity->sequence.clear();
            }
            if (column.identity && column.identity->kind == IdentityValue::Kind::rowid &&
                !m_out.primary_key) {
                column.identity.reset();
            }
        }
    }

    const Table& m_table;
    const MappedColumns& m_columns;
    Dialect m_dialect;
    bool m_another;
    Table& m_out;
    std::vector<Finding>& m_findings;
    ColumnNames m_kept;  ///< Source name → name in the mapped table, of all columns that are still there.
};

}  // namespace

Finding excluded_by_mapping(const std::string& code, const std::string& object, const std::string& message) {
    return {Severity::excluded, code, object, message, {}, 0};
}

void map_constraints(const Schema& source, const Table& table, const MappedColumns& columns, bool another,
                     Table& out, std::vector<Finding>& findings) {
    ConstraintMapper(source, table, columns, another, out, findings).run();
}

void leave_constraints_out(const Table& table, const Table& out, std::vector<Finding>& findings) {
    const auto exclude = [&](const std::string& what) {
        Finding finding = excluded_by_mapping(
            "mapping-left-out", "table " + table.name.display() + ", " + what,
            "its rows are merged with others into " + out.name.display() + ", where it need not hold");
        findings.push_back(std::move(finding));
    };
    if (table.primary_key) {
        exclude("primary key (" + joined(table.primary_key->columns) + ")");
    }
    for (const Key& key : table.unique_keys) {
        exclude("unique key (" + joined(key.columns) + ")");
    }
    for (const Check& check : table.checks) {
        exclude("check " + (check.name.empty() ? check.expression : check.name));
    }
    for (const Index& index : table.indexes) {
        exclude("index " + index.name);
    }
}

}  // namespace migrate::mapping
