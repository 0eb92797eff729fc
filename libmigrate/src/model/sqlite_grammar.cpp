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

}  // namespace migrate::model
