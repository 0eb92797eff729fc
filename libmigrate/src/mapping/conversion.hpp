#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

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

    /// Converts in place. A row with a value that cannot be said in the other type exactly is taken out and
    /// becomes a reject; the ordinals of the others stay.
    void apply(RowBatch& batch) const;

  private:
    std::vector<LogicalType> m_from;
    std::vector<LogicalType> m_to;
    std::vector<std::string> m_names;
    bool m_identity = true;
};

}  // namespace migrate::mapping
