#pragma once

#include <string>
#include <string_view>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/json/document.hpp"
#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

/// Says values as documents of other programs say them: JSON as it is, timestamps and UUIDs in the spelling
/// that the column's documents had. Not thread-safe.
class DocumentValueWriter {
  public:
    /// Appends the value; `exact` tells whether reading it back by read_document_value gives the same bytes.
    /// Requires: not NULL.
    void append(const ColumnVector& values, std::size_t row, const Column& column, std::string& out,
                bool& exact);

  private:
    void append_json(std::string_view text, std::string& out, bool& exact);

    ValueEncoder m_encoder;
    JsonChecker m_checker;
};

/// Appends what the writer said. False, with nothing appended, where it is none of the column's type.
bool read_document_value(const Document& document, Document::Index node, const Column& column,
                         ColumnVector& out);

}  // namespace migrate::backends::json
