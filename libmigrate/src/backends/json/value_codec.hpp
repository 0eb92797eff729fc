#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/json/document.hpp"
#include "backends/json/json_text.hpp"

/// How each logical value is said in JSON, given that a manifest names its type, so that reading gives the
/// same bits:
///   boolean true/false | integers numbers (strings past 2^53 where asked for) | floats the shortest number
///   that reads back, NaN and infinities as strings | decimal a number with all its digits, NaN and
///   infinities as strings text, enumeration strings | bytes a base64 string | json, jsonb the value itself
///   array a JSON array where that can be undone, else PostgreSQL's literal as a string
///   variant integer: a number without point and exponent; real: a number with one, or {"$real":"NaN"}; text:
///   a string; blob: {"$blob":"base64"} all else: a string in the spelling of model/value_text.hpp
/// What cannot be said so is wrapped: {"$json":"text"} for JSON that is not one plain line,
/// {"$bytes":"base64"} for text that is not UTF-8. NULL is null.
namespace migrate::backends::json {

struct EncodeOptions {
    /// Write integers beyond ±2^53 as strings, for readers that hold every number in a double.
    bool big_integers_as_strings = false;
};

/// Appends values. Keeps buffers between calls; not thread-safe.
class ValueEncoder {
  public:
    explicit ValueEncoder(EncodeOptions options = {}) : m_options(options) {}
    void append(const ColumnVector& column, std::size_t row, const LogicalType& type, std::string& out);

  private:
    void append_integer(std::int64_t value, std::string& out) const;
    void append_number(const ColumnVector& column, std::size_t row, const LogicalType& type,
                       std::string& out);
    void append_json(std::string_view text, std::string& out);
    void append_array(std::string_view literal, const LogicalType& type, std::string& out);
    void append_variant(std::string_view value, std::string& out);
    void append_variant_integer(std::int64_t value, std::string& out) const;

    EncodeOptions m_options;
    JsonChecker m_checker;
    std::string m_scratch;
};

/// A value that is no array or object.
struct Scalar {
    NodeKind kind = NodeKind::null_literal;
    std::string_view text;  ///< A string with its escapes resolved, a number as spelled.
    std::string_view raw;   ///< As it stands in the input.
};

/// Appends it to the column. False, with nothing appended, where it is none of this type.
bool decode_scalar(const Scalar& value, const LogicalType& type, ColumnVector& column);
/// Appends the value of a node to the column. False, with nothing appended, where it is none of this type.
bool decode_value(const Document& document, Document::Index node, const LogicalType& type,
                  ColumnVector& column);

}  // namespace migrate::backends::json
