#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/select_statement.hpp"

namespace migrate::backends::postgresql {

/// A column of a table, view or subquery as a query sees it.
struct QueryColumn {
    std::string name;  ///< As SQLite calls it.
    Column source;
    Column target;  ///< Its name is the one at the target.
};

/// A table, view or subquery of FROM.
struct QueryTable {
    std::string alias;  ///< As SQLite calls it.
    std::string sql;    ///< Its name, or its query in parentheses.
    std::vector<QueryColumn> columns;
    std::vector<std::string> merged;  ///< Columns of USING, which the table before stands for.
};

/// A query in PostgreSQL's SQL, with what its columns are.
struct TranslatedQuery {
    std::string sql;
    std::vector<QueryColumn> columns;
};

/// Says SQLite's SELECTs in PostgreSQL's SQL where they provably give the same rows. One for each view; the
/// first refusal is kept.
class SqliteQueryTranslator {
  public:
    using Relations = std::map<std::string, QueryTable>;  ///< By name in lower case.

    explicit SqliteQueryTranslator(const Relations& relations) : m_relations(relations) {}

    /// `names`: what SQLite calls the columns of the result. Nullopt where it has no equal.
    std::optional<TranslatedQuery> translate(const model::SelectStatement& statement,
                                             const std::vector<std::string>& names);
    [[nodiscard]] const std::string& why_not() const { return m_why_not; }

  private:
    /// One SELECT while it is translated.
    struct Scope {
        std::vector<QueryTable> tables;
        std::vector<Expression> results;   ///< Stars replaced.
        std::vector<std::string> aliases;  ///< Of results, as spelled; empty if none.
        std::vector<Expression> groups;
        bool grouped = false;
    };
    struct Sql {
        std::string sql;
        Value value;
        bool plain = false;  ///< A column by itself.
    };

    // sqlite_view.cpp
    TranslatedQuery query(const model::SelectStatement& statement, const std::vector<std::string>& names,
                          const Relations& outer);
    TranslatedQuery core(const model::SelectCore& core, const model::SelectStatement* whole,
                         const std::vector<std::string>& names, const Relations& relations);
    std::string from(const model::SelectCore& core, Scope& scope, const Relations& relations);
    QueryTable from_term(const model::FromTerm& term, const Relations& relations);
    std::string join_condition(const model::FromTerm& term, Scope& scope);
    void expand_results(const model::SelectCore& core, Scope& scope);
    std::string grouping(const model::SelectCore& core, Scope& scope);
    std::string ordering(const std::vector<model::OrderTerm>& terms, const Scope& scope,
                         const std::vector<QueryColumn>* results);
    void combine(TranslatedQuery& left, TranslatedQuery right, model::CompoundOperator op);

    // sqlite_view_scope.cpp
    Sql evaluate(const Expression& e, const Scope& scope, bool aggregates);
    std::string condition(const Expression& e, const Scope& scope, bool aggregates);
    [[nodiscard]] std::optional<model::ColumnPair> find(const Scope& scope, std::string_view qualifier,
                                                        std::string_view name) const;
    /// The tree with its columns by table and name, aliases replaced by what they stand for.
    Expression resolved(const Expression& e, const Scope& scope);
    Expression resolved_children(const Expression& e, const Scope& scope);
    static bool is_grouped(const Expression& e, const Scope& scope);
    QueryColumn described(const std::string& name, const Sql& sql);
    std::string key(const Sql& sql, bool ordering);
    void refuse(const std::string& why);
    [[nodiscard]] bool refused() const { return !m_why_not.empty(); }

    const Relations& m_relations;
    std::string m_why_not;
    int m_subqueries = 0;
};

}  // namespace migrate::backends::postgresql
