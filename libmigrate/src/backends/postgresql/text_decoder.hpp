#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <migrate/row_batch.hpp>

#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/native_type.hpp"

namespace migrate::backends::postgresql {

/// What to select so that COPY's text format has a column as its type's own output function spells it; money
/// as a number, since its spelling is the locale's.
std::string text_expression(const std::string& name, const PhysicalType& physical);

/// Turns the messages of one COPY … TO STDOUT in text format into rows: the second way to the values that
/// CopyDecoder takes from the binary format. Requires: a session's DateStyle is ISO, its IntervalStyle
/// postgres, its TimeZone UTC, its bytea_output hex and its extra_float_digits above 0, as
/// PostgresqlSession's are.
class TextDecoder {
  public:
    explicit TextDecoder(std::vector<ColumnDecoding> columns) : m_columns(std::move(columns)) {}

    /// Appends the row of a message. Throws: Error{corrupt} where the bytes are not what the protocol says;
    /// Error{malformed} for a value that is none of its column's type.
    void decode(std::string_view message, RowBatch& batch);

  private:
    void append(const ColumnDecoding& column, ColumnVector& out) const;

    std::vector<ColumnDecoding> m_columns;
    std::string m_value;  ///< The present one, with its escapes resolved.
};

/// "1 year 2 mons -3 days +04:05:06.000007" in the form that LogicalType documents for intervals. False
/// where the text is none.
bool read_postgres_interval(std::string_view text, std::string& out);

}  // namespace migrate::backends::postgresql
