#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/expression.hpp>

namespace migrate::model {

struct SelectStatement;

/// One column of a result: an expression, or a star.
struct ResultColumn {
    Expression expression;
    std::string alias;  ///< Empty if none.
    bool star = false;
    std::string star_table;  ///< "t" of t.*; empty = all.
};

enum class JoinKind : std::uint8_t { first, cross, inner, left, right, full };

/// A table, view or subquery in FROM, and how it is joined to what stands before it.
struct FromTerm {
    JoinKind join = JoinKind::first;
    std::string schema;
    std::string name;   ///< Empty for a subquery.
    std::string alias;  ///< Empty if none.
    std::shared_ptr<const SelectStatement> subquery;
    std::optional<Expression> on;
    std::vector<std::string> using_columns;
};

struct SelectCore {
    bool distinct = false;
    std::vector<ResultColumn> columns;
    std::vector<FromTerm> from;
    std::optional<Expression> where;
    std::vector<Expression> group_by;
    std::optional<Expression> having;
};

enum class CompoundOperator : std::uint8_t { union_all, union_distinct, intersect, except };

struct OrderTerm {
    Expression expression;
    bool descending = false;
    std::optional<bool> nulls_first;
};

struct CommonTable {
    std::string name;
    std::vector<std::string> columns;  ///< Empty = as the query names them.
    std::shared_ptr<const SelectStatement> query;
};

/// A parsed SELECT. Cores are combined from left to right, one operator between each two.
struct SelectStatement {
    std::vector<CommonTable> with;
    std::vector<SelectCore> cores;
    std::vector<CompoundOperator> operators;
    std::vector<OrderTerm> order_by;
    bool limited = false;  ///< LIMIT or OFFSET.
};

/// CREATE VIEW name (columns) AS query.
struct ViewDefinition {
    std::string name;
    std::vector<std::string> columns;
    SelectStatement query;
};

}  // namespace migrate::model
