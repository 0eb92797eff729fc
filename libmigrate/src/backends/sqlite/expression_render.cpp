#include "backends/sqlite/expression_render.hpp"

#include "backends/sqlite/postgresql_translator.hpp"

namespace migrate::backends::sqlite {

model::Rendering render_expression(const Expression& expression, const model::RenderContext& context) {
    if (context.source == Dialect::postgresql) {
        return PostgresqlTranslator(context).render(expression);
    }
    return model::render_renamed(expression, Dialect::sqlite, context);
}

}  // namespace migrate::backends::sqlite
