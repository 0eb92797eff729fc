#include "backends/postgresql/copy_encoder.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/variant_json.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::postgresql {
namespace {

using Form = ColumnEncoding::Form;

[[noreturn]] void throw_unfit(const ColumnEncoding& column, std::size_t row, const char* why) {
    ErrorFacts facts{.code = ErrorCode::row, .backend = "postgresql", .column = column.name, .row = row};
    facts.next_step = "Send the row to the dead letters, or choose another type for the column.";
    throw Error(facts, fmt::format("PostgreSQL: column {} cannot hold a value: {}.", column.name, why));
}

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

Form form_of(const PhysicalType& physical, TypeKind kind) {
    const auto when = [](bool direct, Form form) { return direct ? form : Form::spelled; };
    switch (static_cast<TypeOid>(physical.oid)) {
        case TypeOid::boolean:
            return when(kind == TypeKind::boolean, Form::one);
        case TypeOid::int2:
            return when(is_integer(kind), Form::two);
        case TypeOid::int4:
            return when(is_integer(kind), Form::four);
        case TypeOid::oid:
            return when(is_integer(kind), Form::four_unsigned);
        case TypeOid::int8:
            return when(is_integer(kind), Form::eight);
        case TypeOid::float4:
            return when(kind == TypeKind::float32, Form::four);
        case TypeOid::float8:
            return when(kind == TypeKind::float64, Form::eight);
        case TypeOid::numeric:
            return when(kind == TypeKind::decimal, Form::raw);
        case TypeOid::text:
        case TypeOid::varchar:
        case TypeOid::bpchar:
        case TypeOid::name:
            return when(kind == TypeKind::text || kind == TypeKind::json || kind == TypeKind::enumeration ||
                            kind == TypeKind::opaque,
                        Form::text);
        case TypeOid::bytea:
            return when(kind == TypeKind::bytes, Form::raw);
        case TypeOid::date:
            return when(kind == TypeKind::date, Form::four);
        case TypeOid::time:
            return when(kind == TypeKind::time, Form::eight);
        case TypeOid::timestamp:
            return when(kind == TypeKind::timestamp, Form::eight);
        case TypeOid::timestamptz:
            return when(kind == TypeKind::timestamp_tz, Form::eight);
        case TypeOid::timetz:
            return when(kind == TypeKind::time_tz, Form::raw);
        case TypeOid::interval:
            return when(kind == TypeKind::interval, Form::raw);
        case TypeOid::uuid:
            return when(kind == TypeKind::uuid, Form::raw);
        case TypeOid::json:
            return kind == TypeKind::variant ? Form::variant
                   : kind == TypeKind::text
                       ? Form::json_text
                       : when(kind == TypeKind::json || kind == TypeKind::jsonb, Form::text);
        case TypeOid::jsonb:
            return when(kind == TypeKind::jsonb || kind == TypeKind::json, Form::versioned);
        default:
            return when(physical.category == 'e' && (kind == TypeKind::enumeration || kind == TypeKind::text),
                        Form::text);
    }
}

template <typename Narrow>
std::int64_t narrowed(const ColumnEncoding& column, std::int64_t slot, std::size_t row) {
    if (slot < std::numeric_limits<Narrow>::min() || slot > std::numeric_limits<Narrow>::max()) {
        throw_unfit(column, row, "the number is out of range");
    }
    return slot;
}

void append_length(std::size_t length, const ColumnEncoding& column, std::size_t row, std::string& out) {
    // PostgreSQL's limit of one value is 1 GB, less its header.
    constexpr std::size_t k_longest = 0x3FFFFFFF;
    if (length > k_longest) {
        throw_unfit(column, row, "it is longer than 1 GB");
    }
    util::append_big(out, static_cast<std::uint32_t>(length));
}

void refuse_nul(std::string_view value, const ColumnEncoding& column, std::size_t row) {
    if (value.find('\0') != std::string_view::npos) {
        throw_unfit(column, row, "text with a NUL character");
    }
}

void append_escaped(std::string_view value, std::string& out) {
    for (const char c : value) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += c;
        }
    }
}

void append_hex(std::string_view value, std::string& out) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    out += "\\\\x";
    for (const char c : value) {
        out += k_digits[static_cast<unsigned char>(c) >> 4U];
        out += k_digits[static_cast<unsigned char>(c) & 0xFU];
    }
}

}  // namespace

ColumnEncoding encoding_of(const std::string& name, const PhysicalType& physical, const LogicalType& type) {
    return {form_of(physical, type.kind), type, name};
}

CopyEncoder::CopyEncoder(std::vector<ColumnEncoding> columns) : m_columns(std::move(columns)) {
    m_binary = std::none_of(m_columns.begin(), m_columns.end(),
                            [](const ColumnEncoding& column) { return column.form == Form::spelled; });
}

void CopyEncoder::append_header(std::string& out) const {
    if (m_binary) {
        out.append("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    }
}

void CopyEncoder::append_trailer(std::string& out) const {
    if (m_binary) {
        out.append("\377\377", 2);
    }
}

void CopyEncoder::append_row(const RowBatch& batch, std::size_t row, std::string& out) {
    const std::size_t start = out.size();
    try {
        if (m_binary) {
            util::append_big(out, static_cast<std::uint16_t>(m_columns.size()));
        }
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (m_binary) {
                append_binary(m_columns[i], batch.columns[i], row, out);
                continue;
            }
            if (i > 0) {
                out += '\t';
            }
            append_text(m_columns[i], batch.columns[i], row, out);
        }
        if (!m_binary) {
            out += '\n';
        }
    } catch (...) {
        out.resize(start);
        throw;
    }
}

void CopyEncoder::append_binary(const ColumnEncoding& column, const ColumnVector& values, std::size_t row,
                                std::string& out) {
    if (values.is_null(row)) {
        out.append("\377\377\377\377", 4);
        return;
    }
    switch (column.form) {
        case Form::one:
            out.append("\0\0\0\1", 4);
            out += static_cast<char>(values.fixed(row) != 0);
            return;
        case Form::two: {
            out.append("\0\0\0\2", 4);
            const auto slot = narrowed<std::int16_t>(column, values.fixed(row), row);
            util::append_big(out, static_cast<std::uint16_t>(slot));
            return;
        }
        case Form::four: {
            out.append("\0\0\0\4", 4);
            const auto slot = narrowed<std::int32_t>(column, values.fixed(row), row);
            util::append_big(out, static_cast<std::uint32_t>(slot));
            return;
        }
        case Form::four_unsigned: {
            out.append("\0\0\0\4", 4);
            const auto slot = narrowed<std::uint32_t>(column, values.fixed(row), row);
            util::append_big(out, static_cast<std::uint32_t>(slot));
            return;
        }
        case Form::eight:
            out.append("\0\0\0\10", 4);
            util::append_big(out, static_cast<std::uint64_t>(values.fixed(row)));
            return;
        case Form::variant:
        case Form::json_text:
            m_scratch.clear();
            append_json_form(column.form, values.bytes(row));
            append_length(m_scratch.size(), column, row, out);
            out += m_scratch;
            return;
        case Form::versioned:
            append_length(values.bytes(row).size() + 1, column, row, out);
            out += '\1';
            out += values.bytes(row);
            return;
        case Form::text:
            refuse_nul(values.bytes(row), column, row);
            [[fallthrough]];
        default:
            append_length(values.bytes(row).size(), column, row, out);
            out += values.bytes(row);
    }
}

void CopyEncoder::append_json_form(ColumnEncoding::Form form, std::string_view value) {
    if (form == Form::variant) {
        append_variant_json(value, m_scratch);
    } else {
        append_json_string(value, m_scratch);
    }
}

void CopyEncoder::append_text(const ColumnEncoding& column, const ColumnVector& values, std::size_t row,
                              std::string& out) {
    if (values.is_null(row)) {
        out += "\\N";
        return;
    }
    if (column.type.kind == TypeKind::bytes) {
        append_hex(values.bytes(row), out);
        return;
    }
    m_scratch.clear();
    if (column.form == Form::variant || column.form == Form::json_text) {
        append_json_form(column.form, values.bytes(row));
    } else {
        model::append_text(values, row, column.type, m_scratch);
    }
    refuse_nul(m_scratch, column, row);
    append_escaped(m_scratch, out);
}

}  // namespace migrate::backends::postgresql
