#include "backends/sqlite/create_virtual_parser.hpp"

#include <algorithm>
#include <vector>

#include "model/sql_lexer.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using model::Token;
using model::TokenKind;

bool is_word(const Token& token, std::string_view word) {
    return token.kind == TokenKind::word && util::equals_ignore_case(token.text, word);
}

bool is_symbol(const Token& token, std::string_view symbol) {
    return token.kind == TokenKind::symbol && token.text == symbol;
}

}  // namespace

VirtualTableDefinition parse_create_virtual(std::string_view sql) {
    // The tokens themselves and no cursor: arguments may hold what is no SQL at all.
    const std::vector<Token> tokens = model::tokenize(sql, Dialect::sqlite);
    VirtualTableDefinition out;
    std::size_t at = 0;
    const auto peek = [&](std::size_t ahead) -> const Token& {
        return tokens[std::min(at + ahead, tokens.size() - 1)];
    };
    if (!is_word(peek(0), "create") || !is_word(peek(1), "virtual") || !is_word(peek(2), "table")) {
        return out;
    }
    at += 3;
    at += is_word(peek(0), "if") && is_word(peek(1), "not") && is_word(peek(2), "exists") ? 3 : 0;
    at += is_symbol(peek(1), ".") ? 3 : 1;
    if (!is_word(peek(0), "using")) {
        return out;
    }
    out.module = util::lower_ascii(peek(1).text);
    for (at += 2; at + 2 < tokens.size(); ++at) {
        const bool empty_text = peek(2).kind == TokenKind::string || peek(2).kind == TokenKind::double_quoted;
        out.contentless = out.contentless || (is_word(peek(0), "content") && is_symbol(peek(1), "=") &&
                                              empty_text && peek(2).text.empty());
    }
    return out;
}

}  // namespace migrate::backends::sqlite
