#pragma once

#include <string>
#include <vector>

#include <migrate/schema.hpp>

namespace migrate::backends::sqlite {

/// CREATE TABLE for a table described in SQLite's terms.
std::string create_table_sql(const Table& table);

/// CREATE INDEX likewise.
std::string create_index_sql(const Table& table, const Index& index);

/// True when the table's own CREATE TABLE still says what its columns and references say: renaming tables or
/// columns, or leaving columns out, makes it stale.
bool is_definition_current(const Table& table);

}  // namespace migrate::backends::sqlite
