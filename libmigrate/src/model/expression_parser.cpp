#include "model/expression_parser.hpp"

#include "model/postgresql_grammar.hpp"
#include "model/sqlite_grammar.hpp"

namespace migrate::model {

Expression parse_expression_at(TokenCursor& cursor, const ParseOptions& options) {
    if (options.dialect == Dialect::sqlite) {
        return SqliteGrammar(cursor, options).expression();
    }
    return PostgresqlGrammar(cursor).expression();
}

ParseResult parse_expression(std::string_view sql, const ParseOptions& options) {
    TokenCursor cursor(sql, options.dialect);
    Expression expression = parse_expression_at(cursor, options);
    if (!cursor.at_end()) {
        cursor.fail("something follows the expression");
    }
    if (cursor.failed()) {
        return {std::nullopt, cursor.error()};
    }
    return {std::move(expression), std::nullopt};
}

ParseResult parse_expression(std::string_view sql, Dialect dialect) {
    ParseOptions options;
    options.dialect = dialect;
    return parse_expression(sql, options);
}

}  // namespace migrate::model
