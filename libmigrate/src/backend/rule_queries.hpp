#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

namespace migrate::backend {

/// A rule of a schema that rows of its own database break.
struct BrokenRule {
    QualifiedName table;
    std::string what;        ///< "primary key (id)".
    std::string rule;        ///< What each row should be, for people.
    std::uint64_t rows = 0;  ///< That are not, or values that several rows have.

    /// "table album, primary key (id)".
    [[nodiscard]] std::string object() const { return "table " + table.display() + ", " + what; }
};

/// One SELECT that counts, a column of its one row for each rule.
struct RuleQuery {
    std::string sql;
    std::vector<BrokenRule> rules;  ///< With rows = 0.
};

/// How an engine says what the queries are made of.
struct RuleDialect {
    std::function<std::string(const std::string& name)> quote;
    /// Of a quoted column, in words that the engine does not answer from its declaration.
    std::function<std::string(const std::string& column)> is_null;
    /// What follows FROM for a table alone, and with no index used where the engine can be told so.
    std::function<std::string(const Table& table)> relation;
    bool checks_foreign_keys = true;  ///< False: the engine has a way of its own.
};

/// The queries that count the rows that break what the tables declare: NOT NULL, checks, keys, unique
/// indexes, foreign keys within the schema, and numbers that a column's sequence would give once more. What
/// is declared NOT VALID is passed over, as are keys of expressions. Requires: the expressions are the
/// engine's.
std::vector<RuleQuery> rule_queries(const Schema& schema, const RuleDialect& dialect);

}  // namespace migrate::backend
