#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/postgresql/native_type.hpp"

namespace migrate::backends::postgresql {

/// How one column comes over the wire and what becomes of it.
struct ColumnDecoding {
    enum class Form : unsigned char {
        one,   ///< A byte to a slot.
        two,   ///< int16 to a slot.
        four,  ///< int32 or IEEE bits to a slot.
        four_unsigned,
        eight,      ///< int64 or IEEE bits to a slot.
        raw,        ///< The bytes as they are.
        versioned,  ///< jsonb: a version byte, then text.
        variant,    ///< json text to a variant.
        json_text,  ///< A JSON string to text.
        spelled,    ///< The output function's text, read by its logical type.
    };
    Form form = Form::raw;
    LogicalType type;
    std::string name;        ///< Of the column, for errors.
    std::string expression;  ///< What to select.
};

/// Decides how to read a column, held as `physical`, as values of `type`.
ColumnDecoding decoding_of(const std::string& name, const PhysicalType& physical, const LogicalType& type);

/// Takes the rows out of the messages of one COPY … TO STDOUT (FORMAT BINARY), the header and trailer off.
/// Rows may be split from the header in any way, but each row is whole in one message, as the server sends
/// them.
class CopyFraming {
  public:
    /// The row in a message, its number of columns first; nullopt if it holds none. Throws: Error{corrupt}.
    std::optional<std::string_view> row_in(std::string_view message);

  private:
    bool m_header_seen = false;
};

/// Turns the messages of one COPY … TO STDOUT (FORMAT BINARY) into rows.
class CopyDecoder {
  public:
    explicit CopyDecoder(std::vector<ColumnDecoding> columns) : m_columns(std::move(columns)) {}

    /// Appends the row of a message to the batch's columns. True if the message held a row (the header and
    /// the trailer hold none). Throws: Error{corrupt} where the bytes are not what the protocol says.
    bool decode(std::string_view message, RowBatch& batch);

    /// Every row from now on, as the server sends it, goes to the digest; nullptr: to none.
    void digest_rows(Digest* digest) noexcept { m_digest = digest; }

    [[nodiscard]] const std::vector<ColumnDecoding>& columns() const noexcept { return m_columns; }

  private:
    void decode_value(const ColumnDecoding& column, std::string_view value, ColumnVector& out) const;

    std::vector<ColumnDecoding> m_columns;
    CopyFraming m_framing;
    Digest* m_digest = nullptr;
};

}  // namespace migrate::backends::postgresql
