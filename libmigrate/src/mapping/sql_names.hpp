#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <migrate/expression.hpp>
#include <migrate/schema.hpp>

namespace migrate::mapping {

/// Former name → new name.
using ColumnNames = std::map<std::string, std::string, std::less<>>;

/// The dialect of a schema's expressions.
Dialect dialect_of(const Schema& schema);

/// SQL with every column of the map named anew, token by token: strings and functions that look like a column
/// stay as they are. SQLite's names are found whatever their case.
std::string rename_in_sql(const std::string& sql, const ColumnNames& names, Dialect dialect);

/// True when an identifier of the SQL is one of the map's names.
bool mentions(const std::string& sql, const ColumnNames& names, Dialect dialect);

}  // namespace migrate::mapping
