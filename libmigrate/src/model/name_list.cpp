#include "model/name_list.hpp"

#include "model/expression_printer.hpp"
#include "model/sql_lexer.hpp"

namespace migrate::model {

std::string write_name_list(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + quote_name(name);
    }
    return out;
}

std::vector<std::string> read_name_list(std::string_view text) {
    std::vector<std::string> names;
    for (Token& token : tokenize(text, Dialect::sqlite)) {
        if (token.kind == TokenKind::double_quoted) {
            names.push_back(std::move(token.text));
        }
    }
    return names;
}

}  // namespace migrate::model
