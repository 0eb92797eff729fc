#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "mapping/row_compiler.hpp"
#include "mapping/row_function.hpp"
#include "mapping/row_operator.hpp"
#include "util/ascii.hpp"
#include "util/near_name.hpp"
#include "util/printable.hpp"

/// How the compiler finds functions.
namespace migrate::mapping {
namespace {

constexpr std::array<std::string_view, 6> k_choices{"coalesce", "nullif", "iif", "if", "greatest", "least"};
constexpr std::array<std::pair<std::string_view, TypeKind>, 2> k_readers{
    {{"date", TypeKind::date}, {"timestamp", TypeKind::timestamp}}};

std::array<std::span<const RowFunction>, 3> function_tables() {
    return {text_functions(), number_functions(), time_functions()};
}

std::vector<const RowFunction*> functions_named(std::string_view name) {
    std::vector<const RowFunction*> found;
    for (const auto table : function_tables()) {
        for (const RowFunction& function : table) {
            if (function.name == name) {
                found.push_back(&function);
            }
        }
    }
    return found;
}

std::vector<std::string> all_names() {
    std::set<std::string> names(k_choices.begin(), k_choices.end());
    for (const auto table : function_tables()) {
        for (const RowFunction& function : table) {
            names.emplace(function.name);
        }
    }
    return {names.begin(), names.end()};
}

std::string listed_types(const std::vector<RowNode>& arguments) {
    std::string out;
    for (const RowNode& argument : arguments) {
        out += (out.empty() ? "" : ", ") +
               (argument.literal == RowNode::Literal::null ? "NULL" : to_string(argument.type));
    }
    return out;
}

}  // namespace

RowNode RowCompiler::function(const Expression& expression) {
    const std::string name = util::lower_ascii(expression->text);
    if (expression->distinct || expression->star || !expression->qualifier.empty()) {
        fail(util::printable(name) + " with * or DISTINCT is not in the language: one row is all there is",
             expression->text);
    }
    std::vector<RowNode> arguments;
    for (const Expression& child : expression.children()) {
        arguments.push_back(node_of(child));
    }
    if (std::find(k_choices.begin(), k_choices.end(), name) != k_choices.end()) {
        return choice(name, std::move(arguments));
    }
    for (const auto& [reader, type] : k_readers) {
        if (name == reader && arguments.size() == 1) {
            return convert(std::move(arguments[0]), type);
        }
    }
    if (name == "reject" && (arguments.size() != 1 || arguments[0].literal != RowNode::Literal::text)) {
        fail("reject takes the reason as one text, as in reject('no such state')", expression->text);
    }
    return call(name, arguments);
}

RowNode RowCompiler::call(std::string_view name, const std::vector<RowNode>& arguments) {
    const auto candidates = functions_named(name);
    if (candidates.empty()) {
        fail("there is no function " + util::printable(name), name, util::did_you_mean(name, all_names()));
    }
    for (const RowFunction* function : candidates) {
        std::vector<RowNode> taken = arguments;
        if (!take_arguments(function->parameters, taken)) {
            continue;
        }
        RowNode node;
        node.evaluate = function->evaluate;
        node.type = type_of_letter(function->result);
        node.children = std::move(taken);
        node.slot = function->makes_bytes ? text_room() : 0;
        if (function->result == '?') {
            // It never gives a value, so it may stand where any is meant.
            node.literal = RowNode::Literal::null;
        }
        return node;
    }
    const bool symbol = !util::is_letter(name[0]);
    fail((symbol ? "the operator " : "the function ") + std::string(name) + " does not take " +
             (arguments.empty() ? "nothing" : listed_types(arguments)),
         name, "cast says what an argument is to be, as in cast(x as decimal)");
}

RowNode RowCompiler::choice(std::string_view name, std::vector<RowNode> children) {
    const std::size_t least = name == "iif" || name == "if" ? 3 : name == "nullif" ? 2 : 1;
    const std::size_t most = least == 1 ? children.size() : least;
    if (children.size() < least || children.size() > most) {
        fail(std::string(name) + " takes " +
                 (least == 1 ? "at least one value" : std::to_string(least) + " values"),
             name);
    }
    if (least == 3) {
        LogicalType type = unify({&children[1], &children[2]});
        children[0] = condition(std::move(children[0]));
        RowNode node;
        node.evaluate = &evaluate_case;
        node.type = std::move(type);
        node.children = std::move(children);
        return node;
    }
    std::vector<RowNode*> all;
    all.reserve(children.size());
    for (RowNode& child : children) {
        all.push_back(&child);
    }
    LogicalType type = unify(all);
    if (name != "coalesce" && comparison_evaluator(type.kind) == nullptr) {
        fail("values of type " + to_string(type) + " cannot be compared here", name);
    }
    RowNode node;
    node.evaluate = name == "coalesce" ? &evaluate_coalesce
                    : name == "nullif" ? &evaluate_nullif
                                       : &evaluate_extreme;
    node.option = name == "greatest" ? k_greater : k_less;
    node.type = std::move(type);
    node.children = std::move(children);
    return node;
}

}  // namespace migrate::mapping
