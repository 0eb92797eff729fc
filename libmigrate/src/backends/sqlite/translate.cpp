#include "backends/sqlite/translate.hpp"

#include "backends/sqlite/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using model::ExpressionUse;
using model::RenderContext;

Dialect dialect_of(const Schema& schema) {
    return schema.engine == "sqlite" ? Dialect::sqlite : Dialect::postgresql;
}

Translation render(const std::string& sql, const RenderContext& context) {
    const auto parsed = model::parse_expression(sql, context.source);
    if (!parsed) {
        return {std::nullopt, "it cannot be read: " + sql};
    }
    model::Rendering said = render_expression(*parsed.expression, context);
    return {std::move(said.sql), std::move(said.why_not)};
}

/// Knows the columns of a table and what became of each, by position.
RenderContext context_of(const Schema& schema, const Table& source, const Table& target, ExpressionUse use) {
    RenderContext context;
    context.source = dialect_of(schema);
    context.use = use;
    context.strict = source.properties.contains("strict");
    const bool fold = context.source == Dialect::sqlite;
    context.column = [&source, &target, fold](std::string_view name) -> std::optional<model::ColumnPair> {
        for (std::size_t i = 0; i < source.columns.size() && i < target.columns.size(); ++i) {
            const std::string& column = source.columns[i].name;
            if (fold ? util::equals_ignore_case(column, name) : column == name) {
                return model::ColumnPair{&source.columns[i], &target.columns[i]};
            }
        }
        return std::nullopt;
    };
    return context;
}

}  // namespace

Translation translate_default(const Schema& schema, const Table& source, const Column& from,
                              const Column& to) {
    RenderContext context;
    context.source = dialect_of(schema);
    context.use = ExpressionUse::default_value;
    context.strict = source.properties.contains("strict");
    context.column = [](std::string_view) { return std::nullopt; };
    context.result = {&from, &to};
    return render(*from.default_sql, context);
}

Translation translate_generated(const Schema& schema, const Table& source, const Table& target,
                                const Column& from, const Column& to) {
    RenderContext context = context_of(schema, source, target, ExpressionUse::generated);
    context.result = {&from, &to};
    return render(from.generated->expression, context);
}

Translation translate_check(const Schema& schema, const Table& source, const Table& target,
                            const std::string& expression) {
    return render(expression, context_of(schema, source, target, ExpressionUse::condition));
}

Translation translate_index_key(const Schema& schema, const Table& source, const Table& target,
                                const std::string& expression) {
    return render(expression, context_of(schema, source, target, ExpressionUse::index_key));
}

}  // namespace migrate::backends::sqlite
