#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/source.hpp"
#include "backends/sqlite/cell.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/type_name.hpp"

namespace migrate::backends::sqlite {

/// One reading that a column's values are tried against, all of them.
struct Reading {
    /// possible: never taken by itself, but named if it holds for all values, so that it can be asked for.
    enum class Origin : std::uint8_t { user, provenance, declared, seen, possible };
    ColumnCodec codec;
    Origin origin = Origin::declared;
    std::uint64_t misfits = 0;  ///< Counted on only for the user's.
    std::uint64_t changed = 0;  ///< Values that it takes, but that would not come back as they are.
    /// Readings of one family (not 0) hold wherever its leader, the first of them, does, so that they are
    /// tried only where it does not.
    int family = 0;
    bool leads = false;
    /// Of the recorded type: a value counts, not how it is spelled. 7.5 is a decimal(10,2).
    bool by_value = false;
};

/// Storage classes and ranges of a column's values.
struct ColumnCounts {
    std::uint64_t nulls = 0;
    std::uint64_t integers = 0;
    std::uint64_t reals = 0;
    std::uint64_t texts = 0;
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;           ///< Of text and blobs, and eight a number.
    std::uint64_t longest = 0;         ///< Characters of the longest text.
    std::uint64_t longest_bytes = 0;   ///< Bytes of the longest text or blob.
    std::uint64_t overlong = 0;        ///< Texts of more characters than the declared type says.
    std::uint64_t broken_texts = 0;    ///< Not UTF-8.
    std::uint64_t texts_with_nul = 0;  ///< Hold U+0000.
    double least_real = std::numeric_limits<double>::infinity();
    bool has_negative_zero = false;  ///< Only columns without affinity keep the sign.
    double greatest_real = -std::numeric_limits<double>::infinity();
    std::uint64_t least_magnitude = std::numeric_limits<std::uint64_t>::max();  ///< Of integers but 0.
    std::uint64_t greatest_magnitude = 0;                                       ///< Of integers.

    [[nodiscard]] std::uint64_t values() const noexcept { return integers + reals + texts + blobs; }
    /// Adds those of other values.
    void merge_counts(const ColumnCounts& part);
};

/// What one scan finds out about a column: storage classes, ranges, and which readings hold for every value.
class ColumnProfile : public ColumnCounts {
  public:
    /// Requires: the hints are this column's.
    ColumnProfile(const Column& column, bool strict, const std::vector<backend::ColumnHint>& hints);

    void add(const Cell& cell);

    /// True once the first value has decided which readings are tried.
    [[nodiscard]] bool is_settled() const noexcept { return values() > 0; }
    /// For another part of the column's values: the readings that hold so far, nothing counted.
    [[nodiscard]] ColumnProfile fork() const;
    /// Adds what another part of the values has shown. Requires: both come from one profile that is settled,
    /// or one of them has seen no value.
    void merge(const ColumnProfile& part);

    /// The first reading that every value agreed with, the user's before all; null if there is none.
    [[nodiscard]] const Reading* agreed() const;
    /// The user's own reading that came closest, where some values contradict it; null if there is none.
    [[nodiscard]] const Reading* contradicted() const;
    [[nodiscard]] const std::vector<Reading>& readings() const noexcept { return m_readings; }
    [[nodiscard]] const DeclaredType& declared() const noexcept { return m_declared; }

  private:
    void add_recorded(const backend::ColumnHint& hint);
    void merge_readings(const ColumnProfile& part);
    void add_text(const Cell& cell);
    void guess_patterns(std::string_view text, Reading::Origin origin);
    void suggest(const Cell& cell);
    void add_possible(const LogicalType& type, const char* format);
    void try_readings(const Cell& cell);

    DeclaredType m_declared;
    std::vector<Reading> m_readings;
    bool m_guess = false;       ///< The first text decides which pictures are tried.
    bool m_suggest = false;     ///< The first value decides which readings could be asked for.
    std::uint64_t m_limit = 0;  ///< Characters that the declared type allows; 0 = any number.
};

/// True where a declared type speaks of dates or times.
bool speaks_of_time(const DeclaredType& declared);

/// The readings that a declared type lets one hope for, the likeliest first; without pictures.
std::vector<ColumnCodec> hoped_for(const DeclaredType& declared);

}  // namespace migrate::backends::sqlite
