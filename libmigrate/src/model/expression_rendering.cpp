#include "model/expression_rendering.hpp"

#include <algorithm>

#include "model/expression_printer.hpp"

namespace migrate::model {

namespace {

bool calls_nextval(const Expression& e) {
    return (e.is(ExpressionKind::function) && e->text == "nextval") ||
           std::any_of(e.children().begin(), e.children().end(), calls_nextval);
}

}  // namespace

Rendering render_renamed(const Expression& expression, Dialect dialect, const RenderContext& context) {
    if (calls_nextval(expression)) {
        return {std::nullopt, "the next value of a sequence"};
    }
    for (const std::string& name : referenced_columns(expression)) {
        if (!context.column || !context.column(name)) {
            return {std::nullopt, "it names what is no column here"};
        }
    }
    const Expression renamed = rename_columns(
        expression, [&](std::string_view name) { return context.column(name)->target->name; }, true);
    return {print_expression(renamed, dialect), ""};
}

}  // namespace migrate::model
