#pragma once

#include <string>
#include <vector>

#include "backends/postgresql/merge.hpp"

namespace migrate::backends::postgresql {

/// How a merge's statements call the row that is there and the staged one.
inline constexpr const char* k_target = "_migrate_target";
inline constexpr const char* k_staged = "_migrate_staged";

struct Merge::Names {
    std::string target;
    std::string staged;
    std::string columns;
    std::string staged_columns;
    std::vector<std::string> key;
    std::string match;  ///< Target and staged row are of one key; empty without a key.
    std::string newer;  ///< " AND …" where only newer rows overwrite.
    std::string old_rows;
    std::string new_rows;
};

/// The columns that the source fills.
std::vector<const Column*> copied(const Table& table);
/// "a.x, a.y", without an alias "x, y".
std::string list(const std::vector<const Column*>& columns, const std::string& alias);

}  // namespace migrate::backends::postgresql
