#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/postgresql/native_type.hpp"

namespace migrate::backends::postgresql {

/// How one column is sent.
struct ColumnEncoding {
    enum class Form : unsigned char {
        one,
        two,
        four,
        four_unsigned,
        eight,
        raw,
        text,       ///< Like raw, but U+0000 is refused.
        versioned,  ///< jsonb.
        variant,    ///< A variant as json.
        json_text,  ///< Text as a JSON string, which can hold U+0000.
        spelled,    ///< By its text; makes the whole COPY a text one.
    };
    Form form = Form::raw;
    LogicalType type;
    std::string name;
};

ColumnEncoding encoding_of(const std::string& name, const PhysicalType& physical, const LogicalType& type);

/// Turns rows into the bytes of COPY … FROM STDIN, binary where every column can be.
class CopyEncoder {
  public:
    explicit CopyEncoder(std::vector<ColumnEncoding> columns);

    [[nodiscard]] bool binary() const noexcept { return m_binary; }
    [[nodiscard]] const std::vector<ColumnEncoding>& columns() const noexcept { return m_columns; }

    void append_header(std::string& out) const;
    /// Throws: Error{row} for a value that the column's type cannot hold; `out` is then as it was.
    void append_row(const RowBatch& batch, std::size_t row, std::string& out);
    void append_trailer(std::string& out) const;

  private:
    void append_binary(const ColumnEncoding& column, const ColumnVector& values, std::size_t row,
                       std::string& out);
    void append_json_form(ColumnEncoding::Form form, std::string_view value);
    void append_text(const ColumnEncoding& column, const ColumnVector& values, std::size_t row,
                     std::string& out);

    std::vector<ColumnEncoding> m_columns;
    bool m_binary = true;
    std::string m_scratch;
};

}  // namespace migrate::backends::postgresql
