#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include <migrate/expression.hpp>

#include "model/token_cursor.hpp"

namespace migrate::model {

struct ParseOptions {
    Dialect dialect = Dialect::sqlite;
    /// SQLite only: whether a name is a column in scope. SQLite reads "name" as a string, and true and false
    /// as literals, only where there is no such column. Default: every double-quoted name is a column, and
    /// true and false are literals.
    std::function<bool(std::string_view)> is_column;
};

/// Either an expression or an error.
struct ParseResult {
    std::optional<Expression> expression;
    std::optional<ParseError> error;
    explicit operator bool() const noexcept { return expression.has_value(); }
};

/// Parses one whole expression: SQLite's grammar with its precedences and quirks, or what PostgreSQL's
/// pg_get_expr, pg_get_constraintdef and pg_get_indexdef print (and the usual ways to write the same by
/// hand). Subqueries, EXISTS, row values, window functions, FILTER, parameters, subscripts and field
/// selections are errors. Any bytes may be given.
ParseResult parse_expression(std::string_view sql, const ParseOptions& options);
ParseResult parse_expression(std::string_view sql, Dialect dialect);

/// Parses one expression where the cursor stands and leaves it behind that; on error the cursor has failed.
Expression parse_expression_at(TokenCursor& cursor, const ParseOptions& options);

}  // namespace migrate::model
