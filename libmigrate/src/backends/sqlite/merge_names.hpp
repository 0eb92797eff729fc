#pragma once

#include <string>
#include <vector>

#include "backends/sqlite/merge.hpp"

namespace migrate::backends::sqlite {

/// The names and conditions of one loaded table's statements; t is the row that is there, s the staged one.
struct Merge::Names {
    std::string target;
    std::string staged;
    std::vector<std::string> columns;
    std::vector<std::string> key;
    std::string match;
    std::string newer;
    std::string old_rows;
    std::string new_rows;
};

/// "a.x, a.y", without an alias "x, y"; quoted.
std::string listed(const std::vector<std::string>& columns, const std::string& alias);
std::string same_key(const std::vector<std::string>& key, const std::string& a, const std::string& b);
/// An expression that is the same for two rows only where all these values and their classes are.
std::string exact_row(const std::vector<std::string>& columns, const std::string& alias);

}  // namespace migrate::backends::sqlite
