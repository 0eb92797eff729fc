#include "mapping/jsonb_text.hpp"

#include <cstdint>
#include <map>

#include "model/value_text.hpp"

namespace migrate::mapping {
namespace {

constexpr int k_max_depth = 256;

/// As jsonb orders its members.
struct ByLength {
    bool operator()(const std::string& a, const std::string& b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

void append_utf8(std::uint32_t code, std::string& out) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0U | (code >> 6U));
        byte(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        byte(0xE0U | (code >> 12U));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    } else {
        byte(0xF0U | (code >> 18U));
        byte(0x80U | ((code >> 12U) & 0x3FU));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    }
}

void append_quoted(std::string_view text, std::string& out) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    constexpr std::string_view k_plain = "\b\f\n\r\t\"\\";
    constexpr std::string_view k_letters = "bfnrt\"\\";
    out += '"';
    for (const char c : text) {
        const std::size_t at = k_plain.find(c);
        if (at != std::string_view::npos) {
            out += '\\';
            out += k_letters[at];
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += k_hex[static_cast<unsigned char>(c) >> 4U];
            out += k_hex[static_cast<unsigned char>(c) & 0xFU];
        } else {
            out += c;
        }
    }
    out += '"';
}

class Normaliser {
  public:
    explicit Normaliser(std::string_view json) : m_json(json) {}

    bool run(std::string& out) {
        if (!model::is_valid_utf8(m_json) || !value(out, 0)) {
            return false;
        }
        blanks();
        return m_at == m_json.size();
    }

    [[nodiscard]] bool repeats() const noexcept { return m_repeats; }

  private:
    void blanks() {
        while (m_at < m_json.size() && std::string_view(" \t\n\r").find(m_json[m_at]) != std::string::npos) {
            ++m_at;
        }
    }
    bool take(char c) {
        blanks();
        if (m_at >= m_json.size() || m_json[m_at] != c) {
            return false;
        }
        ++m_at;
        return true;
    }

    bool value(std::string& out, int depth) {
        blanks();
        if (m_at >= m_json.size() || depth > k_max_depth) {
            return false;
        }
        switch (m_json[m_at]) {
            case '{':
                return object(out, depth);
            case '[':
                return array(out, depth);
            case '"': {
                std::string text;
                if (!string(text)) {
                    return false;
                }
                append_quoted(text, out);
                return true;
            }
            default:
                return word(out) || number(out);
        }
    }

    bool word(std::string& out) {
        for (const std::string_view one : {"true", "false", "null"}) {
            if (m_json.substr(m_at, one.size()) == one) {
                m_at += one.size();
                out += one;
                return true;
            }
        }
        return false;
    }

    bool digits() {
        const std::size_t start = m_at;
        while (m_at < m_json.size() && m_json[m_at] >= '0' && m_json[m_at] <= '9') {
            ++m_at;
        }
        return m_at > start;
    }

    bool number(std::string& out) {
        const std::size_t start = m_at;
        m_at += m_json[m_at] == '-' ? 1U : 0U;
        const std::size_t whole = m_at;
        if (!digits() || (m_json[whole] == '0' && m_at > whole + 1)) {
            return false;
        }
        if (m_at < m_json.size() && m_json[m_at] == '.') {
            ++m_at;
            if (!digits()) {
                return false;
            }
        }
        if (m_at < m_json.size() && (m_json[m_at] == 'e' || m_json[m_at] == 'E')) {
            ++m_at;
            m_at += m_at < m_json.size() && (m_json[m_at] == '+' || m_json[m_at] == '-') ? 1U : 0U;
            if (!digits()) {
                return false;
            }
        }
        std::string numeric;
        if (!model::read_decimal(m_json.substr(start, m_at - start), numeric)) {
            return false;
        }
        model::append_decimal(numeric, out);
        return true;
    }

    bool hex4(std::uint32_t& code) {
        code = 0;
        for (int i = 0; i < 4; ++i, ++m_at) {
            const char c = m_at < m_json.size() ? m_json[m_at] : '?';
            const std::size_t digit = std::string_view("0123456789abcdef")
                                          .find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
            if (digit == std::string_view::npos) {
                return false;
            }
            code = (code << 4U) | static_cast<std::uint32_t>(digit);
        }
        return true;
    }

    bool escape(std::string& text) {
        constexpr std::string_view k_letters = "bfnrt\"\\/";
        constexpr std::string_view k_meaning = "\b\f\n\r\t\"\\/";
        const char c = m_at < m_json.size() ? m_json[m_at++] : '\0';
        if (const std::size_t at = k_letters.find(c); c != '\0' && at != std::string_view::npos) {
            text += k_meaning[at];
            return true;
        }
        std::uint32_t code = 0;
        if (c != 'u' || !hex4(code) || code == 0) {
            return false;
        }
        if (code >= 0xD800 && code < 0xDC00) {
            std::uint32_t low = 0;
            if (m_json.substr(m_at, 2) != "\\u") {
                return false;
            }
            m_at += 2;
            if (!hex4(low) || low < 0xDC00 || low > 0xDFFF) {
                return false;
            }
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        } else if (code >= 0xDC00 && code <= 0xDFFF) {
            return false;
        }
        append_utf8(code, text);
        return true;
    }

    bool string(std::string& text) {
        if (!take('"')) {
            return false;
        }
        while (m_at < m_json.size()) {
            const char c = m_json[m_at++];
            if (c == '"') {
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape(text))) {
                return false;
            }
            if (c != '\\') {
                text += c;
            }
        }
        return false;
    }

    bool array(std::string& out, int depth) {
        ++m_at;
        out += '[';
        if (take(']')) {
            out += ']';
            return true;
        }
        for (bool first = true;; first = false) {
            out += first ? "" : ", ";
            if (!value(out, depth + 1)) {
                return false;
            }
            if (take(']')) {
                out += ']';
                return true;
            }
            if (!take(',')) {
                return false;
            }
        }
    }

    bool object(std::string& out, int depth) {
        ++m_at;
        std::map<std::string, std::string, ByLength> members;
        bool open = !take('}');
        while (open) {
            std::string name;
            std::string text;
            if (!string(name) || !take(':') || !value(text, depth + 1)) {
                return false;
            }
            if (!members.try_emplace(std::move(name), std::move(text)).second) {
                m_repeats = true;
                return false;
            }
            open = !take('}');
            if (open && !take(',')) {
                return false;
            }
        }
        out += '{';
        for (auto it = members.begin(); it != members.end(); ++it) {
            out += it == members.begin() ? "" : ", ";
            append_quoted(it->first, out);
            out += ": " + it->second;
        }
        out += '}';
        return true;
    }

    std::string_view m_json;
    std::size_t m_at = 0;
    bool m_repeats = false;
};

}  // namespace

bool append_jsonb_text(std::string_view json, std::string& out) {
    return Normaliser(json).run(out);
}

bool repeats_member(std::string_view json) {
    Normaliser normaliser(json);
    std::string out;
    return !normaliser.run(out) && normaliser.repeats();
}

}  // namespace migrate::mapping
