#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/expression.hpp>

namespace migrate::model {

enum class TokenKind : std::uint8_t {
    end,
    word,           ///< A bare word: keyword or identifier.
    double_quoted,  ///< "…": an identifier; in SQLite possibly a string.
    quoted,         ///< […] or `…`: an identifier, never a string.
    string,
    bits,  ///< PostgreSQL's B'…' and X'…'.
    blob,  ///< SQLite's x'…'.
    integer,
    real,
    symbol,  ///< Operators and punctuation.
    invalid,
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string
        text;  ///< Value without quotes; words as spelled (PostgreSQL: folded to lower case); blobs as bytes.
    std::size_t begin = 0;  ///< Byte offsets in the source text.
    std::size_t end = 0;
};

/// Splits SQL into tokens; comments and white space are dropped. The last token is `end`, or `invalid` with
/// what is wrong as its text. Never throws but for memory. Source: SQLite's tokenize.c rules; PostgreSQL 15
/// "Lexical Structure" with standard_conforming_strings on.
std::vector<Token> tokenize(std::string_view sql, Dialect dialect);

}  // namespace migrate::model
