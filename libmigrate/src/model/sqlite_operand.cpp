#include <algorithm>
#include <array>
#include <utility>

#include "model/sqlite_grammar.hpp"
#include "util/ascii.hpp"

namespace migrate::model {

namespace {

// Words that cannot stand for a name without quotes; every other keyword can.
// Kept in one text between blanks.
constexpr std::string_view k_reserved =
    " add all alter and as autoincrement between case check collate commit constraint create default "
    "deferrable delete distinct drop else escape except exists foreign from group having in index "
    "insert intersect into is isnull join limit not nothing notnull null on or order primary references "
    "returning select set table then to transaction union unique update using values when where ";

}  // namespace

bool SqliteGrammar::is_name(const Token& token) {
    switch (token.kind) {
        case TokenKind::double_quoted:
        case TokenKind::quoted:
        case TokenKind::string:
            return true;
        case TokenKind::word: {
            return k_reserved.find(" " + util::lower_ascii(token.text) + " ") == std::string_view::npos;
        }
        default:
            return false;
    }
}

bool SqliteGrammar::is_column(std::string_view name) const {
    return m_options.is_column && m_options.is_column(name);
}

Expression SqliteGrammar::term() {
    const Token token = m_cursor.peek();
    switch (token.kind) {
        case TokenKind::string:
            m_cursor.take();
            return literal(ExpressionKind::string_literal, token.text);
        case TokenKind::blob:
            m_cursor.take();
            return literal(ExpressionKind::blob_literal, token.text);
        case TokenKind::real:
            m_cursor.take();
            return literal(ExpressionKind::real_literal, token.text);
        case TokenKind::integer:
            m_cursor.take();
            // A hexadecimal number may come out negative.
            return token.text.starts_with('-')
                       ? unary(Operator::minus,
                               literal(token.text == "-9223372036854775808" ? ExpressionKind::real_literal
                                                                            : ExpressionKind::integer_literal,
                                       token.text.substr(1)))
                       : literal(ExpressionKind::integer_literal, token.text);
        default:
            break;
    }
    if (m_cursor.accept_word("null")) {
        return {};
    }
    for (const std::string_view word : {"current_timestamp", "current_date", "current_time"}) {
        if (m_cursor.accept_word(word)) {
            return literal(ExpressionKind::keyword_value, std::string(word));
        }
    }
    m_cursor.fail("expected a value");
    return {};
}

void SqliteGrammar::refuse_subquery() {
    if (m_cursor.at_word("select") || m_cursor.at_word("with") || m_cursor.at_word("values")) {
        m_cursor.fail("a subquery is not supported");
    }
}

Expression SqliteGrammar::primary() {
    if (m_cursor.accept_symbol("(")) {
        refuse_subquery();
        Expression inner = expression();
        if (m_cursor.at_symbol(",")) {
            m_cursor.fail("a row value is not supported");
        }
        m_cursor.expect_symbol(")");
        return inner;
    }
    if (m_cursor.accept_word("case")) {
        return case_when();
    }
    if (m_cursor.at_word("cast") && m_cursor.at_symbol("(", 1)) {
        return cast();
    }
    if (m_cursor.at_word("exists")) {
        m_cursor.fail("a subquery is not supported");
    }
    if (m_cursor.at_word("raise") && m_cursor.at_symbol("(", 1)) {
        m_cursor.fail("RAISE is not supported");
    }
    const bool string_is_table = m_cursor.peek().kind == TokenKind::string && m_cursor.at_symbol(".", 1);
    const bool keyword = m_cursor.at_word("current_timestamp") || m_cursor.at_word("current_date") ||
                         m_cursor.at_word("current_time");
    const bool name =
        is_name(m_cursor.peek()) && (m_cursor.peek().kind != TokenKind::string || string_is_table);
    return name && !keyword ? name_or_call() : term();
}

Expression SqliteGrammar::name_or_call() {
    const Token token = m_cursor.take();
    if (m_cursor.at_symbol("(") && token.kind != TokenKind::string) {
        return call(token);
    }
    if (m_cursor.accept_symbol(".")) {
        return qualified(token.text);
    }
    return named(token);
}

Expression SqliteGrammar::named(const Token& token) {
    const bool known = is_column(token.text);
    if (token.kind == TokenKind::word && !known &&
        (util::equals_ignore_case(token.text, "true") || util::equals_ignore_case(token.text, "false"))) {
        return literal(ExpressionKind::boolean_literal, util::lower_ascii(token.text));
    }
    if (token.kind == TokenKind::double_quoted && m_options.is_column && !known) {
        return literal(ExpressionKind::string_literal, token.text);
    }
    return make(Expression::column(token.text).node());
}

Expression SqliteGrammar::qualified(std::string qualifier) {
    Token name = m_cursor.take();
    if (is_name(name) && m_cursor.accept_symbol(".")) {
        qualifier = name.text;
        name = m_cursor.take();
    }
    if (!is_name(name)) {
        m_cursor.fail("expected a name");
    }
    return make(Expression::column(name.text, std::move(qualifier)).node());
}

Expression SqliteGrammar::call(const Token& name) {
    m_cursor.expect_symbol("(");
    ExpressionNode node;
    node.kind = ExpressionKind::function;
    node.text = util::lower_ascii(name.text);
    if (m_cursor.accept_symbol("*")) {
        node.star = true;
    } else if (!m_cursor.at_symbol(")")) {
        node.distinct = m_cursor.accept_word("distinct");
        if (!node.distinct) {
            m_cursor.accept_word("all");
        }
        do {
            node.children.push_back(expression());
        } while (m_cursor.accept_symbol(","));
    }
    m_cursor.expect_symbol(")");
    if ((m_cursor.at_word("filter") && m_cursor.at_symbol("(", 1)) || m_cursor.at_word("over")) {
        m_cursor.fail("a window function is not supported");
    }
    return make(std::move(node));
}

Expression SqliteGrammar::cast() {
    m_cursor.take();
    m_cursor.expect_symbol("(");
    Expression operand = expression();
    m_cursor.expect_word("as");
    TypeName type = parse_sqlite_type_name(m_cursor);
    m_cursor.expect_symbol(")");
    return make(Expression::cast(std::move(operand), std::move(type)).node());
}

Expression SqliteGrammar::case_when() {
    ExpressionNode node;
    node.kind = ExpressionKind::case_when;
    if (!m_cursor.at_word("when")) {
        node.has_operand = true;
        node.children.push_back(expression());
    }
    do {
        m_cursor.expect_word("when");
        node.children.push_back(expression());
        m_cursor.expect_word("then");
        node.children.push_back(expression());
    } while (m_cursor.at_word("when"));
    if (m_cursor.accept_word("else")) {
        node.has_else = true;
        node.children.push_back(expression());
    }
    m_cursor.expect_word("end");
    return make(std::move(node));
}

TypeName parse_sqlite_type_name(TokenCursor& cursor) {
    TypeName type;
    while (SqliteGrammar::is_name(cursor.peek()) &&
           !(cursor.at_word("generated") && cursor.at_word("always", 1))) {
        type.name += (type.name.empty() ? "" : " ") + cursor.take().text;
    }
    if (type.name.empty() || !cursor.accept_symbol("(")) {
        return type;
    }
    do {
        std::string sign = cursor.accept_symbol("-") ? "-" : "";
        if (sign.empty()) {
            cursor.accept_symbol("+");
        }
        const Token number = cursor.take();
        if (number.kind != TokenKind::integer && number.kind != TokenKind::real) {
            cursor.fail("expected a number in a type's arguments");
            return type;
        }
        type.arguments.push_back(sign + number.text);
    } while (type.arguments.size() < 2 && cursor.accept_symbol(","));
    cursor.expect_symbol(")");
    return type;
}

}  // namespace migrate::model
