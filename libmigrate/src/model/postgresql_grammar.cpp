#include "model/postgresql_grammar.hpp"

#include <array>
#include <utility>

namespace migrate::model {

namespace {

// Binding strengths, weakest first, as gram.y declares them.
constexpr int k_or = 1;
constexpr int k_and = 2;
constexpr int k_not = 3;
constexpr int k_is = 4;
constexpr int k_comparison = 5;
constexpr int k_pattern = 6;
constexpr int k_other = 7;
constexpr int k_sum = 8;
constexpr int k_product = 9;
constexpr int k_power = 10;
constexpr int k_at = 11;
constexpr int k_collate = 12;
constexpr int k_sign = 13;
constexpr int k_typecast = 15;

int strength_of(const Token& token) {
    if (token.kind != TokenKind::symbol) {
        return 0;
    }
    const std::string_view s = token.text;
    if (s == "(" || s == ")" || s == "," || s == "." || s == ";" || s == "]" || s == ":" || s == ":=") {
        return 0;
    }
    if (s == "<" || s == ">" || s == "=" || s == "<=" || s == ">=" || s == "<>" || s == "!=") {
        return k_comparison;
    }
    if (s == "+" || s == "-") {
        return k_sum;
    }
    if (s == "*" || s == "/" || s == "%") {
        return k_product;
    }
    if (s == "^") {
        return k_power;
    }
    return s == "::" || s == "[" ? k_typecast : k_other;
}

struct Pattern {
    std::string_view symbol;
    Operator op;
    bool negated;
};

constexpr std::array<Pattern, 4> k_patterns = {{
    {"~~", Operator::like, false},
    {"!~~", Operator::like, true},
    {"~~*", Operator::ilike, false},
    {"!~~*", Operator::ilike, true},
}};

}  // namespace

Expression PostgresqlGrammar::expression() {
    return climb(k_or);
}

Expression PostgresqlGrammar::climb(int minimum) {
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

std::optional<Expression> PostgresqlGrammar::infix(Expression& left, int minimum) {
    const Token& token = m_cursor.peek();
    if (token.kind == TokenKind::word) {
        return word_infix(left, minimum);
    }
    const int strength = strength_of(token);
    if (strength == 0 || strength < minimum) {
        return std::nullopt;
    }
    const std::string symbol = m_cursor.take().text;
    if (symbol == "::") {
        return cast_to(std::move(left), parse_postgresql_type_name(m_cursor));
    }
    if (symbol == "[") {
        m_cursor.fail("a subscript is not supported");
        return std::nullopt;
    }
    return symbol_infix(std::move(left), symbol, strength);
}

Expression PostgresqlGrammar::symbol_infix(Expression left, const std::string& symbol, int strength) {
    const bool any = m_cursor.at_word("any") || m_cursor.at_word("some");
    const bool quantified = (any || m_cursor.at_word("all")) && m_cursor.at_symbol("(", 1);
    for (const Pattern& pattern : k_patterns) {
        if (symbol == pattern.symbol && !quantified) {
            ExpressionNode node;
            node.kind = ExpressionKind::pattern;
            node.op = pattern.op;
            node.children.push_back(std::move(left));
            node.children.push_back(climb(strength + 1));
            return negate_if(pattern.negated, std::move(node));
        }
    }
    const Operator op = postgresql_operator(symbol);
    ExpressionNode node;
    node.kind = ExpressionKind::binary;
    node.op = op;
    node.text = op == Operator::other ? symbol : "";
    node.children.push_back(std::move(left));
    if (quantified) {
        if (op == Operator::other) {
            m_cursor.fail("ANY or ALL with this operator is not supported");
        }
        m_cursor.take();
        m_cursor.take();
        refuse_subquery();
        node.kind = ExpressionKind::quantified;
        node.text = any ? "any" : "all";
        node.children.push_back(expression());
        m_cursor.expect_symbol(")");
    } else {
        node.children.push_back(climb(strength + 1));
    }
    return make(std::move(node));
}

std::optional<Expression> PostgresqlGrammar::word_infix(Expression& left, int minimum) {
    if (minimum <= k_or && m_cursor.accept_word("or")) {
        return binary(Operator::logical_or, left, climb(k_or + 1));
    }
    if (minimum <= k_and && m_cursor.accept_word("and")) {
        return binary(Operator::logical_and, left, climb(k_and + 1));
    }
    if (minimum <= k_at && m_cursor.accept_words({"at", "time", "zone"})) {
        return binary(Operator::at_time_zone, left, climb(k_at + 1));
    }
    if (minimum <= k_collate && m_cursor.accept_word("collate")) {
        return collate(std::move(left));
    }
    if (minimum <= k_is && m_cursor.accept_word("is")) {
        return is_test(std::move(left));
    }
    if (minimum <= k_is && m_cursor.accept_word("isnull")) {
        return unary(Operator::is_null, std::move(left));
    }
    if (minimum <= k_is && m_cursor.accept_word("notnull")) {
        return unary(Operator::is_not_null, std::move(left));
    }
    if (minimum <= k_other && m_cursor.at_word("operator") && m_cursor.at_symbol("(", 1)) {
        const std::size_t begin = m_cursor.peek().begin;
        while (!m_cursor.at_end() && !m_cursor.at_symbol(")")) {
            m_cursor.take();
        }
        m_cursor.expect_symbol(")");
        return symbol_infix(std::move(left), m_cursor.text_since(begin), k_other);
    }
    return minimum <= k_pattern ? negatable(left) : std::nullopt;
}

std::optional<Expression> PostgresqlGrammar::negatable(Expression& left) {
    const bool negated = m_cursor.accept_word("not");
    if (m_cursor.accept_word("between")) {
        return between(std::move(left), negated);
    }
    if (m_cursor.accept_word("in")) {
        return in_list(std::move(left), negated);
    }
    if (m_cursor.accept_word("like")) {
        return pattern(std::move(left), Operator::like, negated);
    }
    if (m_cursor.accept_word("ilike")) {
        return pattern(std::move(left), Operator::ilike, negated);
    }
    if (m_cursor.accept_words({"similar", "to"})) {
        return pattern(std::move(left), Operator::similar, negated);
    }
    if (negated) {
        m_cursor.fail("NOT stands where an operator is expected");
    }
    return std::nullopt;
}

Expression PostgresqlGrammar::is_test(Expression left) {
    const bool negated = m_cursor.accept_word("not");
    if (m_cursor.accept_words({"distinct", "from"})) {
        return binary(negated ? Operator::is_not_distinct : Operator::is_distinct, std::move(left),
                      climb(k_is + 1));
    }
    if (m_cursor.accept_word("null") || m_cursor.accept_word("unknown")) {
        return unary(negated ? Operator::is_not_null : Operator::is_null, std::move(left));
    }
    if (m_cursor.accept_word("true")) {
        return unary(negated ? Operator::is_not_true : Operator::is_true, std::move(left));
    }
    if (m_cursor.accept_word("false")) {
        return unary(negated ? Operator::is_not_false : Operator::is_false, std::move(left));
    }
    m_cursor.fail("this IS test is not supported");
    return left;
}

Expression PostgresqlGrammar::between(Expression left, bool negated) {
    if (m_cursor.accept_word("symmetric")) {
        m_cursor.fail("BETWEEN SYMMETRIC is not supported");
    }
    ExpressionNode node;
    node.kind = ExpressionKind::between;
    node.children.push_back(std::move(left));
    node.children.push_back(climb(k_pattern + 1));
    m_cursor.expect_word("and");
    node.children.push_back(climb(k_pattern + 1));
    return negate_if(negated, std::move(node));
}

Expression PostgresqlGrammar::in_list(Expression left, bool negated) {
    ExpressionNode node;
    node.kind = ExpressionKind::in_list;
    node.children.push_back(std::move(left));
    m_cursor.expect_symbol("(");
    refuse_subquery();
    do {
        node.children.push_back(expression());
    } while (m_cursor.accept_symbol(","));
    m_cursor.expect_symbol(")");
    return negate_if(negated, std::move(node));
}

Expression PostgresqlGrammar::pattern(Expression left, Operator op, bool negated) {
    ExpressionNode node;
    node.kind = ExpressionKind::pattern;
    node.op = op;
    node.children.push_back(std::move(left));
    node.children.push_back(climb(k_pattern + 1));
    if (m_cursor.accept_word("escape")) {
        node.children.push_back(climb(k_pattern + 1));
    }
    return negate_if(negated, std::move(node));
}

Expression PostgresqlGrammar::collate(Expression left) {
    Token name = m_cursor.take();
    ExpressionNode node;
    node.kind = ExpressionKind::collate;
    if (m_cursor.accept_symbol(".")) {
        node.qualifier = name.text;
        name = m_cursor.take();
    }
    if (name.kind != TokenKind::word && name.kind != TokenKind::double_quoted) {
        m_cursor.fail("expected the name of a collation");
    }
    node.text = name.text;
    node.children.push_back(std::move(left));
    return make(std::move(node));
}

void PostgresqlGrammar::refuse_subquery() {
    if (m_cursor.at_word("select") || m_cursor.at_word("with") || m_cursor.at_word("values")) {
        m_cursor.fail("a subquery is not supported");
    }
}

Expression PostgresqlGrammar::prefix() {
    const Nesting nesting(*this);
    if (m_cursor.accept_word("not")) {
        return unary(Operator::logical_not, climb(k_not));
    }
    if (m_cursor.accept_symbol("-")) {
        return unary(Operator::minus, climb(k_sign));
    }
    if (m_cursor.accept_symbol("+")) {
        return unary(Operator::plus, climb(k_sign));
    }
    if (m_cursor.accept_symbol("~")) {
        return unary(Operator::bit_not, climb(k_other + 1));
    }
    if (m_cursor.at_symbol("(")) {
        m_cursor.take();
        refuse_subquery();
        Expression inner = expression();
        if (m_cursor.at_symbol(",")) {
            m_cursor.fail("a row value is not supported");
        }
        m_cursor.expect_symbol(")");
        if (m_cursor.at_symbol(".")) {
            m_cursor.fail("the selection of a field is not supported");
        }
        return inner;
    }
    return primary();
}

Expression PostgresqlGrammar::primary() {
    const Token token = m_cursor.peek();
    switch (token.kind) {
        case TokenKind::string:
            m_cursor.take();
            return literal(ExpressionKind::string_literal, token.text);
        case TokenKind::integer:
            m_cursor.take();
            return literal(ExpressionKind::integer_literal, token.text);
        case TokenKind::real:
            m_cursor.take();
            return literal(ExpressionKind::real_literal, token.text);
        case TokenKind::bits: {
            m_cursor.take();
            TypeName type;
            type.name = "bit";
            return cast_to(Expression::string(token.text), std::move(type));
        }
        case TokenKind::word:
            return word();
        case TokenKind::double_quoted:
            return name_or_call();
        default:
            m_cursor.fail("expected a value");
            return {};
    }
}

Expression PostgresqlGrammar::cast_to(Expression operand, TypeName type) {
    return make(Expression::cast(std::move(operand), std::move(type)).node());
}

Operator postgresql_operator(std::string_view symbol) {
    static constexpr std::array<std::pair<std::string_view, Operator>, 25> k_operators = {{
        {"=", Operator::eq},
        {"<>", Operator::ne},
        {"!=", Operator::ne},
        {"<", Operator::lt},
        {"<=", Operator::le},
        {">", Operator::gt},
        {">=", Operator::ge},
        {"+", Operator::add},
        {"-", Operator::sub},
        {"*", Operator::mul},
        {"/", Operator::div},
        {"%", Operator::mod},
        {"||", Operator::concat},
        {"&", Operator::bit_and},
        {"|", Operator::bit_or},
        {"#", Operator::bit_xor},
        {"<<", Operator::shift_left},
        {">>", Operator::shift_right},
        {"^", Operator::power},
        {"->", Operator::json_get},
        {"->>", Operator::json_get_text},
        {"~", Operator::regex},
        {"~*", Operator::regex_nocase},
        {"!~", Operator::not_regex},
        {"!~*", Operator::not_regex_nocase},
    }};
    for (const auto& [spelling, op] : k_operators) {
        if (spelling == symbol) {
            return op;
        }
    }
    return Operator::other;
}

}  // namespace migrate::model
