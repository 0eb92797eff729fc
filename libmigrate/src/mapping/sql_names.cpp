#include "mapping/sql_names.hpp"

#include <algorithm>
#include <vector>

#include "model/expression_printer.hpp"
#include "model/sql_lexer.hpp"
#include "util/ascii.hpp"

namespace migrate::mapping {
namespace {

const std::string* find_name(const std::string& name, const ColumnNames& names, Dialect dialect) {
    if (const auto it = names.find(name); it != names.end()) {
        return &it->second;
    }
    if (dialect == Dialect::sqlite) {
        for (const auto& [from, to] : names) {
            if (util::equals_ignore_case(from, name)) {
                return &to;
            }
        }
    }
    return nullptr;
}

/// Its new name, where the token names a column of the map.
const std::string* renamed(const std::vector<model::Token>& tokens, std::size_t t, const ColumnNames& names,
                           Dialect dialect) {
    const model::Token& token = tokens[t];
    const bool identifier = token.kind == model::TokenKind::word ||
                            token.kind == model::TokenKind::double_quoted ||
                            token.kind == model::TokenKind::quoted;
    const bool call = t + 1 < tokens.size() && tokens[t + 1].text == "(";
    return identifier && !call ? find_name(token.text, names, dialect) : nullptr;
}

}  // namespace

Dialect dialect_of(const Schema& schema) {
    return schema.engine == "sqlite" ? Dialect::sqlite : Dialect::postgresql;
}

std::string rename_in_sql(const std::string& sql, const ColumnNames& names, Dialect dialect) {
    if (sql.empty()) {
        return sql;
    }
    const auto tokens = model::tokenize(sql, dialect);
    std::string out;
    std::size_t copied = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (const std::string* name = renamed(tokens, t, names, dialect)) {
            out.append(sql, copied, tokens[t].begin - copied);
            out += model::quote_name(*name);
            copied = tokens[t].end;
        }
    }
    return out.append(sql, copied);
}

bool mentions(const std::string& sql, const ColumnNames& names, Dialect dialect) {
    const auto tokens = model::tokenize(sql, dialect);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (renamed(tokens, t, names, dialect) != nullptr) {
            return true;
        }
    }
    return false;
}

}  // namespace migrate::mapping
