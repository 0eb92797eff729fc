#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "model/array_text.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/json_string.hpp"
#include "util/utf8.hpp"

namespace migrate::model {
namespace {

constexpr std::string_view k_null = "NULL";

/// What numeric_out writes for finite values.
bool is_plain_decimal(std::string_view text) {
    std::string numeric;
    std::string again;
    if (!read_decimal(text, numeric)) {
        return false;
    }
    append_decimal(numeric, again);
    return again == text && (util::is_digit(text.back()));
}

template <typename Int>
bool is_integer_of(std::string_view text) {
    std::int64_t value = 0;
    return read_int64(text, value) && value >= std::numeric_limits<Int>::min() &&
           value <= std::numeric_limits<Int>::max();
}

bool append_value(std::string_view value, TypeKind kind, std::string& json) {
    switch (kind) {
        case TypeKind::boolean:
            json += value == "t" ? "true" : "false";
            return value == "t" || value == "f";
        case TypeKind::int16:
            json += value;
            return is_integer_of<std::int16_t>(value);
        case TypeKind::int32:
            json += value;
            return is_integer_of<std::int32_t>(value);
        case TypeKind::int64:
            json += value;
            return is_integer_of<std::int64_t>(value);
        case TypeKind::decimal:
            if (value == "NaN" || value == "Infinity" || value == "-Infinity") {
                util::append_json_string(value, json);
                return true;
            }
            json += value;
            return is_plain_decimal(value);
        default:
            util::append_json_string(value, json);
            return true;
    }
}

class LiteralReader {
  public:
    LiteralReader(std::string_view literal, const LogicalType& element, std::string& json)
        : m_rest(literal), m_kind(element.kind), m_delimiter(array_delimiter(element)), m_json(json) {}

    bool read() {
        if (!take_bounds()) {
            return false;
        }
        if (m_bound_count > 0) {
            append_lower_bounds();
        }
        do {
            if (!take_item()) {
                return false;
            }
        } while (m_shape.depth() > 0);
        if (m_bound_count > 0) {
            m_json += '}';
        }
        return m_rest.empty() && sizes_agree();
    }

  private:
    bool take(char c) {
        if (!m_rest.starts_with(c)) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }

    bool take_number(std::int64_t& number) {
        const auto [end, error] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), number);
        if (error != std::errc{}) {
            return false;
        }
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        return number >= std::numeric_limits<std::int32_t>::min() &&
               number <= std::numeric_limits<std::int32_t>::max();
    }

    /// "[2:3][0:1]=", which array_out writes where a lower bound is not 1.
    bool take_bounds() {
        while (take('[')) {
            std::int64_t upper = 0;
            if (m_bound_count == k_max_dimensions || !take_number(m_lower[m_bound_count]) || !take(':') ||
                !take_number(upper) || !take(']')) {
                return false;
            }
            m_size[m_bound_count] = upper - m_lower[m_bound_count] + 1;
            ++m_bound_count;
        }
        return m_bound_count == 0 || take('=');
    }

    void append_lower_bounds() {
        m_json += "{\"lower\":[";
        for (std::size_t i = 0; i < m_bound_count; ++i) {
            m_json += i == 0 ? "" : ",";
            m_json += std::to_string(m_lower[i]);
        }
        m_json += "],\"values\":";
    }

    [[nodiscard]] bool sizes_agree() const {
        if (m_bound_count == 0) {
            return true;
        }
        bool any_other = false;
        for (std::size_t i = 0; i < m_bound_count; ++i) {
            any_other = any_other || m_lower[i] != 1;
            if (m_shape.size(i) != m_size[i]) {
                return false;
            }
        }
        return any_other && m_shape.dimensions() == m_bound_count;
    }

    /// One element or opening brace, with the closing braces and the delimiter that follow it.
    bool take_item() {
        if (take('{')) {
            m_json += '[';
            if (!m_shape.open()) {
                return false;
            }
            if (!m_rest.starts_with('}')) {
                return true;
            }
        } else if (m_shape.depth() == 0 || !m_shape.element() || !take_element()) {
            return false;
        }
        while (take('}')) {
            m_json += ']';
            if (!m_shape.close()) {
                return false;
            }
        }
        if (m_shape.depth() > 0) {
            m_json += ',';
            return take(m_delimiter);
        }
        return true;
    }

    bool take_element() { return take('"') ? take_quoted() : take_plain(); }

    bool take_quoted() {
        m_value.clear();
        while (!take('"')) {
            if (take('\\') && m_rest.empty()) {
                return false;
            }
            if (m_rest.empty()) {
                return false;
            }
            m_value += m_rest.front();
            m_rest.remove_prefix(1);
        }
        return append_value(m_value, m_kind, m_json);
    }

    bool take_plain() {
        std::size_t size = 0;
        while (size < m_rest.size() && m_rest[size] != m_delimiter && m_rest[size] != '}') {
            const char c = m_rest[size];
            if (c == '"' || c == '\\' || c == '{' || util::is_space(c)) {
                return false;
            }
            ++size;
        }
        const std::string_view value = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        if (value == k_null) {
            m_json += "null";
            return true;
        }
        return !value.empty() && !util::equals_ignore_case(value, k_null) &&
               append_value(value, m_kind, m_json);
    }

    std::string_view m_rest;
    TypeKind m_kind;
    char m_delimiter;
    std::string& m_json;
    ArrayShape m_shape;
    std::size_t m_bound_count = 0;
    std::int64_t m_lower[k_max_dimensions] = {};
    std::int64_t m_size[k_max_dimensions] = {};
    std::string m_value;
};

}  // namespace

bool array_to_json(std::string_view literal, const LogicalType& element, std::string& json) {
    const std::size_t start = json.size();
    if (util::is_valid_utf8(literal) && LiteralReader(literal, element, json).read()) {
        return true;
    }
    json.resize(start);
    return false;
}

}  // namespace migrate::model
