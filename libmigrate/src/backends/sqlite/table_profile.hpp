#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/sqlite/column_profile.hpp"
#include "backends/sqlite/snapshot.hpp"

namespace migrate::backends::sqlite {

/// What was found out about each of a table's columns.
struct TableProfile {
    std::vector<ColumnProfile> columns;  ///< In the table's order.
    std::uint64_t rows = 0;              ///< That the table has.
    std::uint64_t rows_read = 0;         ///< That the columns' profiles are of.

    [[nodiscard]] bool is_whole() const noexcept { return rows_read == rows; }
};

/// Reads every row. Large tables are read by up to `readers` connections of the snapshot at once, part by
/// part; the result is that of a single pass. `start` has a profile for each column of the table, nothing
/// added. Throws: Error; Error{cancelled}.
TableProfile profile_table(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start,
                           unsigned readers);

/// Reads the first rows, by rowid where there is one, and counts the others of a table that has more.
TableProfile profile_first_rows(Snapshot& snapshot, const Table& table, std::vector<ColumnProfile> start);

/// Reads some columns once more, in the table's order, whose rows are counted already.
void profile_again(Snapshot& snapshot, const Table& table, const std::vector<std::size_t>& columns,
                   const std::vector<ColumnProfile>& start, TableProfile& profile);

}  // namespace migrate::backends::sqlite
