#pragma once

#include <string>
#include <vector>

namespace migrate::test {

/// The rows of a table of a database in JSON, in order, each as JSON text without blanks; "none" where there
/// is no such table. A directory of lines, or one file. Knows nothing of the library.
/// Throws: std::runtime_error for what is no JSON.
std::vector<std::string> json_rows(const std::string& path, const std::string& table);

/// What the manifest says of a table: "rows digest". Likewise.
std::string json_account(const std::string& path, const std::string& table);

}  // namespace migrate::test
