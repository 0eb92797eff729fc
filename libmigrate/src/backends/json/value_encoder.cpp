#include <array>
#include <bit>
#include <charconv>

#include "backends/json/plain_run.hpp"
#include "backends/json/value_codec.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::int64_t k_exact_in_double = std::int64_t{1} << 53U;

void append_text(std::string_view text, std::string& out) {
    if (plain_run(text.data(), text.data() + text.size()) == text.size()) {
        out += '"';
        out += text;
        out += '"';
    } else if (util::is_valid_utf8(text)) {
        append_quoted(text, out);
    } else {
        append_wrapped_bytes(text, out);
    }
}

bool is_number(std::string_view text) {
    const std::size_t digit = text.starts_with('-') ? 1 : 0;
    return text.size() > digit && text[digit] >= '0' && text[digit] <= '9';
}

}  // namespace

void ValueEncoder::append(const ColumnVector& column, std::size_t row, const LogicalType& type,
                          std::string& out) {
    if (column.is_null(row)) {
        out += "null";
        return;
    }
    switch (type.kind) {
        case TypeKind::boolean:
            out += column.fixed(row) != 0 ? "true" : "false";
            return;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            append_integer(column.fixed(row), out);
            return;
        case TypeKind::float32:
        case TypeKind::float64:
        case TypeKind::decimal:
            append_number(column, row, type, out);
            return;
        case TypeKind::bytes:
            out += '"';
            model::append_base64(column.bytes(row), out);
            out += '"';
            return;
        case TypeKind::json:
        case TypeKind::jsonb:
            append_json(column.bytes(row), out);
            return;
        case TypeKind::array:
            append_array(column.bytes(row), type, out);
            return;
        case TypeKind::variant:
            append_variant(column.bytes(row), out);
            return;
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            // None of these has a character that a string could not hold as it is.
            out += '"';
            model::append_text(column, row, type, out);
            out += '"';
            return;
        case TypeKind::text:
            append_text(column.bytes(row), out);
            return;
        default:
            m_scratch.clear();
            model::append_text(column, row, type, m_scratch);
            append_text(m_scratch, out);
    }
}

void ValueEncoder::append_integer(std::int64_t value, std::string& out) const {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const bool quoted =
        m_options.big_integers_as_strings && (value > k_exact_in_double || value < -k_exact_in_double);
    out += quoted ? "\"" : "";
    out.append(digits.data(), end);
    out += quoted ? "\"" : "";
}

void ValueEncoder::append_number(const ColumnVector& column, std::size_t row, const LogicalType& type,
                                 std::string& out) {
    const std::size_t start = out.size();
    model::append_text(column, row, type, out);
    if (!is_number(std::string_view(out).substr(start))) {
        m_scratch.assign(out, start);
        out.resize(start);
        append_quoted(m_scratch, out);
    }
}

void ValueEncoder::append_json(std::string_view text, std::string& out) {
    if (m_checker.is_embeddable(text)) {
        out += text;
    } else if (util::is_valid_utf8(text)) {
        append_wrapped_json(text, out);
    } else {
        append_wrapped_bytes(text, out);
    }
}

void ValueEncoder::append_array(std::string_view literal, const LogicalType& type, std::string& out) {
    const LogicalType element = type.element ? *type.element : LogicalType(TypeKind::text);
    m_scratch.clear();
    std::string back;
    // PostgreSQL's own output always comes back; what an application put in the place of one may not.
    if (util::is_valid_utf8(literal) && model::array_to_json(literal, element, m_scratch) &&
        model::array_from_json(m_scratch, element, back) && back == literal) {
        out += m_scratch;
    } else {
        append_text(literal, out);
    }
}

// A bare string would be text.
void ValueEncoder::append_variant_integer(std::int64_t value, std::string& out) const {
    const std::size_t start = out.size();
    append_integer(value, out);
    if (out[start] == '"') {
        out.insert(start, "{\"$int\":");
        out += '}';
    }
}

void ValueEncoder::append_variant(std::string_view value, std::string& out) {
    const std::string_view payload = value.substr(1);
    switch (value.front()) {
        case 'i':
            append_variant_integer(util::load_big<std::int64_t>(payload.data()), out);
            return;
        case 'r': {
            m_scratch.clear();
            model::append_float64(std::bit_cast<double>(util::load_big<std::int64_t>(payload.data())),
                                  m_scratch);
            if (!is_number(m_scratch)) {
                out += "{\"$real\":\"" + m_scratch + "\"}";
                return;
            }
            out += m_scratch;
            if (m_scratch.find_first_of(".eE") == std::string::npos) {
                out += ".0";
            }
            return;
        }
        case 't':
            append_text(payload, out);
            return;
        default:
            out += "{\"$blob\":\"";
            model::append_base64(payload, out);
            out += "\"}";
    }
}

}  // namespace migrate::backends::json
