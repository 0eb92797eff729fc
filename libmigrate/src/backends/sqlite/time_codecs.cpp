#include <cmath>
#include <limits>

#include "backends/sqlite/column_codec.hpp"
#include "model/value_text.hpp"

/// Dates and times as SQLite holds them: text, or a number counted from 1970 or in Julian days.
namespace migrate::backends::sqlite {
namespace {

/// 2000-01-01 counted from 1970-01-01.
constexpr std::int64_t k_epoch_us = 946'684'800'000'000;
constexpr double k_day_us = 86'400'000'000.0;
/// The Julian day of 2000-01-01T00:00.
constexpr double k_epoch_julian = 2451544.5;
/// What SQLite's date functions take for a Julian day: years −4713 to 9999.
constexpr double k_last_julian = 5373484.5;
/// Years 0000 to 9999 in µs since 2000-01-01; readings beyond are mistakes of unit.
constexpr std::int64_t k_first_us = -63'113'904'000'000'000;
constexpr std::int64_t k_last_us = 252'455'616'000'000'000;

bool is_instant(std::int64_t since_2000) {
    return since_2000 >= k_first_us && since_2000 < k_last_us;
}

bool append_instant(std::int64_t since_2000, ColumnVector& out) {
    if (!is_instant(since_2000)) {
        return false;
    }
    out.append_fixed(since_2000);
    return true;
}

template <std::int64_t Unit>
bool read_epoch(const Cell& cell, std::int64_t& since_2000) {
    std::int64_t us = 0;
    return cell.storage == Cell::Class::integer && !__builtin_mul_overflow(cell.integer, Unit, &us) &&
           !__builtin_sub_overflow(us, k_epoch_us, &since_2000) && is_instant(since_2000);
}

template <std::int64_t Unit>
bool decode_epoch(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    std::int64_t since_2000 = 0;
    return read_epoch<Unit>(cell, since_2000) && append_instant(since_2000, out);
}

/// Whole units come back as they are.
template <std::int64_t Unit>
bool survives_as_epoch(const ColumnCodec& /*codec*/, const Cell& cell) {
    std::int64_t since_2000 = 0;
    return read_epoch<Unit>(cell, since_2000);
}

template <std::int64_t Unit>
bool encode_epoch(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                  std::string& /*scratch*/) {
    std::int64_t us = 0;
    if (__builtin_add_overflow(column.fixed(row), k_epoch_us, &us) || us % Unit != 0) {
        return false;
    }
    out = Cell::of_integer(us / Unit);
    return true;
}

bool decode_epoch_real(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::real || !(std::fabs(cell.real) < 4e11)) {
        return false;
    }
    return append_instant(std::llround(cell.real * 1e6) - k_epoch_us, out);
}

bool encode_epoch_real(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                       std::string& /*scratch*/) {
    const double seconds = static_cast<double>(column.fixed(row) + k_epoch_us) / 1e6;
    out = Cell::of_real(seconds);
    return std::llround(seconds * 1e6) - k_epoch_us == column.fixed(row);
}

bool decode_julian(const ColumnCodec& /*codec*/, const Cell& cell, ColumnVector& out) {
    if (cell.storage != Cell::Class::real || !(cell.real >= 0) || cell.real > k_last_julian) {
        return false;
    }
    return append_instant(std::llround((cell.real - k_epoch_julian) * k_day_us), out);
}

bool encode_julian(const ColumnCodec& /*codec*/, const ColumnVector& column, std::size_t row, Cell& out,
                   std::string& /*scratch*/) {
    const double day = k_epoch_julian + static_cast<double>(column.fixed(row)) / k_day_us;
    out = Cell::of_real(day);
    // A double of this size steps by 40 µs: what lies between two steps cannot be said.
    return std::llround((day - k_epoch_julian) * k_day_us) == column.fixed(row);
}

bool decode_pattern(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::int64_t value = 0;
    if (cell.storage != Cell::Class::text || !codec.pattern().read(cell.bytes, value)) {
        return false;
    }
    out.append_fixed(value);
    return true;
}

/// A value is read only if it would be written the same way.
bool survives_as_pattern(const ColumnCodec& codec, const Cell& cell) {
    std::int64_t value = 0;
    return cell.storage == Cell::Class::text && codec.pattern().read(cell.bytes, value);
}

bool encode_pattern(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                    std::string& scratch) {
    scratch.clear();
    const bool is_written = codec.pattern().write(column.fixed(row), scratch);
    out = Cell::of_text(scratch);
    return is_written;
}

/// Whether a time has no more fraction digits than its type; the infinities have none.
bool keeps_precision(const LogicalType& type, std::int64_t microseconds) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (microseconds == Limits::max() || microseconds == Limits::min()) {
        return true;
    }
    std::int64_t unit = 1;
    for (int digits = 6; type.precision >= 0 && digits > type.precision; --digits) {
        unit *= 10;
    }
    return microseconds % unit == 0;
}

bool decode_usual(const ColumnCodec& codec, const Cell& cell, ColumnVector& out) {
    std::int64_t value = 0;
    const TypeKind kind = codec.type().kind;
    const bool is_read =
        cell.storage == Cell::Class::text &&
        (kind == TypeKind::date   ? model::read_date(cell.bytes, value)
         : kind == TypeKind::time ? model::read_time(cell.bytes, value)
                                  : model::read_timestamp(cell.bytes, kind == TypeKind::timestamp_tz, value));
    if (!is_read || (kind != TypeKind::date && !keeps_precision(codec.type(), value))) {
        return false;
    }
    out.append_fixed(value);
    return true;
}

bool encode_usual(const ColumnCodec& codec, const ColumnVector& column, std::size_t row, Cell& out,
                  std::string& scratch) {
    scratch.clear();
    switch (codec.type().kind) {
        case TypeKind::date:
            model::append_date(column.fixed(row), scratch);
            break;
        case TypeKind::time:
            model::append_time(column.fixed(row), scratch);
            break;
        default:
            model::append_timestamp(column.fixed(row), 'T', codec.type().kind == TypeKind::timestamp_tz,
                                    scratch);
            break;
    }
    out = Cell::of_text(scratch);
    return true;
}

}  // namespace

std::vector<CodecEntry> time_codecs(TypeKind kind) {
    std::vector<CodecEntry> codecs = {{"", decode_usual, encode_usual},
                                      {"*", decode_pattern, encode_pattern, survives_as_pattern}};
    if (kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz) {
        codecs.push_back(
            {"epoch_s", decode_epoch<1'000'000>, encode_epoch<1'000'000>, survives_as_epoch<1'000'000>});
        codecs.push_back({"epoch_ms", decode_epoch<1'000>, encode_epoch<1'000>, survives_as_epoch<1'000>});
        codecs.push_back({"epoch_us", decode_epoch<1>, encode_epoch<1>, survives_as_epoch<1>});
        codecs.push_back({"epoch_real", decode_epoch_real, encode_epoch_real});
        codecs.push_back({"julian", decode_julian, encode_julian});
    }
    return codecs;
}

}  // namespace migrate::backends::sqlite
