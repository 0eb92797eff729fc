#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::model {

/// Names as one text, each in double quotes: `"id", "a ""b"""`.
std::string write_name_list(const std::vector<std::string>& names);

/// The names that write_name_list wrote.
std::vector<std::string> read_name_list(std::string_view text);

}  // namespace migrate::model
