#pragma once

#include <optional>
#include <string_view>

#include "model/select_statement.hpp"
#include "model/token_cursor.hpp"

namespace migrate::model {

/// Either a view or an error.
struct ViewParseResult {
    std::optional<ViewDefinition> view;
    std::optional<ParseError> error;
    explicit operator bool() const noexcept { return view.has_value(); }
};

/// SQLite's CREATE VIEW with the usual SELECTs: joins, WHERE, GROUP BY, HAVING, compounds, WITH, ORDER BY and
/// subqueries in FROM. VALUES, WITH RECURSIVE, windows, table functions, INDEXED BY and joins in parentheses
/// are errors, as is what the expression parser refuses. Any bytes may be given. Source: "CREATE VIEW" and
/// "SELECT" of SQLite's documentation, parse.y of 3.40.
ViewParseResult parse_sqlite_view(std::string_view sql);

}  // namespace migrate::model
