#include "backends/json/tokenizer.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <utility>

namespace migrate::backends::json {

Tokenizer::Tokenizer(ByteSource& source, std::string name, TokenizerOptions options)
    : m_source(source), m_name(std::move(name)), m_options(options) {}

void Tokenizer::restart() {
    m_end = m_pos = m_token = 0;
    m_raw = k_none;
    m_base = m_lines = 0;
    m_state = State::first;
    m_is_begun = m_source_ended = m_has_byte_order_mark = m_duplicate_key = false;
    m_data = m_buffer.data();
    m_stack.clear();
    m_keys.clear();
    m_text = {};
}

void Tokenizer::restart(std::string_view text) {
    restart();
    m_data = text.data();
    m_end = text.size();
    m_source_ended = true;
}

Token Tokenizer::next() {
    m_duplicate_key = false;
    for (;;) {
        skip_space();
        m_token = m_pos;
        const int c = peek();
        switch (m_state) {
            case State::first:
                if (c < 0 && m_options.sequence) {
                    return Token::end;
                }
                if (c < 0) {
                    fail_at(m_pos, "there is no JSON value in it: it is empty or only white space");
                }
                return begin_value(c);
            case State::value_or_close:
                if (c == ']') {
                    return close(Token::end_array, false);
                }
                return begin_value(c);
            case State::value:
                return begin_value(c);
            case State::key_or_close:
                if (c == '}') {
                    return close(Token::end_object, true);
                }
                return read_key(c);
            case State::key:
                return read_key(c);
            case State::colon:
                if (c != ':') {
                    fail_unexpected("':' after a member's name");
                }
                ++m_pos;
                m_state = State::value;
                break;
            case State::after_value:
                if (c != ',') {
                    return read_after_value(c);
                }
                ++m_pos;
                m_state = m_stack.back() != 0 ? State::key : State::value;
                break;
            case State::done:
                if (c >= 0) {
                    fail_at(m_pos,
                            "something follows the end of the value; if these are several values (JSON "
                            "Lines), name the file .ndjson or .jsonl, or say format=ndjson");
                }
                return Token::end;
        }
    }
}

// ---- bytes

// Makes room behind what is still needed and reads once; false at the end of the source.
bool Tokenizer::refill() {
    if (m_source_ended) {
        return false;
    }
    const std::size_t keep = std::min(m_token, m_raw);
    m_lines += static_cast<std::uint64_t>(
        std::count(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(keep), '\n'));
    if (keep != 0 && m_end != keep) {
        std::memmove(m_buffer.data(), m_buffer.data() + keep, m_end - keep);
    }
    m_base += keep;
    m_end -= keep;
    m_pos -= keep;
    m_token -= keep;
    if (m_raw != k_none) {
        m_raw -= keep;
    }
    // Doubling keeps the cost of one long value linear; a block more is enough otherwise.
    if (m_buffer.size() - m_end < m_options.block_bytes) {
        m_buffer.resize(
            std::max(m_end + m_options.block_bytes, m_end >= m_options.block_bytes ? 2 * m_end : 0));
    }
    m_data = m_buffer.data();
    const std::size_t got = m_source.read(m_buffer.data() + m_end, m_buffer.size() - m_end);
    m_end += got;
    m_source_ended = got == 0;
    return got != 0;
}

bool Tokenizer::have(std::size_t count) {
    while (m_end - m_pos < count) {
        if (!refill()) {
            return false;
        }
    }
    return true;
}

int Tokenizer::peek() {
    if (m_pos == m_end && !refill()) {
        return -1;
    }
    return static_cast<unsigned char>(m_data[m_pos]);
}

void Tokenizer::skip_space() {
    if (!m_is_begun) {
        m_is_begun = true;
        skip_byte_order_mark();
    }
    for (;;) {
        while (m_pos != m_end) {
            const char c = m_data[m_pos];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            ++m_pos;
        }
        m_token = m_pos;
        if (!refill()) {
            return;
        }
    }
}

void Tokenizer::skip_byte_order_mark() {
    if (have(3) && std::memcmp(m_data, "\xEF\xBB\xBF", 3) == 0) {
        m_pos = 3;
        m_has_byte_order_mark = true;
    }
}

// ---- structure

Token Tokenizer::begin_value(int c) {
    switch (c) {
        case '{':
            m_state = State::key_or_close;
            return open(Token::begin_object, true);
        case '[':
            m_state = State::value_or_close;
            return open(Token::begin_array, false);
        case '"':
            read_string();
            return finish_value(Token::string);
        case 't':
            return read_literal("true", Token::true_literal);
        case 'f':
            return read_literal("false", Token::false_literal);
        case 'n':
            return read_literal("null", Token::null_literal);
        case '-':
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7':
        case '8':
        case '9':
            return read_number();
        default:
            fail_unexpected("a value");
    }
}

Token Tokenizer::open(Token token, bool is_object) {
    if (m_stack.size() >= m_options.max_depth) {
        fail("objects and arrays are nested more than " + std::to_string(m_options.max_depth) +
             " deep; a higher limit can be set (max_depth)");
    }
    m_stack.push_back(is_object ? 1 : 0);
    if (is_object) {
        m_keys.open_object();
    }
    ++m_pos;
    return token;
}

Token Tokenizer::close(Token token, bool is_object) {
    if (is_object) {
        m_keys.close_object();
    }
    m_stack.pop_back();
    ++m_pos;
    return finish_value(token);
}

Token Tokenizer::finish_value(Token token) {
    if (!m_stack.empty()) {
        m_state = State::after_value;
    } else if (!m_options.sequence) {
        m_state = State::done;
    } else {
        m_state = State::first;
        require_gap(token);
    }
    return token;
}

// Between two values of a sequence nothing need stand but where a number or word would run into the next.
void Tokenizer::require_gap(Token token) {
    if (token < Token::number) {
        return;
    }
    const int c = peek();
    m_text = {m_data + m_token, m_pos - m_token};
    if (std::isalnum(c) != 0 || c == '-' || c == '+' || c == '.') {
        fail_unexpected("white space between two values");
    }
}

Token Tokenizer::read_key(int c) {
    if (c != '"') {
        fail_unexpected("a member's name in double quotes");
    }
    read_string();
    if (!m_keys.insert(m_text)) {
        if (m_options.refuse_duplicate_keys) {
            fail(
                "the object has two members of this name; --duplicate-keys keep reads such an object as JSON "
                "text");
        }
        m_duplicate_key = true;
    }
    m_state = State::colon;
    return Token::key;
}

Token Tokenizer::read_after_value(int c) {
    const bool in_object = m_stack.back() != 0;
    if (c == (in_object ? '}' : ']')) {
        return close(in_object ? Token::end_object : Token::end_array, in_object);
    }
    fail_unexpected(in_object ? "',' or '}' after a member" : "',' or ']' after an element");
}

Token Tokenizer::read_literal(std::string_view literal, Token token) {
    if (!have(literal.size()) || std::string_view(m_data + m_pos, literal.size()) != literal) {
        fail_unexpected("a value (true, false and null are the only words)");
    }
    m_pos += literal.size();
    m_text = {m_data + m_token, literal.size()};
    return finish_value(token);
}

// ---- errors

Position Tokenizer::position_of(std::size_t index) const {
    const auto lines = std::count(m_data, m_data + index, '\n');
    return {m_origin.line + m_lines + static_cast<std::uint64_t>(lines), m_origin.byte + m_base + index};
}

void Tokenizer::fail_at(std::size_t index, const std::string& what) const {
    throw_syntax_error(m_name, position_of(index), what);
}

void Tokenizer::fail_unexpected(const char* expected) {
    std::string what = std::string("expected ") + expected + ", found ";
    const int c = peek();
    if (c < 0) {
        what += "the end of the file (is it cut off?)";
    } else if (c > 0x20 && c < 0x7f) {
        what += std::string("'") + static_cast<char>(c) + "'";
    } else {
        char hex[16];
        std::snprintf(hex, sizeof hex, "byte 0x%02X", static_cast<unsigned>(c));
        what += hex;
    }
    fail_at(m_pos, what);
}

}  // namespace migrate::backends::json
