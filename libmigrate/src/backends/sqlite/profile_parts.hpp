#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "backends/sqlite/column_profile.hpp"

namespace migrate::backends::sqlite {

/// Puts together what the parts of one table show of its columns. Each part goes on from what the first rows
/// have shown; the whole is what one scan of all would have found. Thread-safe.
class ProfileParts {
  public:
    /// The first rows themselves: of parts that come after them, or of one part among the others.
    enum class FirstRows : std::uint8_t { counted, in_a_part };

    ProfileParts(std::vector<ColumnProfile> first, FirstRows rows);

    /// For a part: the readings that hold so far, nothing counted.
    [[nodiscard]] std::vector<ColumnProfile> fork() const;
    void add(const std::vector<ColumnProfile>& part);

    /// Which readings are tried is for a column's first value to say. Columns whose first value came later
    /// than the first rows, and of which several parts have each taken their own: to be read once more, in
    /// the table's order.
    [[nodiscard]] std::vector<std::size_t> late() const;
    [[nodiscard]] std::vector<ColumnProfile> whole() const;

  private:
    const std::vector<ColumnProfile> m_first;
    mutable std::mutex m_mutex;  ///< Guards all below.
    std::vector<ColumnProfile> m_whole;
    std::vector<std::size_t> m_settling;  ///< Of each column, how many parts have decided what is tried.
};

}  // namespace migrate::backends::sqlite
