#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backends/sqlite/cell.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/column_profile.hpp"

namespace migrate::backends::sqlite {

/// Counts, for a column that no one reading holds for, how many of its values each reading would hold for:
/// what the plan says of it, and what could be asked for. One value counts for one kind of date or time only.
class ColumnSupport {
  public:
    explicit ColumnSupport(const ColumnProfile& profile);

    void add(const Cell& cell);

    /// "2 are dates written YYYY-MM-DD, 1 is a zero date"; the most first. Empty if nothing was counted.
    [[nodiscard]] std::string summary() const;
    /// What --type would name for the reading that takes the most values ("uuid"), be it one that cannot be
    /// undone, and how many it takes; empty if no reading takes any.
    struct Best {
        std::string type;
        std::uint64_t values = 0;
    };
    [[nodiscard]] Best best() const;
    /// How many values the hoped-for reading holds for that is spelled so, and can be undone.
    [[nodiscard]] std::uint64_t values_of(const std::string& type) const;

  private:
    struct Count {
        std::string one;   ///< "is a zero date".
        std::string many;  ///< "are zero dates".
        std::uint64_t values = 0;
    };

    void count(const std::string& key, const char* one, const char* many);
    void add_time(const Cell& cell);
    void add_time_number(const Cell& cell);
    void add_time_text(std::string_view text);
    [[nodiscard]] std::vector<const Count*> ranked() const;

    bool m_time;
    std::vector<ColumnCodec> m_codecs;
    std::vector<std::uint64_t> m_taken;  ///< Values that each codec reads.
    std::map<std::string, Count> m_counts;
};

}  // namespace migrate::backends::sqlite
