#include "backends/json/json_text.hpp"

#include <migrate/error.hpp>

#include "backends/json/plain_run.hpp"
#include "model/value_text.hpp"

namespace migrate::backends::json {

namespace {

TokenizerOptions checker_options() {
    TokenizerOptions options;
    options.refuse_duplicate_keys = false;
    // As deep as any text that may have been read.
    options.max_depth = 1U << 20U;
    options.block_bytes = 4096;
    return options;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append_escape(char c, std::string& out) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += k_hex[static_cast<unsigned char>(c) >> 4U];
            out += k_hex[static_cast<unsigned char>(c) & 15U];
    }
}

}  // namespace

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    std::size_t plain = 0;
    const char* const end = text.data() + text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += plain_run(text.data() + i, end);
        if (i == text.size()) {
            break;
        }
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text, plain, i - plain);
        append_escape(text[i], out);
        plain = i + 1;
    }
    out.append(text, plain);
    out += '"';
}

JsonChecker::JsonChecker() : m_tokenizer(m_source, "value", checker_options()) {}

bool JsonChecker::is_value(std::string_view text) {
    m_source.set(text);
    m_tokenizer.restart();
    try {
        while (m_tokenizer.next() != Token::end) {
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::malformed) {
            throw;
        }
        return false;
    }
    return !m_tokenizer.has_byte_order_mark();
}

bool JsonChecker::is_embeddable(std::string_view text) {
    if (text.empty() || is_space(text.front()) || is_space(text.back()) || text == "null" ||
        text.find_first_of("\n\r") != std::string_view::npos || !is_value(text)) {
        return false;
    }
    if (text.front() != '{') {
        return true;
    }
    m_source.set(text);
    m_tokenizer.restart();
    m_tokenizer.next();
    return m_tokenizer.next() != Token::key || m_tokenizer.text().substr(0, 1) != "$";
}

void append_wrapped_json(std::string_view text, std::string& out) {
    out += "{\"$json\":";
    append_quoted(text, out);
    out += '}';
}

void append_wrapped_bytes(std::string_view bytes, std::string& out) {
    out += "{\"$bytes\":\"";
    model::append_base64(bytes, out);
    out += "\"}";
}

}  // namespace migrate::backends::json
