#include "backends/json/scalar_profile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/value_text.hpp"

namespace migrate::backends::json {

namespace {

// Shorter integers are written by a double as they are; from here on it may choose an exponent.
constexpr std::size_t k_safe_digits = 5;
// PostgreSQL's numeric holds so many digits before and after the point.
constexpr std::size_t k_most_integer_digits = 131072;
constexpr std::size_t k_most_fraction_digits = 16383;

bool is_canonical_int64(std::string_view text) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size() && text != "-0";
}

bool is_canonical_float64(std::string_view text, std::string& scratch) {
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size() || !std::isfinite(value)) {
        return false;
    }
    scratch.clear();
    model::append_float64(value, scratch);
    return scratch == text;
}

bool is_negative_zero(std::string_view text) {
    return text.starts_with('-') &&
           text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == std::string_view::npos;
}

bool is_plain_decimal(std::string_view text) {
    if (text.find_first_of("eE") != std::string_view::npos || is_negative_zero(text)) {
        return false;
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    return point <= k_most_integer_digits && text.size() - point <= k_most_fraction_digits;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_date(std::string_view text, std::string& scratch) {
    std::int64_t days = 0;
    if (text.size() != 10 || !is_digit(text[0]) || text[4] != '-' || !model::read_date(text, days)) {
        return false;
    }
    scratch.clear();
    model::append_date(days, scratch);
    return scratch == text;
}

constexpr std::size_t k_uuid_size = 36;

// "lower", "upper", "digits" (which go with either), or "no".
std::string uuid_format(std::string_view text) {
    std::string value;
    if (text.size() != k_uuid_size || !model::read_uuid(text, value)) {
        return "no";
    }
    bool has_lower = false;
    bool has_upper = false;
    for (const char c : text) {
        has_lower = has_lower || (c >= 'a' && c <= 'f');
        has_upper = has_upper || (c >= 'A' && c <= 'F');
    }
    if (has_lower && has_upper) {
        return "no";
    }
    return has_upper ? "upper" : has_lower ? "lower" : "digits";
}

}  // namespace

std::string timestamp_format(std::string_view text) {
    constexpr std::size_t k_seconds_end = 19;  // 2024-02-29T12:34:56
    if (text.size() < k_seconds_end || !is_digit(text[0]) || text[4] != '-' || text[13] != ':' ||
        (text[10] != 'T' && text[10] != ' ')) {
        return {};
    }
    const bool zone = text.back() == 'Z';
    const std::size_t end = text.size() - (zone ? 1 : 0);
    const std::size_t fraction =
        end > k_seconds_end && text[k_seconds_end] == '.' ? end - k_seconds_end - 1 : 0;
    std::int64_t microseconds = 0;
    if (fraction > 6 || !model::read_timestamp(text, zone, microseconds)) {
        return {};
    }
    std::string again;
    model::append_timestamp(microseconds, text[10], zone, again, static_cast<int>(fraction));
    if (again != text) {
        return {};
    }
    return std::string("iso:") + text[10] + std::to_string(fraction) + (zone ? "Z" : "");
}

void ScalarProfile::add(const Document& document, Document::Index node) {
    switch (document.kind(node)) {
        case NodeKind::true_literal:
        case NodeKind::false_literal:
            ++m_booleans;
            return;
        case NodeKind::number:
            add_number(document.text(node));
            return;
        case NodeKind::string:
            add_string(document.text(node));
            return;
        default:
            return;
    }
}

void ScalarProfile::add_number(std::string_view text) {
    ++m_numbers;
    m_negative_zeros += is_negative_zero(text) ? 1U : 0U;
    const bool is_integer = is_canonical_int64(text);
    m_all_int64 = m_all_int64 && is_integer;
    m_all_integers = m_all_integers && (is_integer || text.find_first_of(".eE") == std::string_view::npos);
    m_all_float64 = m_all_float64 &&
                    ((is_integer && text.size() <= k_safe_digits) || is_canonical_float64(text, m_scratch));
    m_all_decimal = m_all_decimal && (is_integer || is_plain_decimal(text));
}

void ScalarProfile::add_string(std::string_view text) {
    const bool is_first = m_strings++ == 0;
    m_longest_bytes = std::max<std::uint64_t>(m_longest_bytes, text.size());
    m_has_nul = m_has_nul || text.find('\0') != std::string_view::npos;
    m_all_dates = m_all_dates && is_date(text, m_scratch);
    if (m_all_uuids) {
        const std::string format = uuid_format(text);
        if (is_first || m_uuid_format == "digits") {
            m_uuid_format = format;
        }
        m_all_uuids = format != "no" && (format == m_uuid_format || format == "digits");
    }
    if (m_all_timestamps) {
        const std::string format = timestamp_format(text);
        m_all_timestamps = !format.empty() && (is_first || format == m_timestamp_format);
        m_timestamp_format = format;
    }
}

void ScalarProfile::add(const ScalarProfile& other) {
    if (other.m_strings != 0) {
        m_all_uuids = m_all_uuids && other.m_all_uuids &&
                      (m_strings == 0 || m_uuid_format == other.m_uuid_format || m_uuid_format == "digits" ||
                       other.m_uuid_format == "digits");
        if (m_strings == 0 || m_uuid_format == "digits") {
            m_uuid_format = other.m_uuid_format;
        }
        m_all_timestamps = m_all_timestamps && other.m_all_timestamps &&
                           (m_strings == 0 || m_timestamp_format == other.m_timestamp_format);
        m_timestamp_format = other.m_timestamp_format;
    }
    m_booleans += other.m_booleans;
    m_numbers += other.m_numbers;
    m_negative_zeros += other.m_negative_zeros;
    m_strings += other.m_strings;
    m_longest_bytes = std::max(m_longest_bytes, other.m_longest_bytes);
    m_all_int64 = m_all_int64 && other.m_all_int64;
    m_all_integers = m_all_integers && other.m_all_integers;
    m_all_float64 = m_all_float64 && other.m_all_float64;
    m_all_decimal = m_all_decimal && other.m_all_decimal;
    m_has_nul = m_has_nul || other.m_has_nul;
    m_all_dates = m_all_dates && other.m_all_dates;
}

Reading ScalarProfile::reading() const {
    const int kinds = (m_booleans != 0 ? 1 : 0) + (m_numbers != 0 ? 1 : 0) + (m_strings != 0 ? 1 : 0);
    if (kinds > 1 || m_has_nul) {
        return {TypeKind::json, {}};
    }
    if (m_booleans != 0) {
        return {TypeKind::boolean, {}};
    }
    if (m_numbers != 0) {
        const TypeKind kind = m_all_int64                       ? TypeKind::int64
                              : m_all_integers && m_all_decimal ? TypeKind::decimal
                              : m_all_float64                   ? TypeKind::float64
                              : m_all_decimal                   ? TypeKind::decimal
                                                                : TypeKind::json;
        return {kind, {}};
    }
    if (m_strings != 0 && m_all_uuids) {
        return {TypeKind::uuid, m_uuid_format == "upper" ? "upper" : ""};
    }
    if (m_strings != 0 && m_all_dates) {
        return {TypeKind::date, {}};
    }
    if (m_strings != 0 && m_all_timestamps) {
        return {m_timestamp_format.ends_with('Z') ? TypeKind::timestamp_tz : TypeKind::timestamp,
                m_timestamp_format};
    }
    return {TypeKind::text, {}};
}

std::string ScalarProfile::why() const {
    if (m_has_nul) {
        return "strings that hold U+0000, which text cannot hold everywhere";
    }
    if (reading().type.kind != TypeKind::json) {
        return {};
    }
    return m_booleans + m_strings == 0
               ? "numbers spelled so that no number type gives them back (1.50e3, -0, 1e400)"
               : "values of several kinds";
}

bool append_scalar(const Document& document, Document::Index node, const LogicalType& type,
                   ColumnVector& column) {
    const NodeKind kind = document.kind(node);
    if (kind == NodeKind::null_literal) {
        column.append_null();
        return true;
    }
    if (type.kind == TypeKind::json || type.kind == TypeKind::jsonb) {
        column.append_bytes(document.raw(node));
        return true;
    }
    const bool has_text = kind == NodeKind::string || kind == NodeKind::number || kind == NodeKind::key;
    const std::string_view text = has_text ? document.text(node) : document.raw(node);
    std::int64_t slot = 0;
    double real = 0;
    switch (type.kind) {
        case TypeKind::text:
            column.append_bytes(text);
            return true;
        case TypeKind::float64: {
            const auto result = std::from_chars(text.data(), text.data() + text.size(), real);
            if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
                return false;
            }
            column.append_float64(real);
            return true;
        }
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            if (!model::read_timestamp(text, type.kind == TypeKind::timestamp_tz, slot)) {
                return false;
            }
            column.append_fixed(slot);
            return true;
        case TypeKind::decimal: {
            std::string bytes;
            if (!model::read_decimal(text, bytes)) {
                return false;
            }
            column.append_bytes(bytes);
            return true;
        }
        default:
            return model::append_from_text(column, type, text);
    }
}

}  // namespace migrate::backends::json
