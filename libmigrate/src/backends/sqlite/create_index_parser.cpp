#include "backends/sqlite/create_index_parser.hpp"

#include <utility>

#include "backends/sqlite/reference_parser.hpp"
#include "model/expression_parser.hpp"

namespace migrate::backends::sqlite {

namespace {

using model::TokenCursor;

// ASC, DESC and NULLS FIRST|LAST are names too where an expression may stand, so only the last words count.
bool at_part_suffix(const TokenCursor& cursor) {
    std::size_t ahead = cursor.at_word("asc") || cursor.at_word("desc") ? 1 : 0;
    if (cursor.at_word("nulls", ahead) &&
        (cursor.at_word("first", ahead + 1) || cursor.at_word("last", ahead + 1))) {
        ahead += 2;
    }
    return ahead > 0 && (cursor.at_symbol(",", ahead) || cursor.at_symbol(")", ahead) ||
                         cursor.at_word("autoincrement", ahead));
}

KeyPart parse_key_part(TokenCursor& cursor) {
    KeyPart part;
    const std::size_t begin = cursor.peek().begin;
    for (int open = 0; !cursor.at_end(); cursor.take()) {
        const bool named = cursor.peek().begin > begin;
        if (open == 0 && (cursor.at_symbol(",") || cursor.at_symbol(")") || cursor.at_word("autoincrement") ||
                          (named && at_part_suffix(cursor)))) {
            break;
        }
        open += cursor.at_symbol("(") ? 1 : 0;
        open -= cursor.at_symbol(")") ? 1 : 0;
    }
    part.expression.text = cursor.text_since(begin);
    if (part.expression.text.empty()) {
        cursor.fail("expected a column");
    }
    part.descending = cursor.accept_word("desc");
    cursor.accept_word("asc");
    if (cursor.accept_word("nulls")) {
        cursor.take();
    }
    return part;
}

}  // namespace

std::vector<KeyPart> parse_key_parts(TokenCursor& cursor) {
    std::vector<KeyPart> parts;
    cursor.expect_symbol("(");
    do {
        parts.push_back(parse_key_part(cursor));
    } while (cursor.accept_symbol(","));
    return parts;
}

void resolve_expression(ExpressionText& expression, const std::function<bool(std::string_view)>& is_column) {
    model::ParseOptions options;
    options.is_column = is_column;
    model::ParseResult result = model::parse_expression(expression.text, options);
    if (result) {
        expression.tree = std::move(result.expression);
    } else {
        expression.why_not = result.error->message;
    }
}

void resolve_key_part(KeyPart& part, const std::function<bool(std::string_view)>& is_column) {
    resolve_expression(part.expression, is_column);
    if (!part.expression.tree) {
        return;
    }
    Expression tree = *part.expression.tree;
    if (tree.is(ExpressionKind::collate)) {
        part.collation = tree->text;
        tree = Expression(tree.child(0));
        part.expression.tree = tree;
    }
    // A string alone names a column here.
    if (tree.is(ExpressionKind::column) || tree.is(ExpressionKind::string_literal)) {
        part.column = tree->text;
        part.expression = {};
    }
}

IndexParseResult parse_create_index(std::string_view sql,
                                    const std::function<bool(std::string_view)>& is_column) {
    TokenCursor cursor(sql, Dialect::sqlite);
    IndexDefinition index;
    cursor.expect_word("create");
    index.unique = cursor.accept_word("unique");
    cursor.expect_word("index");
    cursor.accept_words({"if", "not", "exists"});
    index.name = take_name(cursor);
    if (cursor.accept_symbol(".")) {
        index.name = take_name(cursor);
    }
    cursor.expect_word("on");
    index.table = take_name(cursor);
    index.parts = parse_key_parts(cursor);
    cursor.expect_symbol(")");
    if (cursor.accept_word("where")) {
        const std::size_t begin = cursor.peek().begin;
        while (!cursor.at_end() && !cursor.at_symbol(";")) {
            cursor.take();
        }
        index.predicate = ExpressionText{cursor.text_since(begin), std::nullopt, ""};
    }
    cursor.accept_symbol(";");
    if (!cursor.at_end()) {
        cursor.fail("something follows the definition");
    }
    if (cursor.failed()) {
        return {std::nullopt, cursor.error()};
    }
    for (KeyPart& part : index.parts) {
        resolve_key_part(part, is_column);
    }
    if (index.predicate) {
        resolve_expression(*index.predicate, is_column);
    }
    return {std::move(index), std::nullopt};
}

}  // namespace migrate::backends::sqlite
