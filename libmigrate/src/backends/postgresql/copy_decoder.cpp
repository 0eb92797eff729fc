#include "backends/postgresql/copy_decoder.hpp"

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/variant_json.hpp"
#include "model/canonical.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::postgresql {
namespace {

using Form = ColumnDecoding::Form;

constexpr std::string_view k_signature("PGCOPY\n\377\r\n\0", 11);

[[noreturn]] void throw_malformed(const char* what) {
    throw Error(ErrorFacts{.code = ErrorCode::corrupt, .backend = "postgresql"},
                fmt::format("PostgreSQL: the server's binary copy stream is damaged: {}.", what));
}

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

/// The form for pairs that need no text in between; spelled for all others.
Form direct_form(const PhysicalType& physical, TypeKind kind) {
    switch (static_cast<TypeOid>(physical.oid)) {
        case TypeOid::boolean:
            return kind == TypeKind::boolean ? Form::one : Form::spelled;
        case TypeOid::int2:
            return is_integer(kind) ? Form::two : Form::spelled;
        case TypeOid::int4:
            return is_integer(kind) ? Form::four : Form::spelled;
        case TypeOid::oid:
            return kind == TypeKind::int64 ? Form::four_unsigned : Form::spelled;
        case TypeOid::int8:
            return kind == TypeKind::int64 ? Form::eight : Form::spelled;
        case TypeOid::float4:
            return kind == TypeKind::float32 ? Form::four : Form::spelled;
        case TypeOid::float8:
            return kind == TypeKind::float64 ? Form::eight : Form::spelled;
        case TypeOid::numeric:
            return kind == TypeKind::decimal ? Form::raw : Form::spelled;
        case TypeOid::text:
        case TypeOid::varchar:
        case TypeOid::bpchar:
        case TypeOid::name:
            return kind == TypeKind::text ? Form::raw : Form::spelled;
        case TypeOid::bytea:
            return kind == TypeKind::bytes ? Form::raw : Form::spelled;
        case TypeOid::date:
            return kind == TypeKind::date ? Form::four : Form::spelled;
        case TypeOid::time:
            return kind == TypeKind::time ? Form::eight : Form::spelled;
        case TypeOid::timestamp:
            return kind == TypeKind::timestamp ? Form::eight : Form::spelled;
        case TypeOid::timestamptz:
            return kind == TypeKind::timestamp_tz ? Form::eight : Form::spelled;
        case TypeOid::timetz:
            return kind == TypeKind::time_tz ? Form::raw : Form::spelled;
        case TypeOid::interval:
            return kind == TypeKind::interval ? Form::raw : Form::spelled;
        case TypeOid::uuid:
            return kind == TypeKind::uuid ? Form::raw : Form::spelled;
        case TypeOid::json:
            return kind == TypeKind::json      ? Form::raw
                   : kind == TypeKind::variant ? Form::variant
                   : kind == TypeKind::text    ? Form::json_text
                                               : Form::spelled;
        case TypeOid::jsonb:
            return kind == TypeKind::jsonb ? Form::versioned : Form::spelled;
        default:
            return physical.category == 'e' && kind == TypeKind::enumeration ? Form::raw : Form::spelled;
    }
}

std::size_t width_of(Form form) {
    switch (form) {
        case Form::one:
            return 1;
        case Form::two:
            return 2;
        case Form::four:
        case Form::four_unsigned:
            return 4;
        default:
            return 8;
    }
}

std::int64_t slot_of(Form form, const char* bytes) {
    switch (form) {
        case Form::one:
            return static_cast<std::int64_t>(*bytes);
        case Form::two:
            return static_cast<std::int16_t>(util::load_big<std::uint16_t>(bytes));
        case Form::four:
            return static_cast<std::int32_t>(util::load_big<std::uint32_t>(bytes));
        case Form::four_unsigned:
            return util::load_big<std::uint32_t>(bytes);
        default:
            return static_cast<std::int64_t>(util::load_big<std::uint64_t>(bytes));
    }
}

}  // namespace

ColumnDecoding decoding_of(const std::string& name, const PhysicalType& physical, const LogicalType& type) {
    ColumnDecoding decoding;
    decoding.form = direct_form(physical, type.kind);
    decoding.type = type;
    decoding.name = name;
    decoding.expression = quote_identifier(name);
    if (decoding.form != Form::spelled) {
        return decoding;
    }
    if (physical.is(TypeOid::money) && type.kind == TypeKind::decimal) {
        decoding.form = Form::raw;
        decoding.expression += "::pg_catalog.numeric";
        return decoding;
    }
    // A cast to text may be somebody's own function (inet's adds a netmask): the output function is what
    // PostgreSQL itself shows.
    // refcursor has that of text, which takes it for no text unless told.
    const char* const cast = physical.output == "pg_catalog.textout" ? "::pg_catalog.text" : "";
    decoding.expression =
        fmt::format("pg_catalog.textin({}({}{}))", physical.output, decoding.expression, cast);
    const LogicalType natural = logical_type_of(physical);
    if (layout_of(type.kind) == ValueLayout::variable && natural.kind == type.kind) {
        decoding.form = Form::raw;
    }
    return decoding;
}

std::optional<std::string_view> CopyFraming::row_in(std::string_view message) {
    if (!m_header_seen) {
        constexpr std::size_t k_header_bytes = k_signature.size() + 8;
        if (message.size() < k_header_bytes || !message.starts_with(k_signature)) {
            throw_malformed("its header is not that of a copy");
        }
        const auto extension = util::load_big<std::uint32_t>(message.data() + k_signature.size() + 4);
        if (message.size() - k_header_bytes < extension) {
            throw_malformed("its header is cut off");
        }
        message.remove_prefix(k_header_bytes + extension);
        m_header_seen = true;
        if (message.empty()) {
            return std::nullopt;
        }
    }
    if (message.size() < 2) {
        throw_malformed("a row is cut off");
    }
    const bool is_trailer = static_cast<std::int16_t>(util::load_big<std::uint16_t>(message.data())) == -1;
    return is_trailer ? std::nullopt : std::optional(message);
}

bool CopyDecoder::decode(std::string_view message, RowBatch& batch) {
    const auto row = m_framing.row_in(message);
    if (!row) {
        return false;
    }
    if (m_digest != nullptr) {
        model::digest_canonical_row(*row, *m_digest);
    }
    message = *row;
    const auto count = static_cast<std::int16_t>(util::load_big<std::uint16_t>(message.data()));
    message.remove_prefix(2);
    if (static_cast<std::size_t>(count) != m_columns.size()) {
        throw_malformed("a row has another number of columns than was asked for");
    }
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (message.size() < 4) {
            throw_malformed("a row is cut off");
        }
        const auto length = static_cast<std::int32_t>(util::load_big<std::uint32_t>(message.data()));
        message.remove_prefix(4);
        if (length == -1) {
            batch.columns[i].append_null();
            continue;
        }
        if (length < 0 || message.size() < static_cast<std::size_t>(length)) {
            throw_malformed("a value is cut off");
        }
        decode_value(m_columns[i], message.substr(0, static_cast<std::size_t>(length)), batch.columns[i]);
        message.remove_prefix(static_cast<std::size_t>(length));
    }
    if (m_columns.empty()) {
        ++batch.bare_rows;
    }
    return true;
}

void CopyDecoder::decode_value(const ColumnDecoding& column, std::string_view value,
                               ColumnVector& out) const {
    switch (column.form) {
        case Form::raw:
            out.append_bytes(value);
            return;
        case Form::versioned:
            if (value.empty() || value.front() != 1) {
                throw_malformed("jsonb of an unknown version");
            }
            out.append_bytes(value.substr(1));
            return;
        case Form::variant:
        case Form::json_text:
        case Form::spelled: {
            const bool read = column.form == Form::variant ? append_variant_from_json(value, out)
                              : column.form == Form::json_text
                                  ? append_text_from_json(value, out)
                                  : model::append_from_text(out, column.type, value);
            if (!read) {
                ErrorFacts facts{
                    .code = ErrorCode::malformed, .backend = "postgresql", .column = column.name};
                facts.next_step = "Choose another type for the column.";
                throw Error(facts, fmt::format("PostgreSQL: column {} holds a value that is no {}.",
                                               column.name, to_string(column.type)));
            }
            return;
        }
        default:
            if (value.size() != width_of(column.form)) {
                throw_malformed("a value has another width than its type");
            }
            out.append_fixed(slot_of(column.form, value.data()));
    }
}

}  // namespace migrate::backends::postgresql
