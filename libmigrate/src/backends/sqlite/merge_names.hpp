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
    std::vector<std::string> collations;  ///< One per column of the key; empty = BINARY.
    std::string match;
    bool may_lack_key = false;  ///< NULL may be in it, and tells a row from no other.
    std::string newer;
    std::string old_rows;
    std::string new_rows;
};

/// "a.x, a.y", without an alias "x, y"; quoted.
std::string listed(const std::vector<std::string>& columns, const std::string& alias);
/// Where rows have the same key as the target's index compares it.
std::string same_key(const Merge::Names& names, const std::string& a, const std::string& b);
/// The key's columns as the target compares them; `naming` = each under its own name.
std::string key_values(const Merge::Names& names, const std::string& alias, bool naming);
/// NULL is in one of the columns.
std::string any_null(const std::vector<std::string>& columns, const std::string& alias);
/// An expression that is the same for two rows only where all these values and their classes are.
std::string exact_row(const std::vector<std::string>& columns, const std::string& alias);

}  // namespace migrate::backends::sqlite
