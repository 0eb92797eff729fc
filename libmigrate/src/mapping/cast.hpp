#pragma once

#include <optional>
#include <string>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

namespace migrate::mapping {

/// Casts between kinds that are not the same value in another spelling: words to booleans, dates and times,
/// 16 bytes and UUIDs, JSON arrays and arrays. Nullopt where the pair is none of these; else whether the
/// value could be said, and was appended. Requires: the value is not NULL. Pure.
std::optional<bool> cast_value(const ColumnVector& in, std::size_t row, const LogicalType& from,
                               const LogicalType& to, ColumnVector& out, std::string& scratch);

}  // namespace migrate::mapping
