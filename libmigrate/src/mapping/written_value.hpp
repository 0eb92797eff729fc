#pragma once

#include <string_view>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

namespace migrate::mapping {

/// Appends the number that a text says as a float of kind `to`: a float holds the number that its shortest
/// spelling says, and no other that rounds to it. False, and nothing appended, where it cannot.
bool append_float(std::string_view text, const LogicalType& to, ColumnVector& out);

/// The same for what somebody wrote, as opposed to what a value is printed as, and any type: "007" is no
/// number that comes back.
bool append_written(std::string_view text, const LogicalType& to, ColumnVector& out);

}  // namespace migrate::mapping
