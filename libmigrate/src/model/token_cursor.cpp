#include "model/token_cursor.hpp"

#include <algorithm>
#include <utility>

#include "util/ascii.hpp"

namespace migrate::model {

TokenCursor::TokenCursor(std::string_view sql, Dialect dialect)
    : m_sql(sql), m_tokens(tokenize(sql, dialect)) {
    if (m_tokens.back().kind == TokenKind::invalid) {
        const Token last = m_tokens.back();
        m_tokens.push_back({TokenKind::end, "", sql.size(), sql.size()});
        m_error = ParseError{last.text, last.begin};
        m_at = m_tokens.size() - 1;
    }
}

const Token& TokenCursor::peek(std::size_t ahead) const noexcept {
    return m_tokens[std::min(m_at + ahead, m_tokens.size() - 1)];
}

Token TokenCursor::take() {
    Token token = peek();
    if (token.kind != TokenKind::end) {
        m_last_end = token.end;
        ++m_at;
    }
    return token;
}

bool TokenCursor::at_word(std::string_view word, std::size_t ahead) const noexcept {
    return peek(ahead).kind == TokenKind::word && util::equals_ignore_case(peek(ahead).text, word);
}

bool TokenCursor::at_symbol(std::string_view symbol, std::size_t ahead) const noexcept {
    return peek(ahead).kind == TokenKind::symbol && peek(ahead).text == symbol;
}

bool TokenCursor::accept_word(std::string_view word) {
    return accept_words({word});
}

bool TokenCursor::accept_words(std::initializer_list<std::string_view> words) {
    std::size_t ahead = 0;
    for (const std::string_view word : words) {
        if (!at_word(word, ahead++)) {
            return false;
        }
    }
    for (std::size_t i = 0; i < ahead; ++i) {
        take();
    }
    return true;
}

bool TokenCursor::accept_symbol(std::string_view symbol) {
    if (!at_symbol(symbol)) {
        return false;
    }
    take();
    return true;
}

void TokenCursor::expect_word(std::string_view word) {
    if (!accept_word(word)) {
        fail("expected " + std::string(word));
    }
}

void TokenCursor::expect_symbol(std::string_view symbol) {
    if (!accept_symbol(symbol)) {
        fail("expected \"" + std::string(symbol) + "\"");
    }
}

void TokenCursor::fail(std::string message) {
    if (!m_error) {
        m_error = ParseError{std::move(message), peek().begin};
    }
    m_at = m_tokens.size() - 1;
}

std::size_t TokenCursor::last_end() const noexcept {
    return m_last_end;
}

std::string TokenCursor::text_since(std::size_t begin) const {
    return begin < m_last_end ? std::string(m_sql.substr(begin, m_last_end - begin)) : std::string();
}

}  // namespace migrate::model
