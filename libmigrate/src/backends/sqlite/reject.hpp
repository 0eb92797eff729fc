#pragma once

#include <string>
#include <vector>

struct sqlite3_stmt;

namespace migrate::backends::sqlite {

/// The current row as a JSON object for a dead letter: numbers as they are, text as strings (that which is
/// no UTF-8 as {"text_base64": …}), blobs as {"base64": …}.
std::string row_as_json(sqlite3_stmt* statement, const std::vector<std::string>& names);

}  // namespace migrate::backends::sqlite
