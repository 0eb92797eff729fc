#include "backends/postgresql/expression_render.hpp"

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"

namespace migrate::backends::postgresql {

model::Rendering render_expression(const Expression& expression, const model::RenderContext& context) {
    if (context.source == Dialect::sqlite) {
        return SqliteTranslator(context).render(expression);
    }
    return model::render_renamed(expression, Dialect::postgresql, context);
}

}  // namespace migrate::backends::postgresql
