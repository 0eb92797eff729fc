#include <algorithm>
#include <array>
#include <utility>

#include "model/postgresql_grammar.hpp"

namespace migrate::model {

namespace {

// Words that end an operand or begin what is not supported; they are never bare column names.
constexpr std::array<std::string_view, 24> k_reserved = {
    "select", "from",  "where",  "and",   "or",   "not",     "when",  "then",
    "else",   "end",   "in",     "is",    "as",   "union",   "table", "unique",
    "having", "group", "window", "limit", "with", "collate", "any",   "all"};

constexpr std::array<std::string_view, 11> k_keyword_values = {
    "current_timestamp", "current_date", "current_time", "localtime",       "localtimestamp", "current_user",
    "current_role",      "session_user", "user",         "current_catalog", "current_schema"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_name(const Token& token) {
    return token.kind == TokenKind::word || token.kind == TokenKind::double_quoted;
}

// Whether a type's name stands here with a string behind it: date '2020-01-01'.
bool at_typed_literal(const TokenCursor& cursor) {
    std::size_t ahead = 1;
    if (cursor.at_word("double") && cursor.at_word("precision", 1)) {
        ahead = 2;
    } else if (cursor.at_word("timestamp") || cursor.at_word("time")) {
        if (cursor.at_symbol("(", 1)) {
            ahead = 4;
        }
        ahead += cursor.at_word("time", ahead + 1) && cursor.at_word("zone", ahead + 2) ? 3 : 0;
    } else if (cursor.at_symbol("(", 1)) {
        return false;
    }
    return cursor.peek(ahead).kind == TokenKind::string;
}

}  // namespace

Expression PostgresqlGrammar::word() {
    const std::string name = m_cursor.peek().text;
    if (name == "null") {
        m_cursor.take();
        return {};
    }
    if (name == "true" || name == "false") {
        m_cursor.take();
        return literal(ExpressionKind::boolean_literal, name);
    }
    if (name == "case") {
        m_cursor.take();
        return case_when();
    }
    if (name == "array" && m_cursor.at_symbol("[", 1)) {
        m_cursor.take();
        return array();
    }
    if ((name == "exists" || name == "row" || name == "array") && m_cursor.at_symbol("(", 1)) {
        m_cursor.fail("a subquery or row value is not supported");
        return {};
    }
    if (contains(k_keyword_values, name)) {
        m_cursor.take();
        return keyword_value(name);
    }
    if (at_typed_literal(m_cursor)) {
        TypeName type = parse_postgresql_type_name(m_cursor);
        const Token value = m_cursor.take();
        if (value.kind != TokenKind::string) {
            m_cursor.fail("expected a text after the type");
        }
        return cast_to(Expression::string(value.text), std::move(type));
    }
    if (m_cursor.at_symbol("(", 1)) {
        if (std::optional<Expression> special = special_call(name)) {
            return std::move(*special);
        }
    }
    return name_or_call();
}

Expression PostgresqlGrammar::keyword_value(const std::string& name) {
    ExpressionNode node;
    node.kind = ExpressionKind::keyword_value;
    node.text = name;
    if (m_cursor.at_symbol("(")) {
        m_cursor.take();
        const Token precision = m_cursor.take();
        if (precision.kind != TokenKind::integer) {
            m_cursor.fail("expected a precision");
        }
        node.children.push_back(literal(ExpressionKind::integer_literal, precision.text));
        m_cursor.expect_symbol(")");
    }
    return make(std::move(node));
}

Expression PostgresqlGrammar::case_when() {
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

Expression PostgresqlGrammar::array() {
    const Nesting nesting(*this);
    m_cursor.expect_symbol("[");
    ExpressionNode node;
    node.kind = ExpressionKind::array;
    if (!m_cursor.accept_symbol("]")) {
        do {
            node.children.push_back(m_cursor.at_symbol("[") ? array() : expression());
        } while (m_cursor.accept_symbol(","));
        m_cursor.expect_symbol("]");
    }
    return make(std::move(node));
}

Expression PostgresqlGrammar::name_or_call() {
    std::array<std::string, 3> parts;
    std::size_t count = 0;
    do {
        const Token token = m_cursor.take();
        const bool bare = count == 0 && token.kind == TokenKind::word && !m_cursor.at_symbol("(");
        if (!is_name(token) || (bare && contains(k_reserved, token.text))) {
            m_cursor.fail("expected a value");
            return {};
        }
        parts[count++] = token.text;
    } while (count < parts.size() && m_cursor.accept_symbol("."));
    if (m_cursor.at_symbol("(")) {
        return count > 2 ? (m_cursor.fail("expected a function"), Expression())
                         : call(count == 2 ? parts[0] : "", parts[count - 1]);
    }
    return make(Expression::column(parts[count - 1], count > 1 ? parts[count - 2] : "").node());
}

Expression PostgresqlGrammar::call(std::string schema, std::string name) {
    m_cursor.expect_symbol("(");
    ExpressionNode node;
    node.kind = ExpressionKind::function;
    node.qualifier = schema == "pg_catalog" ? "" : std::move(schema);
    node.text = std::move(name);
    if (m_cursor.accept_symbol("*")) {
        node.star = true;
    } else if (!m_cursor.at_symbol(")")) {
        node.distinct = m_cursor.accept_word("distinct");
        if (m_cursor.at_word("variadic")) {
            m_cursor.fail("VARIADIC is not supported");
        }
        do {
            node.children.push_back(expression());
        } while (m_cursor.accept_symbol(","));
    }
    m_cursor.expect_symbol(")");
    if (m_cursor.at_word("over") || m_cursor.at_word("filter") || m_cursor.at_word("within")) {
        m_cursor.fail("a window function is not supported");
    }
    return make(std::move(node));
}

std::optional<Expression> PostgresqlGrammar::special_call(const std::string& name) {
    if (name == "cast") {
        m_cursor.take();
        m_cursor.take();
        Expression operand = expression();
        m_cursor.expect_word("as");
        TypeName type = parse_postgresql_type_name(m_cursor);
        m_cursor.expect_symbol(")");
        return cast_to(std::move(operand), std::move(type));
    }
    if (name == "extract") {
        m_cursor.take();
        m_cursor.take();
        std::vector<Expression> arguments = {Expression::string(m_cursor.take().text)};
        m_cursor.expect_word("from");
        arguments.push_back(expression());
        m_cursor.expect_symbol(")");
        return make(Expression::function("extract", std::move(arguments)).node());
    }
    if (name == "position") {
        m_cursor.take();
        m_cursor.take();
        Expression wanted = climb(7);  // Not IN, which stands between the two.
        m_cursor.expect_word("in");
        std::vector<Expression> arguments = {expression(), std::move(wanted)};
        m_cursor.expect_symbol(")");
        return make(Expression::function("strpos", std::move(arguments)).node());
    }
    if (name == "trim") {
        return trim();
    }
    if (name == "substring") {
        return substring();
    }
    for (const std::string_view unsupported :
         {"overlay", "xmlelement", "xmlparse", "xmlserialize", "grouping"}) {
        if (name == unsupported) {
            m_cursor.fail("the special form of this function is not supported");
        }
    }
    return std::nullopt;
}

Expression PostgresqlGrammar::trim() {
    m_cursor.take();
    m_cursor.take();
    std::string function = "btrim";
    if (m_cursor.accept_word("leading")) {
        function = "ltrim";
    } else if (m_cursor.accept_word("trailing")) {
        function = "rtrim";
    } else {
        m_cursor.accept_word("both");
    }
    std::vector<Expression> arguments;
    if (!m_cursor.at_word("from")) {
        arguments.push_back(expression());
    }
    if (m_cursor.accept_word("from")) {
        arguments.insert(arguments.begin(), expression());
    }
    while (m_cursor.accept_symbol(",")) {
        arguments.push_back(expression());
    }
    m_cursor.expect_symbol(")");
    return make(Expression::function(std::move(function), std::move(arguments)).node());
}

Expression PostgresqlGrammar::substring() {
    m_cursor.take();
    m_cursor.take();
    std::vector<Expression> arguments = {expression()};
    if (m_cursor.accept_word("from")) {
        arguments.push_back(expression());
        if (m_cursor.accept_word("for")) {
            arguments.push_back(expression());
        }
    } else if (m_cursor.at_word("for") || m_cursor.at_word("similar")) {
        m_cursor.fail("this form of SUBSTRING is not supported");
    }
    while (m_cursor.accept_symbol(",")) {
        arguments.push_back(expression());
    }
    m_cursor.expect_symbol(")");
    return make(Expression::function("substring", std::move(arguments)).node());
}

}  // namespace migrate::model
