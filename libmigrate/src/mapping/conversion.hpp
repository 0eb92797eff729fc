#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

#include "model/row_json.hpp"

namespace migrate::mapping {

/// The type in which values of these two can be compared without losing a difference: the one both can be
/// converted to. Nullopt where there is none.
std::optional<LogicalType> comparison_type(const LogicalType& a, const LogicalType& b);

/// True when values of `from` can be held as `to` (each value is still checked when it is converted).
bool convertible(const LogicalType& from, const LogicalType& to);

/// Appends one value as another type; false, and nothing appended, where it cannot be said in it exactly.
/// Requires: `out` is of the kind of `to`; `scratch` is room.
bool convert_value(const ColumnVector& in, std::size_t row, const LogicalType& from, const LogicalType& to,
                   ColumnVector& out, std::string& scratch);

/// How a batch's columns become other types; made once per scan. Pure; safe to share between threads.
class Transform {
  public:
    /// Changes nothing.
    Transform() = default;
    /// Shape: one entry per column of the batch; names are for rejects.
    Transform(std::vector<LogicalType> from, std::vector<LogicalType> to, std::vector<std::string> names);

    [[nodiscard]] bool is_identity() const noexcept { return m_identity; }

    /// What rejects say beside the column: which of the columns are the primary key, and which may become
    /// NULL instead of taking their row out (empty = none). Shape: null_misfits has one entry per column.
    void describe_rejects(std::vector<std::size_t> key, std::vector<bool> null_misfits);

    /// Converts in place. A row with a value that cannot be said in the other type exactly is taken out and
    /// becomes a reject, or stays with NULL in its place and is noted as a kept one.
    void apply(RowBatch& batch) const;

  private:
    using Misfits = std::map<std::size_t, std::vector<std::size_t>>;  // by row: the columns
    /// `before` are the changed columns as they were.
    void note_misfits(RowBatch& before, const Misfits& misfits, RowBatch& batch) const;
    [[nodiscard]] bool may_be_null(std::size_t column) const {
        return column < m_null_misfits.size() && m_null_misfits[column];
    }

    model::RowShape m_from;
    std::vector<LogicalType> m_to;
    std::vector<bool> m_null_misfits;
    bool m_identity = true;
};

}  // namespace migrate::mapping
