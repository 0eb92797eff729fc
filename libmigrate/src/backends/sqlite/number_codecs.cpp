#include <charconv>
#include <cmath>
#include <limits>

#include "backends/sqlite/column_codec.hpp"
#include "model/value_text.hpp"

/// Numbers and booleans as SQLite holds them.
namespace migrate::backends::sqlite {
namespace {

/// REAL affinity stores −0.0 as the integer 0, and NaN is bound as NULL: both are held as text that no
/// affinity takes for a number.
constexpr std::string_view k_nan = "NaN";
constexpr std::string_view k_negative_zero = "-zero";

bool is_negative_zero(double value) {
    return value == 0 && std::signbit(value);
}

bool decode_bool(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::integer || cell.integer < 0 || cell.integer > 1) {
        return false;
    }
    out.append_fixed(cell.integer);
    return true;
}

bool survives_as_bool(const ColumnCodec& /*codec*/, const Cell& cell) {
    return cell.storage == Cell::Class::integer && (cell.integer == 0 || cell.integer == 1);
}

bool encode_slot(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& /*scratch*/) {
    out = Cell::of_integer(column.fixed(row));
    return true;
}

bool decode_word(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    const bool is_true = cell.bytes == codec.true_word();
    if (cell.storage != Cell::Class::text || (!is_true && cell.bytes != codec.false_word())) {
        return false;
    }
    out.append_fixed(is_true ? 1 : 0);
    return true;
}

bool encode_word(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& /*scratch*/) {
    out = Cell::of_text(column.fixed(row) != 0 ? codec.true_word() : codec.false_word());
    return true;
}

bool is_in_range(TypeKind kind, std::int64_t value) {
    return (kind != TypeKind::int16 || value == static_cast<std::int16_t>(value)) &&
           (kind != TypeKind::int32 || value == static_cast<std::int32_t>(value));
}

bool append_integer(TypeKind kind, std::int64_t value, ColumnVector& out) {
    if (!is_in_range(kind, value)) {
        return false;
    }
    out.append_fixed(value);
    return true;
}

bool decode_integer(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    return cell.storage == Cell::Class::integer && append_integer(codec.type().kind, cell.integer, out);
}

bool survives_as_integer(const ColumnCodec& codec, const Cell& cell) {
    return cell.storage == Cell::Class::integer && is_in_range(codec.type().kind, cell.integer);
}

bool decode_integer_text(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::int64_t value = 0;
    return cell.storage == Cell::Class::text && model::read_int64(cell.bytes, value) &&
           append_integer(codec.type().kind, value, out);
}

bool encode_integer_text(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                         std::string& scratch) {
    scratch = std::to_string(column.fixed(row));
    out = Cell::of_text(scratch);
    return true;
}

/// The range in which every whole double is one integer: ±2^53.
constexpr double k_exact = 9007199254740992.0;

bool decode_integer_real(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::real || !(std::fabs(cell.real) <= k_exact) ||
        std::trunc(cell.real) != cell.real || is_negative_zero(cell.real)) {
        return false;
    }
    return append_integer(codec.type().kind, static_cast<std::int64_t>(cell.real), out);
}

bool encode_integer_real(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                         std::string& /*scratch*/) {
    const std::int64_t value = column.fixed(row);
    out = Cell::of_real(static_cast<double>(value));
    return std::fabs(out.real) <= k_exact;
}

bool append_float(TypeKind kind, double value, ColumnVector& out) {
    if (kind == TypeKind::float64) {
        out.append_float64(value);
        return true;
    }
    const auto narrow = static_cast<float>(value);
    if (static_cast<double>(narrow) != value && !std::isnan(value)) {
        return false;
    }
    out.append_float32(narrow);
    return true;
}

double float_at(const ColumnVector& column, std::size_t row) {
    return column.kind() == TypeKind::float64 ? column.float64(row)
                                              : static_cast<double>(column.float32(row));
}

bool decode_real(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    if (cell.storage == Cell::Class::text) {
        if (cell.bytes == k_nan) {
            return append_float(codec.type().kind, std::numeric_limits<double>::quiet_NaN(), out);
        }
        return cell.bytes == k_negative_zero && append_float(codec.type().kind, -0.0, out);
    }
    return cell.storage == Cell::Class::real && append_float(codec.type().kind, cell.real, out);
}

bool encode_real(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                 std::string& /*scratch*/) {
    const double value = float_at(column, row);
    out = std::isnan(value)         ? Cell::of_text(k_nan)
          : is_negative_zero(value) ? Cell::of_text(k_negative_zero)
                                    : Cell::of_real(value);
    return true;
}

bool survives_as_real(const ColumnCodec& codec, const Cell& cell) {
    if (cell.storage != Cell::Class::real || codec.type().kind != TypeKind::float64) {
        return codec.comes_back(cell);
    }
    return !is_negative_zero(cell.real);
}

bool decode_signed(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    return cell.storage == Cell::Class::real && append_float(codec.type().kind, cell.real, out);
}

/// For columns without affinity, which keep the sign of zero.
bool encode_signed(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                   std::string& /*scratch*/) {
    const double value = float_at(column, row);
    out = std::isnan(value) ? Cell::of_text(k_nan) : Cell::of_real(value);
    return true;
}

bool decode_real_integer(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    const auto value = static_cast<double>(cell.integer);
    return cell.storage == Cell::Class::integer && std::fabs(value) <= k_exact &&
           append_float(codec.type().kind, value, out);
}

bool encode_real_integer(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                         std::string& /*scratch*/) {
    const double value = float_at(column, row);
    if (!(std::fabs(value) <= k_exact) || std::trunc(value) != value || is_negative_zero(value)) {
        return false;
    }
    out = Cell::of_integer(static_cast<std::int64_t>(value));
    return true;
}

struct Digits {
    std::size_t fraction = 0;     ///< After the point.
    std::size_t significant = 0;  ///< From the first that is not zero.
};

/// Of a number spelled without an exponent.
Digits digits_of(std::string_view text) {
    Digits digits;
    bool in_fraction = false;
    for (const char c : text) {
        if (c == '.') {
            in_fraction = true;
        } else if (c != '-') {
            digits.fraction += in_fraction ? 1U : 0U;
            digits.significant += c != '0' || digits.significant > 0 ? 1U : 0U;
        }
    }
    return digits;
}

/// Whether digits up to the column's scale keep to its precision and scale.
bool fits(const LogicalType& type, const Digits& digits) {
    if (type.scale < 0) {
        return true;
    }
    const auto scale = static_cast<std::size_t>(type.scale);
    if (digits.fraction > scale) {
        return false;
    }
    return type.precision < 0 || digits.significant == 0 ||
           digits.significant + scale - digits.fraction <= static_cast<std::size_t>(type.precision);
}

/// Appends the number spelled so, without an exponent, with zeros up to the column's scale. False past its
/// precision or scale.
bool append_plain_decimal(const LogicalType& type, std::string& text, ColumnVector& out) {
    if (type.scale >= 0) {
        const Digits digits = digits_of(text);
        if (!fits(type, digits)) {
            return false;
        }
        const std::size_t missing = static_cast<std::size_t>(type.scale) - digits.fraction;
        if (digits.fraction == 0 && missing > 0) {
            text += '.';
        }
        text.append(missing, '0');
    }
    thread_local std::string numeric;
    numeric.clear();
    if (!model::read_decimal(text, numeric)) {
        return false;
    }
    out.append_bytes(numeric);
    return true;
}

/// The same of any spelling.
bool append_decimal_text(const LogicalType& type, std::string& text, ColumnVector& out) {
    if (type.scale >= 0 && text.find_first_of("eE") != std::string::npos) {
        std::string numeric;
        if (!model::read_decimal(text, numeric)) {
            return false;
        }
        text.clear();
        model::append_decimal(numeric, text);
    }
    if (text.find_first_of("IN") == std::string::npos) {
        return append_plain_decimal(type, text, out);
    }
    std::string numeric;
    if (!model::read_decimal(text, numeric)) {
        return false;
    }
    out.append_bytes(numeric);
    return true;
}

bool decode_decimal_text(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::string text(cell.bytes);
    return cell.storage == Cell::Class::text && append_decimal_text(codec.type(), text, out);
}

bool encode_decimal_text(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                         std::string& scratch) {
    scratch.clear();
    model::append_decimal(column.bytes(row), scratch);
    out = Cell::of_text(scratch);
    return true;
}

/// Between these, doubles have a short plain spelling.
constexpr double k_plain = 1e22;
constexpr double k_least_plain = 1e-30;

bool has_plain_spelling(double value) {
    return std::fabs(value) < k_plain && std::fabs(value) > k_least_plain;
}

/// The shortest digits that read back to the same double.
std::string shortest(double value) {
    char buffer[400];
    const auto format = has_plain_spelling(value) ? std::chars_format::fixed : std::chars_format::general;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format);
    return {buffer, end.ptr};
}

bool decode_decimal_number(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::string text;
    if (cell.storage == Cell::Class::integer) {
        text = std::to_string(cell.integer);
        return append_plain_decimal(codec.type(), text, out);
    }
    if (cell.storage == Cell::Class::real && std::isfinite(cell.real) && !is_negative_zero(cell.real)) {
        text = cell.real == 0 ? "0" : shortest(cell.real);
        return has_plain_spelling(cell.real) ? append_plain_decimal(codec.type(), text, out)
                                             : append_decimal_text(codec.type(), text, out);
    }
    if (cell.storage == Cell::Class::text &&
        (cell.bytes == "NaN" || cell.bytes == "Infinity" || cell.bytes == "-Infinity")) {
        text = cell.bytes;
        return append_decimal_text(codec.type(), text, out);
    }
    return false;
}

/// A whole number comes back as INTEGER; any other as the double whose shortest digits these are.
bool survives_as_number(const ColumnCodec& codec, const Cell& cell) {
    char buffer[64];
    if (cell.storage == Cell::Class::integer) {
        if (codec.type().scale < 0) {
            return true;
        }
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, cell.integer);
        return fits(codec.type(), digits_of({buffer, end.ptr}));
    }
    if (cell.storage != Cell::Class::real || !has_plain_spelling(cell.real) ||
        std::trunc(cell.real) == cell.real) {
        return codec.comes_back(cell);
    }
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, cell.real, std::chars_format::fixed);
    return end.ec == std::errc() ? fits(codec.type(), digits_of({buffer, end.ptr})) : codec.comes_back(cell);
}

/// The digits of a decimal without the zeros that say nothing.
std::string plain_digits(std::string_view numeric) {
    std::string text;
    model::append_decimal(numeric, text);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

bool encode_as_real(std::string& text, Cell& out) {
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
        return false;
    }
    // Only where the double says the same digits again; rounding would be a silent change.
    std::string numeric;
    if (!model::read_decimal(value == 0 ? "0" : shortest(value), numeric) || plain_digits(numeric) != text) {
        return false;
    }
    out = Cell::of_real(value);
    return true;
}

bool encode_special(std::string& text, Cell& out) {
    out = Cell::of_text(text);
    return true;
}

bool is_special(const std::string& text) {
    return text.find_first_of("NI") != std::string::npos;
}

bool encode_decimal_number(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row,
                           Cell& out, std::string& scratch) {
    scratch = plain_digits(column.bytes(row));
    if (is_special(scratch)) {
        return encode_special(scratch, out);
    }
    std::int64_t whole = 0;
    if (model::read_int64(scratch, whole)) {
        out = Cell::of_integer(whole);
        return true;
    }
    return encode_as_real(scratch, out);
}

bool encode_decimal_real(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                         std::string& scratch) {
    scratch = plain_digits(column.bytes(row));
    return is_special(scratch) ? encode_special(scratch, out) : encode_as_real(scratch, out);
}

}  // namespace

std::vector<CodecEntry> number_codecs(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return {{"", decode_bool, encode_slot, survives_as_bool}, {"text:", decode_word, encode_word}};
        case TypeKind::float32:
        case TypeKind::float64:
            return {{"", decode_real, encode_real, survives_as_real},
                    {"integer", decode_real_integer, encode_real_integer},
                    {"signed", decode_signed, encode_signed}};
        case TypeKind::decimal:
            return {{"", decode_decimal_text, encode_decimal_text},
                    {"number", decode_decimal_number, encode_decimal_number, survives_as_number},
                    {"real", decode_decimal_number, encode_decimal_real}};
        default:
            return {{"", decode_integer, encode_slot, survives_as_integer},
                    {"text", decode_integer_text, encode_integer_text},
                    {"real", decode_integer_real, encode_integer_real}};
    }
}

}  // namespace migrate::backends::sqlite
