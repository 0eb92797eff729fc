#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/sql_lexer.hpp"

namespace migrate::model {

/// Where and why a text could not be read.
struct ParseError {
    std::string message;       ///< A short English phrase, without any of the text.
    std::size_t position = 0;  ///< Byte offset.
};

/// Walks over tokens. The first failure is kept and moves the cursor to the end, so that a grammar need not
/// test for it after each step: nothing is accepted any more.
class TokenCursor {
  public:
    TokenCursor(std::string_view sql, Dialect dialect);

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_end() const noexcept { return peek().kind == TokenKind::end; }
    Token take();

    [[nodiscard]] bool at_word(std::string_view word, std::size_t ahead = 0) const noexcept;
    [[nodiscard]] bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const noexcept;
    bool accept_word(std::string_view word);
    /// All of the words in a row, or none.
    bool accept_words(std::initializer_list<std::string_view> words);
    bool accept_symbol(std::string_view symbol);
    void expect_word(std::string_view word);
    void expect_symbol(std::string_view symbol);

    void fail(std::string message);
    [[nodiscard]] bool failed() const noexcept { return m_error.has_value(); }
    [[nodiscard]] const std::optional<ParseError>& error() const noexcept { return m_error; }

    [[nodiscard]] std::string_view sql() const noexcept { return m_sql; }
    /// The end of the token before the cursor.
    [[nodiscard]] std::size_t last_end() const noexcept;
    /// The text from `begin` to the end of the token before the cursor.
    [[nodiscard]] std::string text_since(std::size_t begin) const;

  private:
    std::string_view m_sql;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    std::size_t m_last_end = 0;
    std::optional<ParseError> m_error;
};

}  // namespace migrate::model
