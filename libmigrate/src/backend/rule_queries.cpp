#include "backend/rule_queries.hpp"

#include <algorithm>
#include <utility>

namespace migrate::backend {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return "(" + out + ")";
}

class Queries {
  public:
    Queries(const Schema& schema, const RuleDialect& dialect) : m_schema(schema), m_dialect(dialect) {}

    std::vector<RuleQuery> run() {
        for (const Table& table : m_schema.tables) {
            add_row_rules(table);
            if (table.primary_key) {
                add_key(table, table.primary_key->columns, "primary key", "no two rows have the same key",
                        "");
            }
            for (const Key& key : table.unique_keys) {
                add_key(table, key.columns, "unique key", "no two rows have the same values", "");
            }
            for (const Index& index : table.indexes) {
                add_index(table, index);
            }
            for (const ForeignKey& key : table.foreign_keys) {
                if (m_dialect.checks_foreign_keys && key.validated) {
                    add_foreign_key(table, key);
                }
            }
        }
        return std::move(m_queries);
    }

  private:
    [[nodiscard]] std::string name(const std::string& name) const { return m_dialect.quote(name); }

    /// What one look at each row tells, in one pass.
    void add_row_rules(const Table& table) {
        RuleQuery query;
        const auto add = [&](const std::string& broken, const std::string& what, const std::string& rule) {
            query.sql +=
                (query.sql.empty() ? "SELECT " : ", ") + ("count(CASE WHEN " + broken + " THEN 1 END)");
            query.rules.push_back({table.name, what, rule, 0});
        };
        for (const Column& column : table.columns) {
            const std::string what = "column " + column.name;
            if (!column.nullable) {
                add(m_dialect.is_null(name(column.name)), what, "no row has NULL here");
            }
            if (column.identity && column.identity->next && column.identity->increment > 0) {
                add(name(column.name) + " >= " + std::to_string(*column.identity->next), what,
                    "the sequence gives no number again");
            }
        }
        for (const Check& check : table.checks) {
            if (check.validated) {
                add("NOT (" + check.expression + ")", "check " + check.name, "holds for every row");
            }
        }
        if (!query.rules.empty()) {
            query.sql += " FROM " + m_dialect.relation(table);
            m_queries.push_back(std::move(query));
        }
    }

    void add_key(const Table& table, const std::vector<std::string>& columns, const std::string& kind,
                 const std::string& rule, const std::string& condition) {
        std::string list;
        std::string present = condition;
        for (const std::string& column : columns) {
            list += (list.empty() ? "" : ", ") + name(column);
            present += (present.empty() ? "" : " AND ") + name(column) + " IS NOT NULL";
        }
        if (!list.empty()) {
            m_queries.push_back({"SELECT count(*) FROM (SELECT 1 AS n FROM " + m_dialect.relation(table) +
                                     " WHERE " + present + " GROUP BY " + list +
                                     " HAVING count(*) > 1) AS repeated",
                                 {{table.name, kind + " " + joined(columns), rule, 0}}});
        }
    }

    void add_index(const Table& table, const Index& index) {
        std::vector<std::string> columns;
        for (const IndexPart& part : index.parts) {
            if (part.column.empty()) {
                return;
            }
            columns.push_back(part.column);
        }
        // Where NULLs are alike, two of them are as well: the engine is believed there.
        if (index.unique && !index.nulls_not_distinct) {
            add_key(table, columns, "unique index " + index.name, "no two rows have the same values",
                    index.predicate.empty() ? "" : "(" + index.predicate + ")");
        }
    }

    void add_foreign_key(const Table& table, const ForeignKey& key) {
        const Table* parent = m_schema.find_table(key.referenced_table);
        if (parent == nullptr) {
            return;
        }
        std::vector<std::string> referenced = key.referenced_columns;
        if (referenced.empty() && parent->primary_key) {
            referenced = parent->primary_key->columns;
        }
        if (referenced.size() != key.columns.size() || referenced.empty()) {
            return;
        }
        std::string same;
        std::string present;
        for (std::size_t i = 0; i < referenced.size(); ++i) {
            const std::string child = "child." + name(key.columns[i]);
            same += (i == 0 ? "" : " AND ") + ("parent." + name(referenced[i]) + " = " + child);
            present += child + " IS NOT NULL AND ";
        }
        m_queries.push_back({"SELECT count(*) FROM " + m_dialect.relation(table) + " AS child LEFT JOIN " +
                                 m_dialect.relation(*parent) + " AS parent ON " + same + " WHERE " + present +
                                 "parent." + name(referenced[0]) + " IS NULL",
                             {{table.name, "foreign key " + joined(key.columns),
                               "each row points to one of " + parent->name.display(), 0}}});
    }

    const Schema& m_schema;
    const RuleDialect& m_dialect;
    std::vector<RuleQuery> m_queries;
};

}  // namespace

std::vector<RuleQuery> rule_queries(const Schema& schema, const RuleDialect& dialect) {
    return Queries(schema, dialect).run();
}

}  // namespace migrate::backend
