#include "backends/postgresql/text_decoder.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/variant_json.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"
#include "util/hex.hpp"

namespace migrate::backends::postgresql {
namespace {

using Form = ColumnDecoding::Form;

[[noreturn]] void throw_malformed(const char* what) {
    throw Error(ErrorFacts{.code = ErrorCode::corrupt, .backend = "postgresql"},
                fmt::format("PostgreSQL: the server's copy stream is damaged: {}.", what));
}

/// What stands behind a backslash, as COPY's text format writes it.
char unescaped(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'v':
            return '\v';
        default:
            return c;
    }
}

/// Takes the next field off the row. False for NULL.
bool take_field(std::string_view& row, std::string& value) {
    value.clear();
    const std::size_t size = std::min(row.find('\t'), row.size());
    const std::string_view field = row.substr(0, size);
    row.remove_prefix(std::min(size + 1, row.size()));
    if (field == "\\N") {
        return false;
    }
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\') {
            value += field[i];
        } else if (++i < field.size()) {
            value += unescaped(field[i]);
        } else {
            throw_malformed("a row ends within an escape");
        }
    }
    return true;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

bool append_integer(TypeKind kind, std::string_view text, ColumnVector& out) {
    const auto number = number_of<std::int64_t>(text);
    const bool fits = number && (kind != TypeKind::int16 || *number == static_cast<std::int16_t>(*number)) &&
                      (kind != TypeKind::int32 || *number == static_cast<std::int32_t>(*number));
    if (fits) {
        out.append_fixed(*number);
    }
    return fits;
}

bool append_float(TypeKind kind, std::string_view text, ColumnVector& out) {
    // from_chars knows "Infinity" and "NaN" as well.
    if (kind == TypeKind::float32) {
        const auto number = number_of<float>(text);
        if (number) {
            out.append_float32(*number);
        }
        return number.has_value();
    }
    const auto number = number_of<double>(text);
    if (number) {
        out.append_float64(*number);
    }
    return number.has_value();
}

template <class Read>
bool append_bytes(std::string_view text, ColumnVector& out, Read read) {
    std::string bytes;
    const bool is_read = read(text, bytes);
    if (is_read) {
        out.append_bytes(bytes);
    }
    return is_read;
}

template <class Read>
bool append_slot(std::string_view text, ColumnVector& out, Read read) {
    std::int64_t slot = 0;
    const bool is_read = read(text, slot);
    if (is_read) {
        out.append_fixed(slot);
    }
    return is_read;
}

bool append_boolean(std::string_view text, ColumnVector& out) {
    if (text != "t" && text != "f") {
        return false;
    }
    out.append_fixed(text == "t" ? 1 : 0);
    return true;
}

bool read_bytea(std::string_view text, std::string& bytes) {
    return text.starts_with("\\x") && util::read_hex(text.substr(2), bytes);
}

/// A value whose type PostgreSQL has itself.
bool append_native(TypeKind kind, std::string_view text, ColumnVector& out) {
    switch (kind) {
        case TypeKind::boolean:
            return append_boolean(text, out);
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return append_integer(kind, text, out);
        case TypeKind::float32:
        case TypeKind::float64:
            return append_float(kind, text, out);
        case TypeKind::decimal:
            return append_bytes(text, out, model::read_decimal);
        case TypeKind::bytes:
            return append_bytes(text, out, read_bytea);
        case TypeKind::uuid:
            return append_bytes(text, out, model::read_uuid);
        case TypeKind::interval:
            return append_bytes(text, out, read_postgres_interval);
        case TypeKind::time_tz:
            return append_bytes(text, out, model::read_time_tz);
        case TypeKind::date:
            return append_slot(text, out, model::read_date);
        case TypeKind::time:
            return append_slot(text, out, model::read_time);
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return append_slot(text, out, [kind](std::string_view from, std::int64_t& slot) {
                return model::read_timestamp(from, kind == TypeKind::timestamp_tz, slot);
            });
        default:
            out.append_bytes(text);
            return true;
    }
}

constexpr std::int64_t k_second_us = 1'000'000;

/// [+-]HH:MM:SS[.ffffff], hours of any number of digits.
bool read_interval_time(std::string_view text, std::int64_t& microseconds) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
    const std::size_t hours_end = text.find(':');
    if (hours_end == std::string_view::npos || text.size() < hours_end + 6 || text[hours_end + 3] != ':') {
        return false;
    }
    const auto hours = number_of<std::uint64_t>(text.substr(0, hours_end));
    const auto minutes = number_of<std::uint64_t>(text.substr(hours_end + 1, 2));
    const auto seconds = number_of<std::uint64_t>(text.substr(hours_end + 4, 2));
    std::string fraction(text.substr(hours_end + 6));
    if (!hours || !minutes || !seconds || (!fraction.empty() && fraction.front() != '.')) {
        return false;
    }
    fraction.resize(7, '0');
    const auto parts = number_of<std::uint64_t>(std::string_view(fraction).substr(1));
    if (!parts || text.size() > hours_end + 13) {
        return false;
    }
    // Unsigned, so that the least of all intervals is no overflow.
    const std::uint64_t size = (*hours * 3600 + *minutes * 60 + *seconds) * k_second_us + *parts;
    microseconds = static_cast<std::int64_t>(negative ? 0 - size : size);
    return true;
}

struct Interval {
    std::int64_t microseconds = 0;
    std::int64_t days = 0;
    std::int64_t months = 0;
};

bool read_interval_parts(std::string_view text, Interval& interval) {
    while (!text.empty()) {
        const std::size_t size = std::min(text.find(' '), text.size());
        std::string_view word = text.substr(0, size);
        text.remove_prefix(std::min(size + 1, text.size()));
        if (word.find(':') != std::string_view::npos) {
            return text.empty() && read_interval_time(word, interval.microseconds);
        }
        word.remove_prefix(word.starts_with('+') ? 1 : 0);
        const auto number = number_of<std::int64_t>(word);
        const std::size_t unit_size = std::min(text.find(' '), text.size());
        const std::string_view unit = text.substr(0, unit_size);
        text.remove_prefix(std::min(unit_size + 1, text.size()));
        if (!number) {
            return false;
        }
        if (unit.starts_with("year")) {
            interval.months += 12 * *number;
        } else if (unit.starts_with("mon")) {
            interval.months += *number;
        } else if (unit.starts_with("day")) {
            interval.days = *number;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

bool read_postgres_interval(std::string_view text, std::string& out) {
    Interval interval;
    if (text == "infinity" || text == "-infinity") {
        const bool least = text.front() == '-';
        using Wide = std::numeric_limits<std::int64_t>;
        using Narrow = std::numeric_limits<std::int32_t>;
        interval = {least ? Wide::min() : Wide::max(), least ? Narrow::min() : Narrow::max(),
                    least ? Narrow::min() : Narrow::max()};
    } else if (text.empty() || !read_interval_parts(text, interval)) {
        return false;
    }
    util::append_big(out, interval.microseconds);
    util::append_big(out, static_cast<std::int32_t>(interval.days));
    util::append_big(out, static_cast<std::int32_t>(interval.months));
    return true;
}

std::string text_expression(const std::string& name, const PhysicalType& physical) {
    return quote_identifier(name) + (physical.is(TypeOid::money) ? "::pg_catalog.numeric" : "");
}

void TextDecoder::decode(std::string_view message, RowBatch& batch) {
    if (!message.ends_with('\n')) {
        throw_malformed("a row is cut off");
    }
    message.remove_suffix(1);
    if (m_columns.empty()) {
        ++batch.bare_rows;
        return;
    }
    const auto tabs = static_cast<std::size_t>(std::count(message.begin(), message.end(), '\t'));
    if (tabs + 1 != m_columns.size()) {
        throw_malformed("a row has another number of columns than was asked for");
    }
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (take_field(message, m_value)) {
            append(m_columns[i], batch.columns[i]);
        } else {
            batch.columns[i].append_null();
        }
    }
}

void TextDecoder::append(const ColumnDecoding& column, ColumnVector& out) const {
    const bool is_read = column.form == Form::variant     ? append_variant_from_json(m_value, out)
                         : column.form == Form::json_text ? append_text_from_json(m_value, out)
                         : column.form == Form::spelled   ? model::append_from_text(out, column.type, m_value)
                                                          : append_native(column.type.kind, m_value, out);
    if (!is_read) {
        throw Error(ErrorFacts{.code = ErrorCode::malformed, .backend = "postgresql", .column = column.name},
                    fmt::format("PostgreSQL: column {} is spelled as no {} is.", column.name,
                                to_string(column.type)));
    }
}

}  // namespace migrate::backends::postgresql
