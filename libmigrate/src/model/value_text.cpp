#include "model/value_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "util/base64.hpp"
#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::model {
namespace {

constexpr std::size_t k_uuid_bytes = 16;
constexpr std::size_t k_uuid_text = 36;

constexpr bool is_hyphen_place(std::size_t index) noexcept {
    return index == 8 || index == 13 || index == 18 || index == 23;
}

void append_int64(std::int64_t value, std::string& out) {
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

template <typename Int>
bool append_integer(ColumnVector& column, std::string_view text) {
    std::int64_t value = 0;
    if (!read_int64(text, value) || value < std::numeric_limits<Int>::min() ||
        value > std::numeric_limits<Int>::max()) {
        return false;
    }
    column.append_fixed(value);
    return true;
}

bool append_boolean(ColumnVector& column, std::string_view text) {
    if (text != "true" && text != "false") {
        return false;
    }
    column.append_fixed(text == "true" ? 1 : 0);
    return true;
}

template <typename Read>
bool append_slot(ColumnVector& column, std::string_view text, Read read) {
    std::int64_t value = 0;
    if (!read(text, value)) {
        return false;
    }
    column.append_fixed(value);
    return true;
}

template <typename Read>
bool append_run(ColumnVector& column, std::string_view text, Read read) {
    std::string value;
    if (!read(text, value)) {
        return false;
    }
    column.append_bytes(value);
    return true;
}

bool read_decimal_of(const LogicalType& type, std::string_view text, std::string& out) {
    if (!read_decimal(text, out)) {
        return false;
    }
    if (type.trimmed) {
        trim_decimal(out.data(), out.size());
    }
    return type.precision < 0 || fit_decimal(type.precision, type.scale, out.data(), out.size());
}

bool append_label(ColumnVector& column, const LogicalType& type, std::string_view text) {
    if (!type.labels.empty() &&
        std::find(type.labels.begin(), type.labels.end(), text) == type.labels.end()) {
        return false;
    }
    column.append_bytes(text);
    return true;
}

bool append_float(ColumnVector& column, TypeKind kind, std::string_view text) {
    float small = 0;
    double large = 0;
    if (kind == TypeKind::float32 ? !read_float32(text, small) : !read_float64(text, large)) {
        return false;
    }
    kind == TypeKind::float32 ? column.append_float32(small) : column.append_float64(large);
    return true;
}

bool append_fixed_from_text(ColumnVector& column, const LogicalType& type, std::string_view text) {
    const auto read_zoned = [&type](std::string_view t, std::int64_t& value) {
        return read_timestamp(t, type.kind == TypeKind::timestamp_tz, value);
    };
    switch (type.kind) {
        case TypeKind::boolean:
            return append_boolean(column, text);
        case TypeKind::int16:
            return append_integer<std::int16_t>(column, text);
        case TypeKind::int32:
            return append_integer<std::int32_t>(column, text);
        case TypeKind::int64:
            return append_integer<std::int64_t>(column, text);
        case TypeKind::float32:
        case TypeKind::float64:
            return append_float(column, type.kind, text);
        case TypeKind::date:
            return append_slot(column, text, read_date);
        case TypeKind::time:
            return append_slot(column, text, read_time);
        default:
            return append_slot(column, text, read_zoned);
    }
}

bool append_variable_from_text(ColumnVector& column, const LogicalType& type, std::string_view text) {
    const auto read_fitting = [&type](std::string_view t, std::string& value) {
        return read_decimal_of(type, t, value);
    };
    switch (type.kind) {
        case TypeKind::decimal:
            return append_run(column, text, read_fitting);
        case TypeKind::time_tz:
            return append_run(column, text, read_time_tz);
        case TypeKind::interval:
            return append_run(column, text, read_interval);
        case TypeKind::uuid:
            return append_run(column, text, read_uuid);
        case TypeKind::bytes:
            return append_run(column, text, read_base64);
        case TypeKind::enumeration:
            return append_label(column, type, text);
        default:
            column.append_bytes(text);
            return true;
    }
}

}  // namespace

void append_uuid(std::string_view value, std::string& out) {
    std::string digits;
    util::append_hex(value.substr(0, k_uuid_bytes), digits);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) {
            out += '-';
        }
        out += digits[i];
    }
}

bool read_uuid(std::string_view text, std::string& out) {
    if (text.size() != k_uuid_text) {
        return false;
    }
    std::array<char, 2 * k_uuid_bytes> digits{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_hyphen_place(i)) {
            digits[count++] = text[i];
        } else if (text[i] != '-') {
            return false;
        }
    }
    return util::read_hex({digits.data(), digits.size()}, out);
}

void append_base64(std::string_view value, std::string& out) {
    util::append_base64(value, out);
}
bool read_base64(std::string_view text, std::string& out) {
    return util::read_base64(text, out);
}
bool is_valid_utf8(std::string_view text) noexcept {
    return util::is_valid_utf8(text);
}

void append_text(const ColumnVector& column, std::size_t row, const LogicalType& type, std::string& out) {
    switch (type.kind) {
        case TypeKind::boolean:
            out += column.fixed(row) != 0 ? "true" : "false";
            return;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return append_int64(column.fixed(row), out);
        case TypeKind::float32:
            return append_float32(column.float32(row), out);
        case TypeKind::float64:
            return append_float64(column.float64(row), out);
        case TypeKind::date:
            return append_date(column.fixed(row), out);
        case TypeKind::time:
            return append_time(column.fixed(row), out);
        case TypeKind::timestamp:
            return append_timestamp(column.fixed(row), 'T', false, out);
        case TypeKind::timestamp_tz:
            return append_timestamp(column.fixed(row), 'T', true, out);
        case TypeKind::decimal:
            return append_decimal(column.bytes(row), out);
        case TypeKind::time_tz:
            return append_time_tz(column.bytes(row), out);
        case TypeKind::interval:
            return append_interval(column.bytes(row), out);
        case TypeKind::uuid:
            return append_uuid(column.bytes(row), out);
        case TypeKind::bytes:
            return append_base64(column.bytes(row), out);
        default:
            out += column.bytes(row);
            return;
    }
}

bool append_from_text(ColumnVector& column, const LogicalType& type, std::string_view text) {
    return layout_of(type.kind) == ValueLayout::fixed ? append_fixed_from_text(column, type, text)
                                                      : append_variable_from_text(column, type, text);
}

}  // namespace migrate::model
