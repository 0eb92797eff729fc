#include "backends/sqlite/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "util/ascii.hpp"
#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::sqlite {
namespace {

// As deep as documents can be asked to be read; one bit a level.
constexpr std::size_t k_max_depth = std::size_t{1} << 20U;

class Scanner {
  public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    bool document() {
        blanks();
        while (true) {
            if (!opening_or_scalar()) {
                return false;
            }
            if (m_opened) {
                continue;
            }
            if (!closings()) {
                return false;
            }
            if (m_depth == 0) {
                return m_at == m_text.size();
            }
        }
    }

  private:
    [[nodiscard]] char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    bool take(char c) {
        if (m_at < m_text.size() && m_text[m_at] == c) {
            ++m_at;
            return true;
        }
        return false;
    }
    void blanks() {
        while (m_at < m_text.size() &&
               (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
            ++m_at;
        }
    }
    bool word(std::string_view expected) {
        if (!m_text.substr(m_at).starts_with(expected)) {
            return false;
        }
        m_at += expected.size();
        return true;
    }
    bool digits() {
        const std::size_t start = m_at;
        while (util::is_digit(peek())) {
            ++m_at;
        }
        return m_at > start;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) {
            return false;
        }
        if (take('.') && !digits()) {
            return false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            return digits();
        }
        return true;
    }
    bool string() {
        if (!take('"')) {
            return false;
        }
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == '"') {
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape())) {
                return false;
            }
        }
        return false;
    }
    bool escape() {
        const char c = peek();
        ++m_at;
        if (c != 'u') {
            return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos && c != '\0';
        }
        for (int i = 0; i < 4; ++i, ++m_at) {
            if (m_at >= m_text.size() || util::hex_value(m_text[m_at]) < 0) {
                return false;
            }
        }
        return true;
    }
    bool key() {
        blanks();
        if (!string()) {
            return false;
        }
        blanks();
        if (!take(':')) {
            return false;
        }
        blanks();
        return true;
    }
    bool open(bool object) {
        if (m_depth == k_max_depth) {
            return false;
        }
        m_is_object.resize(std::max(m_is_object.size(), m_depth + 1));
        m_is_object[m_depth++] = object;
        blanks();
        if (peek() == (object ? '}' : ']')) {
            return true;
        }
        m_opened = true;
        return !object || key();
    }
    bool opening_or_scalar() {
        m_opened = false;
        switch (peek()) {
            case '{':
            case '[':
                return open(m_text[m_at++] == '{');
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }
    /// What may follow a value: closing brackets, then a comma (and key) or the end.
    bool closings() {
        while (true) {
            blanks();
            if (m_depth == 0) {
                return true;
            }
            const bool object = m_is_object[m_depth - 1];
            if (take(object ? '}' : ']')) {
                --m_depth;
                continue;
            }
            if (!take(',')) {
                return false;
            }
            blanks();
            return !object || key();
        }
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_depth = 0;
    bool m_opened = false;
    std::vector<bool> m_is_object;
};

}  // namespace

bool is_json(std::string_view text) {
    return !text.empty() && Scanner(text).document() && util::is_valid_utf8(text);
}

}  // namespace migrate::backends::sqlite
