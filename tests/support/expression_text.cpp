#include "support/expression_text.hpp"

#include <array>

namespace migrate::test {

namespace {

constexpr std::array<std::string_view, 45> k_operators = {
    "none",         "plus",        "minus",        "bit_not",     "not",
    "is_null",      "is_not_null", "is_true",      "is_not_true", "is_false",
    "is_not_false", "or",          "and",          "eq",          "ne",
    "lt",           "le",          "gt",           "ge",          "is",
    "is_not",       "add",         "sub",          "mul",         "div",
    "mod",          "concat",      "bit_and",      "bit_or",      "bit_xor",
    "shl",          "shr",         "power",        "json_get",    "json_get_text",
    "at_time_zone", "regex",       "regex_nocase", "not_regex",   "not_regex_nocase",
    "match",        "other",       "like",         "ilike",       "glob"};

std::string operator_name(const ExpressionNode& node) {
    const auto index = static_cast<std::size_t>(node.op);
    return node.op == Operator::similar ? "similar"
           : node.op == Operator::other ? "op" + node.text
                                        : std::string(k_operators.at(index));
}

std::string type_text(const TypeName& type) {
    std::string out = type.schema.empty() ? type.name : type.schema + "." + type.name;
    for (std::size_t i = 0; i < type.arguments.size(); ++i) {
        out += (i == 0 ? "(" : ",") + type.arguments[i];
    }
    out += type.arguments.empty() ? "" : ")";
    for (int i = 0; i < type.array_dimensions; ++i) {
        out += "[]";
    }
    return out;
}

std::string head(const ExpressionNode& node) {
    const std::string name = node.qualifier.empty() ? node.text : node.qualifier + "." + node.text;
    switch (node.kind) {
        case ExpressionKind::unary:
        case ExpressionKind::binary:
        case ExpressionKind::pattern:
            return operator_name(node);
        case ExpressionKind::quantified:
            return operator_name(node) + "_" + node.text;
        case ExpressionKind::in_list:
            return "in";
        case ExpressionKind::between:
            return "between";
        case ExpressionKind::case_when:
            return std::string("case") + (node.has_operand ? "_operand" : "") +
                   (node.has_else ? "_else" : "");
        case ExpressionKind::cast:
            return "cast<" + type_text(node.type) + ">";
        case ExpressionKind::collate:
            return "collate<" + name + ">";
        case ExpressionKind::array:
            return "array";
        default:
            return name + (node.star ? "*" : "") + (node.distinct ? " distinct" : "");
    }
}

}  // namespace

std::string to_s_expression(const Expression& expression) {
    const ExpressionNode& node = expression.node();
    switch (node.kind) {
        case ExpressionKind::null_literal:
            return "null";
        case ExpressionKind::string_literal:
            return "'" + node.text + "'";
        case ExpressionKind::blob_literal:
            return "blob:" + node.text;
        case ExpressionKind::boolean_literal:
        case ExpressionKind::integer_literal:
        case ExpressionKind::real_literal:
            return node.text;
        case ExpressionKind::column:
            return node.qualifier.empty() ? node.text : node.qualifier + "." + node.text;
        default:
            break;
    }
    std::string out = std::string("(") + (node.negated ? "not_" : "") + head(node);
    for (const Expression& child : node.children) {
        out += " " + to_s_expression(child);
    }
    return out + ")";
}

}  // namespace migrate::test
