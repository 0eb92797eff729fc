#include "model/sql_mentions.hpp"

#include <algorithm>
#include <vector>

#include "model/sql_lexer.hpp"

namespace migrate::model {
namespace {

bool is_name(const Token& token) {
    return token.kind == TokenKind::word || token.kind == TokenKind::double_quoted;
}

/// `::regclass`, `::pg_catalog.regproc`… after the token.
bool is_name_literal(const std::vector<Token>& tokens, std::size_t at) {
    std::size_t next = at + 1;
    if (next + 1 >= tokens.size() || tokens[next].text != "::") {
        return false;
    }
    ++next;
    if (next + 2 < tokens.size() && tokens[next].text == "pg_catalog" && tokens[next + 1].text == ".") {
        next += 2;
    }
    return is_name(tokens[next]) && tokens[next].text.starts_with("reg");
}

std::optional<QualifiedName> find_bare(const Token& token, const std::set<QualifiedName>& names) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const QualifiedName& name) { return name.name == token.text; });
    return found == names.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::optional<QualifiedName> find_mention(std::string_view sql, const std::set<QualifiedName>& names) {
    if (names.empty()) {
        return std::nullopt;
    }
    const std::vector<Token> tokens = tokenize(sql, Dialect::postgresql);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (tokens[t].kind == TokenKind::string && is_name_literal(tokens, t)) {
            if (auto found = find_mention(tokens[t].text, names)) {
                return found;
            }
        }
        const bool qualified = t + 2 < tokens.size() && is_name(tokens[t]) && tokens[t + 1].text == "." &&
                               is_name(tokens[t + 2]);
        if (qualified) {
            const auto found = names.find({tokens[t].text, tokens[t + 2].text});
            if (found != names.end()) {
                return *found;
            }
        }
    }
    return std::nullopt;
}

std::optional<QualifiedName> find_mention_in_body(std::string_view sql,
                                                  const std::set<QualifiedName>& names) {
    if (names.empty()) {
        return std::nullopt;
    }
    for (const Token& token : tokenize(sql, Dialect::postgresql)) {
        if (token.kind == TokenKind::string) {
            if (auto found = find_mention_in_body(token.text, names)) {
                return found;
            }
        } else if (is_name(token)) {
            if (auto found = find_bare(token, names)) {
                return found;
            }
        }
    }
    return std::nullopt;
}

}  // namespace migrate::model
