#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

/// Rows said for dead letters: whole, so that nothing is lost with a row that is left out.
namespace migrate::model {

/// What the columns of a batch are called and hold.
struct RowShape {
    std::vector<std::string> names;
    std::vector<LogicalType> types;
    std::vector<std::size_t> key;  ///< Columns of the primary key; empty if it is not among them.
};

/// The row as a JSON object: numbers and booleans as such, bytes as {"base64":"…"}, text that is no UTF-8 as
/// {"text_base64":"…"}, all else as a string in the spelling of value_text.hpp. In a column of variants a
/// real number has a point or an exponent, or is {"float64":"Infinity"}: it is never taken for an integer or
/// text.
std::string row_as_json(const RowBatch& batch, std::size_t row, const RowShape& shape);

/// The values of the key, separated by ", "; empty where there is none or a part of it is NULL.
std::string key_as_text(const RowBatch& batch, std::size_t row, const RowShape& shape);

/// Text of an input that could not be taken apart, as a JSON value.
std::string text_as_json(std::string_view text);

}  // namespace migrate::model
