#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "backends/sqlite/table_definition.hpp"
#include "model/token_cursor.hpp"

namespace migrate::backends::sqlite {

struct IndexParseResult {
    std::optional<IndexDefinition> index;
    std::optional<model::ParseError> error;
    explicit operator bool() const noexcept { return index.has_value(); }
};

/// Reads a CREATE INDEX as sqlite_schema keeps it. `is_column` says which names are columns of the table, so
/// that "name" is read as SQLite reads it; without it each is taken for a column.
IndexParseResult parse_create_index(std::string_view sql,
                                    const std::function<bool(std::string_view)>& is_column = {});

/// The parenthesised list of key parts where the cursor stands, up to the closing parenthesis, which is left.
/// Each part is text only until resolve_key_part().
std::vector<KeyPart> parse_key_parts(model::TokenCursor& cursor);

/// Reads a part's text: a plain name becomes its column, anything else an expression.
void resolve_key_part(KeyPart& part, const std::function<bool(std::string_view)>& is_column);

/// Reads an expression's text into its tree, or says why not.
void resolve_expression(ExpressionText& expression, const std::function<bool(std::string_view)>& is_column);

}  // namespace migrate::backends::sqlite
