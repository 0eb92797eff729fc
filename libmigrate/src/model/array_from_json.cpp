#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "model/array_text.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/hex.hpp"
#include "util/json_number.hpp"
#include "util/utf8.hpp"

namespace migrate::model {
namespace {

constexpr bool is_json_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

template <typename Int>
bool append_integer(std::string_view number, std::string& literal) {
    std::int64_t value = 0;
    if (!read_int64(number, value) || value < std::numeric_limits<Int>::min() ||
        value > std::numeric_limits<Int>::max()) {
        return false;
    }
    literal += number;
    return true;
}

bool append_number(std::string_view number, TypeKind kind, std::string& literal) {
    switch (kind) {
        case TypeKind::int16:
            return append_integer<std::int16_t>(number, literal);
        case TypeKind::int32:
            return append_integer<std::int32_t>(number, literal);
        case TypeKind::int64:
            return append_integer<std::int64_t>(number, literal);
        case TypeKind::decimal: {
            std::string numeric;
            if (!read_decimal(number, numeric)) {
                return false;
            }
            append_decimal(numeric, literal);
            return true;
        }
        default:
            return false;
    }
}

/// A JSON array of the shapes that array_to_json writes, read in one pass.
class JsonArrayReader {
  public:
    JsonArrayReader(std::string_view json, const LogicalType& element, std::string& literal)
        : m_rest(json), m_kind(element.kind), m_delimiter(array_delimiter(element)), m_literal(literal) {}

    bool read() {
        skip_spaces();
        const bool bounded = take('{');
        if (bounded && !(take_key("lower") && take_lower_bounds() && take(',') && take_key("values"))) {
            return false;
        }
        do {
            if (!take_item()) {
                return false;
            }
        } while (m_shape.depth() > 0);
        return (!bounded || (take('}') && put_bounds())) && m_rest.empty();
    }

  private:
    void skip_spaces() {
        while (!m_rest.empty() && is_json_space(m_rest.front())) {
            m_rest.remove_prefix(1);
        }
    }

    bool take(char c) {
        if (!m_rest.starts_with(c)) {
            return false;
        }
        m_rest.remove_prefix(1);
        skip_spaces();
        return true;
    }

    bool take_word(std::string_view word) {
        if (!m_rest.starts_with(word)) {
            return false;
        }
        m_rest.remove_prefix(word.size());
        skip_spaces();
        return true;
    }

    bool take_key(std::string_view key) { return take_word("\"" + std::string(key) + "\"") && take(':'); }

    std::string_view take_number_text() {
        std::size_t size = 0;
        while (size < m_rest.size() && (util::is_digit(m_rest[size]) || util::is_letter(m_rest[size]) ||
                                        m_rest[size] == '-' || m_rest[size] == '+' || m_rest[size] == '.')) {
            ++size;
        }
        const std::string_view number = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        skip_spaces();
        return number;
    }

    bool take_lower_bounds() {
        if (!take('[')) {
            return false;
        }
        do {
            std::int64_t bound = 0;
            if (m_bound_count == k_max_dimensions || !read_int64(take_number_text(), bound) ||
                bound < std::numeric_limits<std::int32_t>::min() ||
                bound > std::numeric_limits<std::int32_t>::max()) {
                return false;
            }
            m_lower[m_bound_count++] = bound;
        } while (take(','));
        return take(']');
    }

    /// Puts "[l:u]…=" before the braces. False where the bounds are not for these values, or say nothing.
    bool put_bounds() {
        std::string prefix;
        bool any_other = false;
        for (std::size_t i = 0; i < m_bound_count; ++i) {
            const std::int64_t upper = m_lower[i] + m_shape.size(i) - 1;
            if (upper > std::numeric_limits<std::int32_t>::max()) {
                return false;
            }
            any_other = any_other || m_lower[i] != 1;
            prefix += '[' + std::to_string(m_lower[i]) + ':' + std::to_string(upper) + ']';
        }
        m_literal.insert(m_start, prefix + '=');
        return any_other && m_bound_count == m_shape.dimensions();
    }

    bool take_item() {
        if (take('[')) {
            m_literal += '{';
            if (!m_shape.open()) {
                return false;
            }
            if (!m_rest.starts_with(']')) {
                return true;
            }
        } else if (m_shape.depth() == 0 || !m_shape.element() || !take_element()) {
            return false;
        }
        while (take(']')) {
            m_literal += '}';
            if (!m_shape.close()) {
                return false;
            }
            if (m_shape.depth() == 0) {
                return true;
            }
        }
        m_literal += m_delimiter;
        return take(',');
    }

    bool take_element() {
        if (take_word("null")) {
            m_literal += "NULL";
            return true;
        }
        if (m_rest.starts_with('"')) {
            m_rest.remove_prefix(1);
            return take_string() && put_string();
        }
        if (m_kind == TypeKind::boolean) {
            const bool is_true = take_word("true");
            m_literal += is_true ? 't' : 'f';
            return is_true || take_word("false");
        }
        const std::string_view number = take_number_text();
        return util::is_json_number(number) && append_number(number, m_kind, m_literal);
    }

    bool put_string() {
        switch (m_kind) {
            case TypeKind::boolean:
            case TypeKind::int16:
            case TypeKind::int32:
            case TypeKind::int64:
                return false;
            case TypeKind::decimal:
                if (m_value != "NaN" && m_value != "Infinity" && m_value != "-Infinity") {
                    return false;
                }
                break;
            default:
                break;
        }
        append_array_element(m_value, m_delimiter, m_literal);
        return true;
    }

    /// The rest of a string whose quote was taken, unescaped into m_value. PostgreSQL's text has no U+0000.
    bool take_string() {
        m_value.clear();
        while (!m_rest.empty()) {
            const char c = m_rest.front();
            m_rest.remove_prefix(1);
            if (c == '"') {
                skip_spaces();
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            }
            if (c != '\\') {
                m_value += c;
            } else if (!take_escape()) {
                return false;
            }
        }
        return false;
    }

    bool take_escape() {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (m_rest.empty()) {
            return false;
        }
        const char letter = m_rest.front();
        m_rest.remove_prefix(1);
        if (letter != 'u') {
            const std::size_t index = letters.find(letter);
            m_value += index == std::string_view::npos ? '\0' : meanings[index];
            return index != std::string_view::npos;
        }
        std::uint32_t code = 0;
        if (!take_four_digits(code)) {
            return false;
        }
        if (code >= 0xD800 && code < 0xDC00) {
            std::uint32_t low = 0;
            if (!m_rest.starts_with("\\u")) {
                return false;
            }
            m_rest.remove_prefix(2);
            if (!take_four_digits(low) || low < 0xDC00 || low > 0xDFFF) {
                return false;
            }
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        } else if (code == 0 || (code >= 0xDC00 && code <= 0xDFFF)) {
            return false;
        }
        util::append_utf8(code, m_value);
        return true;
    }

    bool take_four_digits(std::uint32_t& code) {
        if (m_rest.size() < 4) {
            return false;
        }
        code = 0;
        for (const char c : m_rest.substr(0, 4)) {
            const int digit = util::hex_value(c);
            if (digit < 0) {
                return false;
            }
            code = code << 4U | static_cast<std::uint32_t>(digit);
        }
        m_rest.remove_prefix(4);
        return true;
    }

    std::string_view m_rest;
    TypeKind m_kind;
    char m_delimiter;
    std::string& m_literal;
    std::size_t m_start = m_literal.size();
    ArrayShape m_shape;
    std::size_t m_bound_count = 0;
    std::int64_t m_lower[k_max_dimensions] = {};
    std::string m_value;
};

}  // namespace

bool array_from_json(std::string_view json, const LogicalType& element, std::string& literal) {
    const std::size_t start = literal.size();
    if (util::is_valid_utf8(json) && JsonArrayReader(json, element, literal).read()) {
        return true;
    }
    literal.resize(start);
    return false;
}

}  // namespace migrate::model
