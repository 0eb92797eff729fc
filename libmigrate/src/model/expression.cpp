#include <algorithm>
#include <utility>

#include <migrate/expression.hpp>

MIGRATE_NAMESPACE_BEGIN

namespace {

Expression leaf(ExpressionKind kind, std::string text) {
    ExpressionNode node;
    node.kind = kind;
    node.text = std::move(text);
    return Expression(std::move(node));
}

void collect(const Expression& expression, std::vector<std::string>& names) {
    if (expression.is(ExpressionKind::column) &&
        std::find(names.begin(), names.end(), expression->text) == names.end()) {
        names.push_back(expression->text);
    }
    for (const Expression& child : expression.children()) {
        collect(child, names);
    }
}

}  // namespace

Expression::Expression() {
    static const auto k_null = std::make_shared<const ExpressionNode>();
    m_node = k_null;
}

Expression::Expression(ExpressionNode node) {
    node.depth = 1;
    for (const Expression& child : node.children) {
        node.depth = std::max(node.depth, child.depth() + 1);
    }
    m_node = std::make_shared<const ExpressionNode>(std::move(node));
}

ExpressionKind Expression::kind() const noexcept {
    return m_node->kind;
}

const std::vector<Expression>& Expression::children() const noexcept {
    return m_node->children;
}

std::size_t Expression::depth() const noexcept {
    return m_node->depth;
}

bool Expression::is(ExpressionKind k, Operator op) const noexcept {
    return m_node->kind == k && m_node->op == op;
}

Expression Expression::boolean(bool value) {
    return leaf(ExpressionKind::boolean_literal, value ? "true" : "false");
}

Expression Expression::integer(std::int64_t value) {
    if (value >= 0) {
        return leaf(ExpressionKind::integer_literal, std::to_string(value));
    }
    const std::string digits = std::to_string(value).substr(1);
    // The magnitude of the least 64-bit integer is not one itself: engines read it as a real or a numeric.
    const bool least = value == INT64_MIN;
    return unary(Operator::minus,
                 leaf(least ? ExpressionKind::real_literal : ExpressionKind::integer_literal, digits));
}

Expression Expression::string(std::string value) {
    return leaf(ExpressionKind::string_literal, std::move(value));
}

Expression Expression::column(std::string name, std::string qualifier) {
    ExpressionNode node;
    node.kind = ExpressionKind::column;
    node.text = std::move(name);
    node.qualifier = std::move(qualifier);
    return Expression(std::move(node));
}

Expression Expression::unary(Operator op, Expression operand) {
    ExpressionNode node;
    node.kind = ExpressionKind::unary;
    node.op = op;
    node.children.push_back(std::move(operand));
    return Expression(std::move(node));
}

Expression Expression::binary(Operator op, Expression left, Expression right) {
    ExpressionNode node;
    node.kind = ExpressionKind::binary;
    node.op = op;
    node.children.push_back(std::move(left));
    node.children.push_back(std::move(right));
    return Expression(std::move(node));
}

Expression Expression::function(std::string name, std::vector<Expression> arguments) {
    ExpressionNode node;
    node.kind = ExpressionKind::function;
    node.text = std::move(name);
    node.children = std::move(arguments);
    return Expression(std::move(node));
}

Expression Expression::cast(Expression operand, TypeName type) {
    ExpressionNode node;
    node.kind = ExpressionKind::cast;
    node.type = std::move(type);
    node.children.push_back(std::move(operand));
    return Expression(std::move(node));
}

bool operator==(const Expression& a, const Expression& b) {
    if (a.m_node == b.m_node) {
        return true;
    }
    const ExpressionNode& x = a.node();
    const ExpressionNode& y = b.node();
    return x.kind == y.kind && x.op == y.op && x.text == y.text && x.qualifier == y.qualifier &&
           x.type == y.type && x.negated == y.negated && x.distinct == y.distinct && x.star == y.star &&
           x.has_operand == y.has_operand && x.has_else == y.has_else && x.children == y.children;
}

std::vector<std::string> referenced_columns(const Expression& expression) {
    std::vector<std::string> names;
    collect(expression, names);
    return names;
}

Expression rename_columns(const Expression& expression,
                          const std::function<std::string(std::string_view)>& rename, bool drop_qualifiers) {
    ExpressionNode node = expression.node();
    if (node.kind == ExpressionKind::column) {
        node.text = rename(node.text);
        if (drop_qualifiers) {
            node.qualifier.clear();
        }
    }
    for (Expression& child : node.children) {
        child = rename_columns(child, rename, drop_qualifiers);
    }
    return Expression(std::move(node));
}

Expression rename_columns(const Expression& expression, const std::map<std::string, std::string>& names) {
    return rename_columns(expression, [&names](std::string_view name) {
        const auto found = names.find(std::string(name));
        return found == names.end() ? std::string(name) : found->second;
    });
}

MIGRATE_NAMESPACE_END
