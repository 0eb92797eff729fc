#include "mapping/row_compiler.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mapping/row_operator.hpp"
#include "model/expression_parser.hpp"
#include "model/sql_lexer.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/near_name.hpp"
#include "util/printable.hpp"

namespace migrate::mapping {
namespace {

RowNode make(RowNode::Evaluate evaluate, LogicalType type, std::vector<RowNode> children) {
    RowNode node;
    node.evaluate = evaluate;
    node.type = std::move(type);
    node.children = std::move(children);
    return node;
}

RowNode make(RowNode::Evaluate evaluate, LogicalType type, RowNode child, int option = 0) {
    std::vector<RowNode> children;
    children.push_back(std::move(child));
    RowNode node = make(evaluate, std::move(type), std::move(children));
    node.option = option;
    return node;
}

RowNode make(RowNode::Evaluate evaluate, LogicalType type, RowNode left, RowNode right, int option = 0) {
    std::vector<RowNode> children;
    children.push_back(std::move(left));
    children.push_back(std::move(right));
    RowNode node = make(evaluate, std::move(type), std::move(children));
    node.option = option;
    return node;
}

RowNode constant(LogicalType type, RowNode::Literal literal = RowNode::Literal::none) {
    RowNode node;
    node.evaluate = &evaluate_constant;
    node.type = std::move(type);
    node.literal = literal;
    return node;
}

bool is_true_or_false(const RowNode& node) {
    return node.type.kind == TypeKind::int64 && (node.fixed == 0 || node.fixed == 1);
}

std::string type_text(const TypeName& type) {
    std::string text = type.schema.empty() ? type.name : type.schema + "." + type.name;
    for (std::size_t i = 0; i < type.arguments.size(); ++i) {
        text += (i == 0 ? "(" : ",") + type.arguments[i];
    }
    return type.arguments.empty() ? text : text + ")";
}

std::vector<RowNode*> pointers(std::vector<RowNode>& nodes, std::size_t first = 0, std::size_t step = 1) {
    std::vector<RowNode*> out;
    for (std::size_t i = first; i < nodes.size(); i += step) {
        out.push_back(&nodes[i]);
    }
    return out;
}

}  // namespace

ExpressionError::ExpressionError(const std::string& message, std::size_t offset, const std::string& next_step)
    : Error(
          [&] {
              ErrorFacts facts;
              facts.code = ErrorCode::usage;
              facts.next_step = next_step;
              return facts;
          }(),
          message),
      m_offset(offset) {}

void RowCompiler::fail(const std::string& message, std::string_view word,
                       const std::string& next_step) const {
    std::size_t offset = 0;
    if (!word.empty()) {
        const auto tokens = model::tokenize(m_text, Dialect::sqlite);
        const auto at = std::find_if(tokens.begin(), tokens.end(), [&](const model::Token& token) {
            return util::equals_ignore_case(token.text, word);
        });
        offset = at == tokens.end() ? 0 : at->begin;
    }
    throw ExpressionError(message, offset, next_step);
}

RowNode RowCompiler::compile(const std::string& text) {
    m_text = text;
    const model::ParseResult parsed = model::parse_expression(text, Dialect::sqlite);
    if (!parsed) {
        throw ExpressionError(parsed.error->message, std::min(parsed.error->position, text.size()));
    }
    return node_of(*parsed.expression);
}

RowNode RowCompiler::compile_condition(const std::string& text) {
    return condition(compile(text));
}

std::size_t RowCompiler::use_column(std::size_t column) {
    const auto found = std::find(m_columns.begin(), m_columns.end(), column);
    if (found != m_columns.end()) {
        return static_cast<std::size_t>(found - m_columns.begin());
    }
    m_columns.push_back(column);
    return m_columns.size() - 1;
}

RowState RowCompiler::make_state() const {
    RowState state;
    state.texts.resize(m_texts);
    for (const auto& [from, to] : m_casts) {
        state.casts.push_back({ColumnVector(from.kind), ColumnVector(to.kind), {}});
    }
    return state;
}

RowNode RowCompiler::node_of(const Expression& expression) {
    switch (expression.kind()) {
        case ExpressionKind::null_literal:
        case ExpressionKind::boolean_literal:
        case ExpressionKind::integer_literal:
        case ExpressionKind::real_literal:
        case ExpressionKind::string_literal:
        case ExpressionKind::blob_literal:
            return literal(expression);
        case ExpressionKind::column:
            return column(expression);
        case ExpressionKind::unary:
            return unary(expression);
        case ExpressionKind::binary:
            return binary(expression);
        case ExpressionKind::in_list:
            return in_list(expression);
        case ExpressionKind::between:
            return between(expression);
        case ExpressionKind::case_when:
            return case_when(expression);
        case ExpressionKind::cast:
            return cast(expression);
        case ExpressionKind::function:
            return function(expression);
        case ExpressionKind::pattern:
            fail("patterns are not in the language: they mean different things on different engines", {},
                 "starts_with, ends_with, contains and lower say what is meant");
        case ExpressionKind::keyword_value:
            fail(expression->text + " is not in the language: a value must follow from the row alone",
                 expression->text);
        default:
            fail("this kind of expression is not in the language");
    }
}

RowNode RowCompiler::literal(const Expression& expression) {
    const std::string& text = expression->text;
    RowNode node;
    switch (expression.kind()) {
        case ExpressionKind::null_literal:
            node = constant(TypeKind::text, RowNode::Literal::null);
            node.null = true;
            return node;
        case ExpressionKind::boolean_literal:
            node = constant(TypeKind::boolean);
            node.fixed = text == "true" ? 1 : 0;
            return node;
        case ExpressionKind::integer_literal:
            node = constant(TypeKind::int64, RowNode::Literal::number);
            if (!model::read_int64(text, node.fixed)) {
                fail("a whole number is past 64 bits", text);
            }
            return node;
        case ExpressionKind::real_literal:
            node = constant(TypeKind::decimal, RowNode::Literal::number);
            if (!model::read_decimal(text, node.bytes)) {
                fail("a number has too many digits", text);
            }
            return node;
        case ExpressionKind::string_literal:
            node = constant(TypeKind::text, RowNode::Literal::text);
            node.bytes = text;
            if (!model::is_valid_utf8(text)) {
                fail("a text is not UTF-8");
            }
            return node;
        default:
            node = constant(TypeKind::bytes);
            node.bytes = text;
            return node;
    }
}

RowNode RowCompiler::column(const Expression& expression) {
    const std::string& name = expression->text;
    const auto& columns = m_table.columns;
    auto found = std::find_if(columns.begin(), columns.end(),
                              [&](const Column& column) { return column.name == name; });
    if (found == columns.end()) {
        const auto same = [&](const Column& column) { return util::equals_ignore_case(column.name, name); };
        found = std::find_if(columns.begin(), columns.end(), same);
        if (found != columns.end() && std::find_if(found + 1, columns.end(), same) != columns.end()) {
            fail("several columns are named " + util::printable(name) + " but for case", name);
        }
    }
    if (!expression->qualifier.empty() || found == columns.end() || found->hidden) {
        std::vector<std::string> names;
        names.reserve(columns.size());
        for (const Column& column : columns) {
            names.push_back(column.name);
        }
        fail("table " + m_table.name.display() + " has no column " + util::printable(name), name,
             util::did_you_mean(name, names));
    }
    RowNode node = make(&evaluate_column, found->type, std::vector<RowNode>());
    node.column = use_column(static_cast<std::size_t>(found - columns.begin()));
    return node;
}

RowNode RowCompiler::condition(RowNode node) {
    if (node.literal == RowNode::Literal::null) {
        settle_literal(node, TypeKind::boolean);
    }
    if (node.literal == RowNode::Literal::number && is_true_or_false(node)) {
        settle_literal(node, TypeKind::boolean);
    }
    if (node.type.kind != TypeKind::boolean) {
        fail("a condition is needed here, this is " + to_string(node.type), {},
             "compare it with something, as in name = 'x' or number <> 0");
    }
    return node;
}

RowNode RowCompiler::unary(const Expression& expression) {
    const Operator op = expression->op;
    const Expression& child = expression.child(0);
    const bool number = child.is(ExpressionKind::integer_literal) || child.is(ExpressionKind::real_literal);
    if ((op == Operator::minus || op == Operator::plus) && number) {
        ExpressionNode signed_literal = child.node();
        signed_literal.text = (op == Operator::minus ? "-" : "") + signed_literal.text;
        if (signed_literal.text == "-9223372036854775808") {
            signed_literal.kind = ExpressionKind::integer_literal;
        }
        return literal(Expression(std::move(signed_literal)));
    }
    RowNode operand = node_of(child);
    switch (op) {
        case Operator::plus:
            return operand;
        case Operator::minus: {
            std::vector<RowNode> arguments;
            arguments.push_back(std::move(operand));
            return call("-", arguments);
        }
        case Operator::logical_not:
            return make(&evaluate_not, TypeKind::boolean, condition(std::move(operand)));
        case Operator::is_null:
        case Operator::is_not_null:
            return make(&evaluate_is_null, TypeKind::boolean, std::move(operand),
                        op == Operator::is_not_null ? 1 : 0);
        case Operator::is_true:
        case Operator::is_not_true:
        case Operator::is_false:
        case Operator::is_not_false: {
            const bool negated = op == Operator::is_not_true || op == Operator::is_not_false;
            RowNode node =
                make(&evaluate_is_truth, TypeKind::boolean, condition(std::move(operand)), negated ? 1 : 0);
            node.fixed = op == Operator::is_true || op == Operator::is_not_true ? 1 : 0;
            return node;
        }
        default:
            fail("this operator is not in the language");
    }
}

RowNode RowCompiler::logical(const Expression& expression, Operator op) {
    // A chain of ANDs is one node, however long.
    std::vector<RowNode> children;
    const Expression* rest = &expression;
    while (rest->is(ExpressionKind::binary, op)) {
        children.push_back(condition(node_of(rest->child(1))));
        rest = &rest->child(0);
    }
    children.push_back(condition(node_of(*rest)));
    std::reverse(children.begin(), children.end());
    return make(op == Operator::logical_and ? &evaluate_and : &evaluate_or, TypeKind::boolean,
                std::move(children));
}

RowNode RowCompiler::binary(const Expression& expression) {
    const Operator op = expression->op;
    if (op == Operator::logical_and || op == Operator::logical_or) {
        return logical(expression, op);
    }
    RowNode left = node_of(expression.child(0));
    RowNode right = node_of(expression.child(1));
    if (comparison_of(op) || op == Operator::is_distinct || op == Operator::is_not_distinct) {
        return comparison(op, std::move(left), std::move(right));
    }
    constexpr std::array<std::pair<Operator, std::string_view>, 6> k_calls{{{Operator::add, "+"},
                                                                            {Operator::sub, "-"},
                                                                            {Operator::mul, "*"},
                                                                            {Operator::div, "/"},
                                                                            {Operator::mod, "%"},
                                                                            {Operator::concat, "||"}}};
    const auto* found =
        std::find_if(k_calls.begin(), k_calls.end(), [&](const auto& one) { return one.first == op; });
    if (found == k_calls.end()) {
        fail("this operator is not in the language");
    }
    std::vector<RowNode> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    return call(found->second, arguments);
}

RowNode RowCompiler::comparison(Operator op, RowNode left, RowNode right) {
    LogicalType type = unify({&left, &right});
    if (type.kind == TypeKind::float32) {
        type = TypeKind::float64;
        left = convert(std::move(left), type);
        right = convert(std::move(right), type);
    }
    const RowNode::Evaluate evaluate = comparison_evaluator(type.kind);
    const auto how = comparison_of(op);
    const bool ordered = how && *how != k_equal && *how != k_not_equal;
    if (evaluate == nullptr || (ordered && type.kind == TypeKind::enumeration)) {
        fail("values of type " + to_string(type) + " cannot be compared here", {},
             "cast both sides to text, as in cast(x as text) = '…'");
    }
    if (!how) {
        return make(&evaluate_not_distinct, TypeKind::boolean, std::move(left), std::move(right),
                    op == Operator::is_distinct ? 1 : 0);
    }
    return make(evaluate, TypeKind::boolean, std::move(left), std::move(right), *how);
}

RowNode RowCompiler::in_list(const Expression& expression) {
    std::vector<RowNode> children;
    for (const Expression& child : expression.children()) {
        children.push_back(node_of(child));
    }
    LogicalType type = unify(pointers(children));
    if (type.kind == TypeKind::float32) {
        for (RowNode& child : children) {
            child = convert(std::move(child), TypeKind::float64);
        }
        type = TypeKind::float64;
    }
    if (comparison_evaluator(type.kind) == nullptr) {
        fail("values of type " + to_string(type) + " cannot be compared here", "in",
             "cast them to text, as in cast(x as text) in ('…')");
    }
    RowNode node = make(&evaluate_in, TypeKind::boolean, std::move(children));
    node.option = expression->negated ? 1 : 0;
    return node;
}

RowNode RowCompiler::between(const Expression& expression) {
    const Expression& value = expression.child(0);
    RowNode low = comparison(Operator::ge, node_of(value), node_of(expression.child(1)));
    RowNode high = comparison(Operator::le, node_of(value), node_of(expression.child(2)));
    RowNode both = make(&evaluate_and, TypeKind::boolean, std::move(low), std::move(high));
    return expression->negated ? make(&evaluate_not, TypeKind::boolean, std::move(both)) : std::move(both);
}

RowNode RowCompiler::case_when(const Expression& expression) {
    std::vector<RowNode> children;
    for (const Expression& child : expression.children()) {
        children.push_back(node_of(child));
    }
    if (!expression->has_else) {
        children.push_back(constant(TypeKind::text, RowNode::Literal::null));
        children.back().null = true;
    }
    const std::size_t first = expression->has_operand ? 1 : 0;
    std::vector<RowNode*> results = pointers(children, first + 1, 2);
    results.push_back(&children.back());
    LogicalType type = unify(results);
    if (!expression->has_operand) {
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            children[i] = condition(std::move(children[i]));
        }
        return make(&evaluate_case, std::move(type), std::move(children));
    }
    std::vector<RowNode*> values{children.data()};
    for (std::size_t i = 1; i + 1 < children.size(); i += 2) {
        values.push_back(&children[i]);
    }
    const LogicalType compared = unify(values);
    if (comparison_evaluator(compared.kind) == nullptr) {
        fail("values of type " + to_string(compared) + " cannot be compared here", "case",
             "cast what stands after CASE to text");
    }
    return make(&evaluate_switch, std::move(type), std::move(children));
}

RowNode RowCompiler::cast(const Expression& expression) {
    const std::string text = type_text(expression->type);
    const auto type = parse_logical_type(text);
    if (!type || expression->type.array_dimensions > 0) {
        fail("there is no type " + util::printable(text), expression->type.name,
             "types are boolean, int64, decimal(p,s), float64, text, bytes, date, time, timestamp, "
             "timestamp_tz, uuid, json and others in the documentation");
    }
    return convert(node_of(expression.child(0)), *type);
}

}  // namespace migrate::mapping
