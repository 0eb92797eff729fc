#pragma once

#include <string>
#include <vector>

struct sqlite3_stmt;

namespace migrate::backends::sqlite {

/// The current row as a JSON object for a dead letter: numbers as they are, text as strings (bytes that are
/// no UTF-8 replaced), blobs as {"base64": …}.
std::string row_as_json(sqlite3_stmt* statement, const std::vector<std::string>& names);

}  // namespace migrate::backends::sqlite
