#pragma once

#include <cstdint>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backend/source.hpp"
#include "backends/sqlite/cell.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/column_profile.hpp"

namespace migrate::backends::sqlite {

/// PostgreSQL's text without regard to case, under whatever schema its extension was made in.
bool is_citext(const LogicalType& type);

/// True where the type that a column was recorded as does not hold for all of its values any more.
bool is_outgrown(const backend::ColumnHint& hint, const ColumnProfile& profile);

/// Counts what stands against the type that such a column was recorded as.
class RecordedType {
  public:
    explicit RecordedType(const backend::ColumnHint& hint) : m_codec(hint.type, hint.format) {}

    void add(const Cell& cell);
    /// Requires: what the column is read as instead has been decided.
    [[nodiscard]] Finding finding(const Table& table, const Column& column) const;

  private:
    ColumnCodec m_codec;
    std::uint64_t m_values = 0;
    std::uint64_t m_misfits = 0;
};

/// Says of a reading that was taken how many values it would spell anew, and notes at the column how they are
/// stored, for targets that keep every spelling.
void note_spelling(const Table& table, Column& column, const ColumnProfile& profile, const Reading& reading,
                   std::vector<Finding>& findings);

}  // namespace migrate::backends::sqlite
