#pragma once

#include <optional>
#include <string_view>

#include "backends/sqlite/table_definition.hpp"
#include "model/token_cursor.hpp"

namespace migrate::backends::sqlite {

struct TableParseResult {
    std::optional<TableDefinition> table;
    std::optional<model::ParseError> error;
    explicit operator bool() const noexcept { return table.has_value(); }
};

/// Reads a CREATE TABLE as sqlite_schema keeps it. An expression in it that cannot be read as a tree does not
/// fail the whole: its text is given. CREATE VIRTUAL TABLE and CREATE TABLE … AS are errors. Any bytes may be
/// given. Source: parse.y of SQLite 3.40.
TableParseResult parse_create_table(std::string_view sql);

}  // namespace migrate::backends::sqlite
