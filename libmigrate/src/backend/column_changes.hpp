#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace migrate::backend {

/// A column of a table as the engine's own catalog has it.
struct StoredColumn {
    std::int64_t position = 0;
    std::string name;
    std::string type;       ///< As the engine spells it.
    std::string generated;  ///< How it is generated, in the engine's own words; empty if it is not.
    friend bool operator==(const StoredColumn&, const StoredColumn&) = default;
};

/// What has become of a table's columns, for people: "column a was dropped, column b is text now, not
/// integer". Empty where they are the same.
std::string column_changes(const std::vector<StoredColumn>& before, const std::vector<StoredColumn>& now);

}  // namespace migrate::backend
