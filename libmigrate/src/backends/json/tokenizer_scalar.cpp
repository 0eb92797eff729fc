// The tokenizer's strings and numbers: the part where nearly all of its time goes.

#include <cstring>

#include "backends/json/plain_run.hpp"
#include "backends/json/tokenizer.hpp"

namespace migrate::backends::json {

namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

}  // namespace

void Tokenizer::read_string() {
    ++m_pos;
    bool has_escapes = false;
    std::size_t run = 1;  // of the token: where the bytes begin that are not yet in m_decoded
    for (;;) {
        m_pos += plain_run(m_data + m_pos, m_data + m_end);
        const int c = peek();
        if (c == '"') {
            break;
        }
        if (c >= 0x80) {
            skip_utf8_sequence();
        } else if (c == '\\') {
            if (!has_escapes) {
                m_decoded.clear();
            }
            has_escapes = true;
            m_decoded.append(m_data + m_token + run, m_pos - m_token - run);
            read_escape();
            run = m_pos - m_token;
        } else if (c < 0) {
            fail("the file ends inside this string (is it cut off?)");
        } else if (c < 0x20) {
            fail_at(m_pos, "a control character stands unescaped in a string");
        }
    }
    const std::string_view tail(m_data + m_token + run, m_pos - m_token - run);
    ++m_pos;
    if (has_escapes) {
        m_decoded.append(tail);
    }
    m_text = has_escapes ? std::string_view(m_decoded) : tail;
}

void Tokenizer::read_escape() {
    if (!have(2)) {
        fail("the file ends inside this string (is it cut off?)");
    }
    const char c = m_data[m_pos + 1];
    constexpr std::string_view k_letters = "\"\\/bfnrt";
    constexpr std::string_view k_meanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = k_letters.find(c); at != std::string_view::npos) {
        m_decoded += k_meanings[at];
        m_pos += 2;
        return;
    }
    if (c != 'u') {
        fail_at(m_pos, "a backslash in a string is followed by something that is no escape");
    }
    const std::uint32_t unit = read_hex4();
    if (unit >= 0xDC00 && unit < 0xE000) {
        fail_at(m_pos - 6, "a low surrogate (\\uDC00 to \\uDFFF) stands without its high one");
    }
    if (unit < 0xD800 || unit >= 0xE000) {
        append_utf8(m_decoded, unit);
        return;
    }
    const bool escape_follows = have(2) && m_data[m_pos] == '\\' && m_data[m_pos + 1] == 'u';
    const std::uint32_t low = escape_follows ? read_hex4() : 0;
    if (low < 0xDC00 || low >= 0xE000) {
        fail_at(m_pos, "a high surrogate (\\uD800 to \\uDBFF) stands without its low one");
    }
    append_utf8(m_decoded, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
}

// Reads \uXXXX at m_pos and moves behind it.
std::uint32_t Tokenizer::read_hex4() {
    if (!have(6)) {
        fail("the file ends inside this string (is it cut off?)");
    }
    std::uint32_t value = 0;
    for (std::size_t i = 2; i < 6; ++i) {
        const auto c = static_cast<unsigned char>(m_data[m_pos + i]);
        std::uint32_t digit = 0;
        if (is_digit(c)) {
            digit = c - '0';
        } else if ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'f') {
            digit = (c | 0x20U) - 'a' + 10;
        } else {
            fail_at(m_pos, "\\u in a string is not followed by four hexadecimal digits");
        }
        value = value * 16 + digit;
    }
    m_pos += 6;
    return value;
}

// Source: the table of well-formed byte sequences, The Unicode Standard, section 3.9.
void Tokenizer::skip_utf8_sequence() {
    const auto lead = static_cast<unsigned char>(m_data[m_pos]);
    std::size_t length = 0;
    unsigned char lowest = 0x80;
    unsigned char highest = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        lowest = lead == 0xE0 ? 0xA0 : 0x80;
        highest = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        lowest = lead == 0xF0 ? 0x90 : 0x80;
        highest = lead == 0xF4 ? 0x8F : 0xBF;
    }
    bool valid = length != 0 && have(length);
    for (std::size_t i = 1; valid && i < length; ++i) {
        const auto c = static_cast<unsigned char>(m_data[m_pos + i]);
        valid = c >= lowest && c <= highest;
        lowest = 0x80;
        highest = 0xBF;
    }
    if (!valid) {
        fail_at(m_pos, "a string is not valid UTF-8 here");
    }
    m_pos += length;
}

Token Tokenizer::read_number() {
    if (m_data[m_pos] == '-') {
        ++m_pos;
    }
    if (peek() == '0') {
        ++m_pos;
    } else {
        read_digits("a number has no digits");
    }
    if (is_digit(peek())) {
        fail("a number begins with 0 and goes on");
    }
    if (peek() == '.') {
        ++m_pos;
        read_digits("a number has no digits after its decimal point");
    }
    if (const int c = peek(); c == 'e' || c == 'E') {
        ++m_pos;
        if (const int sign = peek(); sign == '+' || sign == '-') {
            ++m_pos;
        }
        read_digits("a number has no digits in its exponent");
    }
    m_text = {m_data + m_token, m_pos - m_token};
    return finish_value(Token::number);
}

void Tokenizer::read_digits(const char* error) {
    if (!is_digit(peek())) {
        fail(error);
    }
    do {
        while (m_pos != m_end && is_digit(static_cast<unsigned char>(m_data[m_pos]))) {
            ++m_pos;
        }
    } while (m_pos == m_end && is_digit(peek()));
}

}  // namespace migrate::backends::json
