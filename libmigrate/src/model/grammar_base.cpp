#include "model/grammar_base.hpp"

#include <utility>

namespace migrate::model {

Expression GrammarBase::make(ExpressionNode node) {
    Expression expression(std::move(node));
    if (expression.depth() > Expression::k_max_depth) {
        m_cursor.fail("nested too deeply");
        return {};
    }
    return expression;
}

Expression GrammarBase::literal(ExpressionKind kind, std::string text) {
    ExpressionNode node;
    node.kind = kind;
    node.text = std::move(text);
    return make(std::move(node));
}

Expression GrammarBase::unary(Operator op, Expression operand) {
    return make(Expression::unary(op, std::move(operand)).node());
}

Expression GrammarBase::binary(Operator op, Expression left, Expression right) {
    return make(Expression::binary(op, std::move(left), std::move(right)).node());
}

Expression GrammarBase::negate_if(bool negated, ExpressionNode node) {
    node.negated = negated;
    return make(std::move(node));
}

}  // namespace migrate::model
