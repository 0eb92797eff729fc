#include "model/sqlite_grammar.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace migrate::model {

namespace {

// Binding strengths, weakest first, as parse.y declares them. Everything is left-associative.
constexpr int k_or = 1;
constexpr int k_and = 2;
constexpr int k_not = 3;
constexpr int k_equality = 4;
constexpr int k_comparison = 5;
constexpr int k_collate = 10;

struct Infix {
    std::string_view symbol;
    Operator op;
    int strength;
};

constexpr std::array<Infix, 20> k_infixes = {{
    {"=", Operator::eq, k_equality},   {"==", Operator::eq, k_equality},
    {"<>", Operator::ne, k_equality},  {"!=", Operator::ne, k_equality},
    {"<", Operator::lt, k_comparison}, {"<=", Operator::le, k_comparison},
    {">", Operator::gt, k_comparison}, {">=", Operator::ge, k_comparison},
    {"&", Operator::bit_and, 6},       {"|", Operator::bit_or, 6},
    {"<<", Operator::shift_left, 6},   {">>", Operator::shift_right, 6},
    {"+", Operator::add, 7},           {"-", Operator::sub, 7},
    {"*", Operator::mul, 8},           {"/", Operator::div, 8},
    {"%", Operator::mod, 8},           {"||", Operator::concat, 9},
    {"->", Operator::json_get, 9},     {"->>", Operator::json_get_text, 9},
}};

// Words that cannot stand for a name without quotes; every other keyword can.
constexpr std::array<std::string_view, 56> k_reserved = {
    "add",      "all",     "alter",       "and",        "as",        "autoincrement", "between",    "case",
    "check",    "collate", "commit",      "constraint", "create",    "default",       "deferrable", "delete",
    "distinct", "drop",    "else",        "escape",     "except",    "exists",        "foreign",    "from",
    "group",    "having",  "in",          "index",      "insert",    "intersect",     "into",       "is",
    "isnull",   "join",    "limit",       "not",        "nothing",   "notnull",       "null",       "on",
    "or",       "order",   "primary",     "references", "returning", "select",        "set",        "table",
    "then",     "to",      "transaction", "union",      "unique",    "update",        "using",      "values"};
constexpr std::array<std::string_view, 2> k_reserved_too = {"when", "where"};

const Infix* infix_at(const TokenCursor& cursor) {
    if (cursor.peek().kind != TokenKind::symbol) {
        return nullptr;
    }
    const auto* found = std::find_if(k_infixes.begin(), k_infixes.end(), [&cursor](const Infix& infix) {
        return infix.symbol == cursor.peek().text;
    });
    return found == k_infixes.end() ? nullptr : found;
}

Operator pattern_operator(const TokenCursor& cursor) {
    if (cursor.at_word("like")) {
        return Operator::like;
    }
    if (cursor.at_word("glob")) {
        return Operator::glob;
    }
    if (cursor.at_word("regexp")) {
        return Operator::regex;
    }
    return cursor.at_word("match") ? Operator::match : Operator::none;
}

}  // namespace

SqliteGrammar::SqliteGrammar(TokenCursor& cursor, const ParseOptions& options)
    : GrammarBase(cursor), m_options(options) {}

bool SqliteGrammar::is_name(const Token& token) {
    switch (token.kind) {
        case TokenKind::double_quoted:
        case TokenKind::quoted:
        case TokenKind::string:
            return true;
        case TokenKind::word: {
            const std::string lower = to_lower_ascii(token.text);
            return std::find(k_reserved.begin(), k_reserved.end(), lower) == k_reserved.end() &&
                   std::find(k_reserved_too.begin(), k_reserved_too.end(), lower) == k_reserved_too.end();
        }
        default:
            return false;
    }
}

bool SqliteGrammar::is_column(std::string_view name) const {
    return m_options.is_column && m_options.is_column(name);
}

Expression SqliteGrammar::expression() {
    return climb(k_or);
}

Expression SqliteGrammar::climb(int minimum) {
    const Nesting nesting(*this);
    Expression left = prefix();
    while (!m_cursor.failed()) {
        std::optional<Expression> whole = infix(left, minimum);
        if (!whole) {
            break;
        }
        left = std::move(*whole);
    }
    return left;
}

std::optional<Expression> SqliteGrammar::infix(Expression& left, int minimum) {
    if (const Infix* found = infix_at(m_cursor)) {
        if (found->strength < minimum) {
            return std::nullopt;
        }
        m_cursor.take();
        Expression right = climb(found->strength + 1);
        return binary(found->op, std::move(left), std::move(right));
    }
    if (minimum <= k_or && m_cursor.accept_word("or")) {
        return binary(Operator::logical_or, left, climb(k_or + 1));
    }
    if (minimum <= k_and && m_cursor.accept_word("and")) {
        return binary(Operator::logical_and, left, climb(k_and + 1));
    }
    if (minimum <= k_equality) {
        return negatable(left);
    }
    if (minimum <= k_collate && m_cursor.at_word("collate")) {
        return negatable(left);
    }
    return std::nullopt;
}

std::optional<Expression> SqliteGrammar::negatable(Expression& left) {
    if (m_cursor.accept_word("collate")) {
        const Token name = m_cursor.take();
        if (!is_name(name)) {
            m_cursor.fail("expected the name of a collation");
        }
        ExpressionNode node;
        node.kind = ExpressionKind::collate;
        node.text = name.text;
        node.children.push_back(std::move(left));
        return make(std::move(node));
    }
    if (m_cursor.accept_word("is")) {
        return is_operator(std::move(left));
    }
    if (m_cursor.accept_word("isnull")) {
        return unary(Operator::is_null, std::move(left));
    }
    if (m_cursor.accept_word("notnull") || m_cursor.accept_words({"not", "null"})) {
        return unary(Operator::is_not_null, std::move(left));
    }
    const bool negated = m_cursor.accept_word("not");
    if (m_cursor.accept_word("between")) {
        return between(std::move(left), negated);
    }
    if (m_cursor.accept_word("in")) {
        return in_list(std::move(left), negated);
    }
    if (const Operator op = pattern_operator(m_cursor); op != Operator::none) {
        m_cursor.take();
        return pattern(std::move(left), op, negated);
    }
    if (negated) {
        m_cursor.fail("NOT stands where an operator is expected");
    }
    return std::nullopt;
}

Expression SqliteGrammar::is_operator(Expression left) {
    bool negated = m_cursor.accept_word("not");
    if (m_cursor.accept_words({"distinct", "from"})) {
        negated = !negated;
    }
    Expression right = climb(k_equality + 1);
    if (right.is(ExpressionKind::null_literal)) {
        return unary(negated ? Operator::is_not_null : Operator::is_null, std::move(left));
    }
    if (right.is(ExpressionKind::boolean_literal)) {
        if (right->text == "true") {
            return unary(negated ? Operator::is_not_true : Operator::is_true, std::move(left));
        }
        return unary(negated ? Operator::is_not_false : Operator::is_false, std::move(left));
    }
    return binary(negated ? Operator::is_distinct : Operator::is_not_distinct, std::move(left),
                  std::move(right));
}

Expression SqliteGrammar::between(Expression left, bool negated) {
    ExpressionNode node;
    node.kind = ExpressionKind::between;
    node.children.push_back(std::move(left));
    node.children.push_back(climb(k_not));
    m_cursor.expect_word("and");
    node.children.push_back(climb(k_equality + 1));
    return negate_if(negated, std::move(node));
}

Expression SqliteGrammar::in_list(Expression left, bool negated) {
    ExpressionNode node;
    node.kind = ExpressionKind::in_list;
    node.children.push_back(std::move(left));
    if (!m_cursor.at_symbol("(")) {
        m_cursor.fail("IN with a table is not supported");
        return {};
    }
    m_cursor.take();
    refuse_subquery();
    if (!m_cursor.accept_symbol(")")) {
        do {
            node.children.push_back(expression());
        } while (m_cursor.accept_symbol(","));
        m_cursor.expect_symbol(")");
    }
    return negate_if(negated, std::move(node));
}

Expression SqliteGrammar::pattern(Expression left, Operator op, bool negated) {
    ExpressionNode node;
    node.kind = ExpressionKind::pattern;
    node.op = op;
    node.children.push_back(std::move(left));
    node.children.push_back(climb(k_equality + 1));
    if (m_cursor.accept_word("escape")) {
        node.children.push_back(climb(k_equality + 1));
    }
    return negate_if(negated, std::move(node));
}

Expression SqliteGrammar::prefix() {
    if (m_cursor.at_word("not")) {
        m_cursor.take();
        if (m_cursor.at_word("exists")) {
            m_cursor.fail("a subquery is not supported");
        }
        return unary(Operator::logical_not, climb(k_not));
    }
    const bool minus = m_cursor.at_symbol("-");
    if (minus || m_cursor.at_symbol("+") || m_cursor.at_symbol("~")) {
        const Nesting nesting(*this);
        const std::string symbol = m_cursor.take().text;
        const Operator op = minus ? Operator::minus : symbol == "+" ? Operator::plus : Operator::bit_not;
        return unary(op, prefix());
    }
    return primary();
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
        (equals_ignoring_case(token.text, "true") || equals_ignoring_case(token.text, "false"))) {
        return literal(ExpressionKind::boolean_literal, to_lower_ascii(token.text));
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
    node.text = to_lower_ascii(name.text);
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
