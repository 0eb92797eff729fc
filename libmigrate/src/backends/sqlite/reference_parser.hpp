#pragma once

#include <string>
#include <vector>

#include "backends/sqlite/table_definition.hpp"
#include "model/token_cursor.hpp"

namespace migrate::backends::sqlite {

/// The name where the cursor stands: any word that is not reserved, or anything quoted.
std::string take_name(model::TokenCursor& cursor);

/// A parenthesised list of names; collations and directions in it are read over.
std::vector<std::string> parse_name_list(model::TokenCursor& cursor);

/// What follows REFERENCES: table, columns, actions, deferral.
void parse_reference(model::TokenCursor& cursor, ReferenceClause& reference);

/// [NOT] DEFERRABLE …, if it stands here.
void parse_deferral(model::TokenCursor& cursor, ReferenceClause& reference);

}  // namespace migrate::backends::sqlite
