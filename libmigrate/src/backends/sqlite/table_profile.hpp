#pragma once

#include <cstdint>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/sqlite/column_profile.hpp"
#include "backends/sqlite/snapshot.hpp"

namespace migrate::backends::sqlite {

/// What one scan of a table found out about each of its columns.
struct TableProfile {
    std::vector<ColumnProfile> columns;  ///< In the table's order.
    std::uint64_t rows = 0;
};

/// Reads every row. Large tables are read by up to `readers` connections of the snapshot at once, part by
/// part; the result is that of a single pass. `start` has a profile for each column of the table, nothing
/// added. Throws: Error; Error{cancelled}.
TableProfile profile_table(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start,
                           unsigned readers);

}  // namespace migrate::backends::sqlite
