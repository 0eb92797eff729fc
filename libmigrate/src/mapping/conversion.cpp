#include "mapping/conversion.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "mapping/cast.hpp"
#include "mapping/jsonb_text.hpp"
#include "mapping/written_value.hpp"
#include "model/value_text.hpp"

namespace migrate::mapping {
namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

bool is_number(TypeKind kind) {
    return is_integer(kind) || kind == TypeKind::boolean || kind == TypeKind::decimal ||
           kind == TypeKind::float32 || kind == TypeKind::float64;
}

/// Kinds whose values are UTF-8 text that stands for itself.
bool is_texty(TypeKind kind) {
    return kind == TypeKind::text || kind == TypeKind::enumeration || kind == TypeKind::json ||
           kind == TypeKind::opaque || kind == TypeKind::inet || kind == TypeKind::cidr ||
           kind == TypeKind::macaddr || kind == TypeKind::bit_string || kind == TypeKind::range ||
           kind == TypeKind::array || kind == TypeKind::jsonb;
}

bool integer_fits(std::int64_t value, TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return value == 0 || value == 1;
        case TypeKind::int16:
            return value >= std::numeric_limits<std::int16_t>::min() &&
                   value <= std::numeric_limits<std::int16_t>::max();
        case TypeKind::int32:
            return value >= std::numeric_limits<std::int32_t>::min() &&
                   value <= std::numeric_limits<std::int32_t>::max();
        default:
            return true;
    }
}

bool integer_to(std::int64_t value, const LogicalType& to, ColumnVector& out) {
    if (is_integer(to.kind) || to.kind == TypeKind::boolean) {
        if (!integer_fits(value, to.kind)) {
            return false;
        }
        out.append_fixed(value);
        return true;
    }
    if (to.kind == TypeKind::float64) {
        const auto real = static_cast<double>(value);
        constexpr std::int64_t k_exact = std::int64_t{1} << 53;
        if (value > k_exact || value < -k_exact) {
            return false;
        }
        out.append_float64(real);
        return true;
    }
    if (to.kind == TypeKind::float32) {
        return append_float(std::to_string(value), to, out);
    }
    return model::append_from_text(out, to, std::to_string(value));
}

std::optional<std::int64_t> integral_value(double value) {
    constexpr double k_exact = 9007199254740992.0;
    if (!(std::abs(value) <= k_exact) || value != std::trunc(value) || (value == 0 && std::signbit(value))) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
}

/// "12.00" is the integer 12; "12.5" is none.
std::optional<std::int64_t> integral_value(std::string_view decimal) {
    const std::size_t point = decimal.find('.');
    if (point != std::string_view::npos) {
        if (decimal.find_first_not_of('0', point + 1) != std::string_view::npos) {
            return std::nullopt;
        }
        decimal = decimal.substr(0, point);
    }
    std::int64_t value = 0;
    return model::read_int64(decimal, value) ? std::optional(value) : std::nullopt;
}

bool via_text(const ColumnVector& in, std::size_t row, const LogicalType& from, const LogicalType& to,
              ColumnVector& out, std::string& scratch) {
    scratch.clear();
    model::append_text(in, row, from, scratch);
    if (is_texty(from.kind) || from.kind == TypeKind::decimal) {
        return append_written(scratch, to, out);
    }
    return model::append_from_text(out, to, scratch);
}

bool variant_value(std::string_view value, const LogicalType& to, ColumnVector& out) {
    if (value.empty()) {
        return false;
    }
    const std::string_view rest = value.substr(1);
    std::uint64_t bits = 0;
    if (value[0] == 'i' || value[0] == 'r') {
        for (const char byte : rest) {
            bits = (bits << 8U) | static_cast<unsigned char>(byte);
        }
    }
    if (value[0] == 'i') {
        return integer_to(static_cast<std::int64_t>(bits), to, out);
    }
    if (value[0] == 'r') {
        std::string text;
        model::append_float64(std::bit_cast<double>(bits), text);
        return model::append_from_text(out, to, text);
    }
    if (value[0] == 'b') {
        if (to.kind != TypeKind::bytes) {
            return false;
        }
        out.append_bytes(rest);
        return true;
    }
    return to.kind != TypeKind::bytes && append_written(rest, to, out);
}

void append_variant(char tag, std::uint64_t bits, ColumnVector& out) {
    char buffer[9];
    buffer[0] = tag;
    for (int i = 0; i < 8; ++i) {
        buffer[1 + i] = static_cast<char>(bits >> (56U - 8U * static_cast<unsigned>(i)));
    }
    out.append_bytes({buffer, sizeof buffer});
}

bool to_variant(const ColumnVector& in, std::size_t row, const LogicalType& from, ColumnVector& out,
                std::string& scratch) {
    if (is_integer(from.kind) || from.kind == TypeKind::boolean) {
        append_variant('i', static_cast<std::uint64_t>(in.fixed(row)), out);
    } else if (from.kind == TypeKind::float64 || from.kind == TypeKind::float32) {
        const double real = from.kind == TypeKind::float64 ? in.float64(row) : in.float32(row);
        append_variant('r', std::bit_cast<std::uint64_t>(real), out);
    } else {
        scratch.assign(1, from.kind == TypeKind::bytes ? 'b' : 't');
        if (from.kind == TypeKind::bytes) {
            scratch.append(in.bytes(row));
        } else {
            model::append_text(in, row, from, scratch);
        }
        out.append_bytes(scratch);
    }
    return true;
}

}  // namespace

bool convert_value(const ColumnVector& in, std::size_t row, const LogicalType& from, const LogicalType& to,
                   ColumnVector& out, std::string& scratch) {
    if (in.is_null(row)) {
        out.append_null();
        return true;
    }
    if (from.kind == TypeKind::variant) {
        return variant_value(in.bytes(row), to, out);
    }
    if (to.kind == TypeKind::variant) {
        return to_variant(in, row, from, out, scratch);
    }
    if (const auto cast = cast_value(in, row, from, to, out, scratch)) {
        return *cast;
    }
    if (is_integer(from.kind) || from.kind == TypeKind::boolean) {
        if (from.kind != TypeKind::boolean || to.kind != TypeKind::text) {
            return integer_to(in.fixed(row), to, out);
        }
    }
    if (from.kind == TypeKind::float32 && to.kind == TypeKind::float64) {
        out.append_float64(in.float32(row));
        return true;
    }
    if (from.kind == TypeKind::float64 && to.kind == TypeKind::float32) {
        const auto narrow = static_cast<float>(in.float64(row));
        if (static_cast<double>(narrow) != in.float64(row) && !std::isnan(narrow)) {
            return false;
        }
        out.append_float32(narrow);
        return true;
    }
    const bool to_whole = is_integer(to.kind) || to.kind == TypeKind::boolean;
    if ((from.kind == TypeKind::float64 || from.kind == TypeKind::float32) && to_whole) {
        const auto whole = integral_value(from.kind == TypeKind::float64 ? in.float64(row) : in.float32(row));
        return whole && integer_to(*whole, to, out);
    }
    if (from.kind == TypeKind::decimal && to_whole) {
        scratch.clear();
        model::append_decimal(in.bytes(row), scratch);
        const auto whole = integral_value(std::string_view(scratch));
        return whole && integer_to(*whole, to, out);
    }
    if (is_texty(from.kind) && to.kind == TypeKind::bytes) {
        out.append_bytes(in.bytes(row));
        return true;
    }
    if (from.kind == TypeKind::bytes && is_texty(to.kind)) {
        return model::is_valid_utf8(in.bytes(row)) && model::append_from_text(out, to, in.bytes(row));
    }
    return via_text(in, row, from, to, out, scratch);
}

namespace {

bool same_values(const LogicalType& from, const LogicalType& to) {
    // A narrower decimal may have no room for a value, and another scale is another spelling.
    const bool refits = to.kind == TypeKind::decimal && to.precision >= 0 && !(from == to);
    // What a reader is told is trimmed may still be spelled with zeros, as text can be.
    return from.kind == to.kind && !refits && !to.trimmed;
}

void take_rows_out(RowBatch& batch, const std::vector<bool>& out) {
    for (ColumnVector& column : batch.columns) {
        ColumnVector kept(column.kind());
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (!out[row]) {
                kept.append_from(column, row);
            }
        }
        column = std::move(kept);
    }
}

/// More about a value that does not fit, without showing it; mostly nothing.
std::string why_not(const ColumnVector& in, std::size_t row, const LogicalType& from, const LogicalType& to) {
    const bool json = to.kind == TypeKind::jsonb && is_texty(from.kind);
    return json && repeats_member(in.bytes(row)) ? ": an object has two members of one name" : "";
}

int number_rank(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return 0;
        case TypeKind::int16:
            return 1;
        case TypeKind::int32:
            return 2;
        case TypeKind::int64:
            return 3;
        case TypeKind::decimal:
            return 4;
        case TypeKind::float32:
            return 5;
        default:
            return 6;
    }
}

}  // namespace

bool convertible(const LogicalType& from, const LogicalType& to) {
    if (from.kind == to.kind || from.kind == TypeKind::variant || to.kind == TypeKind::variant) {
        return true;
    }
    if (is_number(from.kind) && is_number(to.kind)) {
        return true;
    }
    if (from.kind == TypeKind::bytes) {
        return to.kind == TypeKind::uuid || is_texty(to.kind);
    }
    if (to.kind == TypeKind::bytes) {
        return is_texty(from.kind);
    }
    return is_texty(from.kind) || is_texty(to.kind) || is_number(from.kind) == is_number(to.kind);
}

std::optional<LogicalType> comparison_type(const LogicalType& a, const LogicalType& b) {
    if (a.kind == b.kind) {
        return a;
    }
    if (is_number(a.kind) && is_number(b.kind)) {
        const LogicalType& wider = number_rank(a.kind) > number_rank(b.kind) ? a : b;
        // A decimal and a float compare as floats: a decimal that no float says exactly equals none.
        if (wider.kind == TypeKind::float32 && (a.kind == TypeKind::decimal || b.kind == TypeKind::decimal)) {
            return wider;
        }
        return wider.kind == TypeKind::float32 ? LogicalType(TypeKind::float64) : wider;
    }
    if (a.kind == TypeKind::variant || b.kind == TypeKind::variant) {
        return a.kind == TypeKind::variant ? b : a;
    }
    if (is_texty(a.kind) && is_texty(b.kind)) {
        return LogicalType(TypeKind::text);
    }
    if (is_texty(a.kind)) {
        return b;
    }
    if (is_texty(b.kind)) {
        return a;
    }
    if (a.kind == TypeKind::timestamp_tz && b.kind == TypeKind::timestamp) {
        return a;
    }
    if (b.kind == TypeKind::timestamp_tz && a.kind == TypeKind::timestamp) {
        return b;
    }
    return std::nullopt;
}

Transform::Transform(std::vector<LogicalType> from, std::vector<LogicalType> to,
                     std::vector<std::string> names)
    : m_from{std::move(names), std::move(from), {}}, m_to(std::move(to)) {
    for (std::size_t i = 0; i < m_to.size(); ++i) {
        m_identity = m_identity && same_values(m_from.types[i], m_to[i]);
    }
}

void Transform::describe_rejects(std::vector<std::size_t> key, std::vector<bool> null_misfits) {
    m_from.key = std::move(key);
    m_null_misfits = std::move(null_misfits);
}

void Transform::apply(RowBatch& batch) const {
    if (m_identity) {
        return;
    }
    const std::size_t rows = batch.row_count();
    Misfits misfits;
    RowBatch before;
    std::string scratch;
    for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        ColumnVector out(m_to[c].kind);
        if (!same_values(m_from.types[c], m_to[c])) {
            for (std::size_t row = 0; row < rows; ++row) {
                if (!convert_value(batch.columns[c], row, m_from.types[c], m_to[c], out, scratch)) {
                    out.append_null();
                    misfits[row].push_back(c);
                }
            }
            std::swap(batch.columns[c], out);
        }
        before.columns.push_back(std::move(out));
    }
    if (!misfits.empty()) {
        note_misfits(before, misfits, batch);
    }
}

void Transform::note_misfits(RowBatch& before, const Misfits& misfits, RowBatch& batch) const {
    const auto swap_unchanged = [&] {
        for (std::size_t c = 0; c < batch.columns.size(); ++c) {
            if (same_values(m_from.types[c], m_to[c])) {
                std::swap(before.columns[c], batch.columns[c]);
            }
        }
    };
    const std::vector<std::uint64_t> ordinals = batch.ordinals();
    std::vector<bool> out(batch.row_count(), false);
    std::vector<RejectedRow> rejects;
    swap_unchanged();
    for (const auto& [row, columns] : misfits) {
        RejectedRow reject;
        reject.ordinal = ordinals[row];
        reject.kept =
            std::all_of(columns.begin(), columns.end(), [&](std::size_t c) { return may_be_null(c); });
        // One column that cannot be NULL takes the row out: that one is named.
        const auto first = reject.kept ? columns.begin()
                                       : std::find_if(columns.begin(), columns.end(),
                                                      [&](std::size_t c) { return !may_be_null(c); });
        reject.column = m_from.names[*first];
        for (auto more = columns.begin() + 1; reject.kept && more != columns.end(); ++more) {
            reject.column += ", " + m_from.names[*more];
        }
        reject.reason = "a " + to_string(m_from.types[*first]) + " value cannot be said exactly as " +
                        to_string(m_to[*first]) +
                        why_not(before.columns[*first], row, m_from.types[*first], m_to[*first]);
        reject.key = model::key_as_text(before, row, m_from);
        reject.row = model::row_as_json(before, row, m_from);
        out[row] = !reject.kept;
        rejects.push_back(std::move(reject));
    }
    swap_unchanged();
    if (std::find(out.begin(), out.end(), true) != out.end()) {
        take_rows_out(batch, out);
    }
    std::move(rejects.begin(), rejects.end(), std::back_inserter(batch.rejects));
}

}  // namespace migrate::mapping
