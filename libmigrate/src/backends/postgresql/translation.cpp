#include "backends/postgresql/translation.hpp"

#include "backends/postgresql/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {
namespace {

std::optional<Dialect> dialect_of(const Schema& schema) {
    if (schema.engine == "sqlite") {
        return Dialect::sqlite;
    }
    return schema.engine == "postgresql" ? std::optional(Dialect::postgresql) : std::nullopt;
}

/// A column by the name that an expression of the source spells; SQLite ignores the case of ASCII letters.
std::optional<model::ColumnPair> find_pair(const Table& from, const Table& to, Dialect dialect,
                                           std::string_view name) {
    for (std::size_t i = 0; i < from.columns.size() && i < to.columns.size(); ++i) {
        const std::string& column = from.columns[i].name;
        if (column == name || (dialect == Dialect::sqlite && util::equals_ignore_case(column, name))) {
            return model::ColumnPair{&from.columns[i], &to.columns[i]};
        }
    }
    return std::nullopt;
}

/// SQLite reads a bare word after DEFAULT as a string; no column can stand there.
Expression without_bare_name(const Expression& expression) {
    const bool bare = expression.is(ExpressionKind::column) && expression->qualifier.empty();
    return bare ? Expression::string(expression->text) : expression;
}

Translation translate(const Schema& schema, const Table& from, const std::string& expression,
                      model::RenderContext context) {
    const auto dialect = dialect_of(schema);
    if (!dialect) {
        return {std::nullopt, "it is in no dialect of SQL that is known"};
    }
    context.source = *dialect;
    context.strict = from.properties.contains("strict");
    model::ParseOptions options;
    options.dialect = *dialect;
    options.is_column = [&](std::string_view name) {
        return context.column && context.column(name).has_value();
    };
    const auto parsed = model::parse_expression(expression, options);
    if (!parsed) {
        return {std::nullopt, "it does not parse"};
    }
    const bool bare_strings =
        context.use == model::ExpressionUse::default_value && *dialect == Dialect::sqlite;
    auto rendering =
        render_expression(bare_strings ? without_bare_name(*parsed.expression) : *parsed.expression, context);
    return {std::move(rendering.sql), std::move(rendering.why_not)};
}

}  // namespace

Translation translate_default(const Schema& schema, const Table& from, const Column& column,
                              const Column& to) {
    model::RenderContext context;
    context.use = model::ExpressionUse::default_value;
    context.column = [](std::string_view) { return std::optional<model::ColumnPair>(); };
    context.result = {&column, &to};
    return translate(schema, from, *column.default_sql, std::move(context));
}

Translation translate_generated(const Schema& schema, const Table& from, const Table& to,
                                const Column& column, const Column& result) {
    model::RenderContext context;
    context.use = model::ExpressionUse::generated;
    context.column = [&](std::string_view name) { return find_pair(from, to, *dialect_of(schema), name); };
    context.result = {&column, &result};
    return translate(schema, from, column.generated->expression, std::move(context));
}

Translation translate_condition(const Schema& schema, const Table& from, const Table& to,
                                const std::string& expression) {
    model::RenderContext context;
    context.use = model::ExpressionUse::condition;
    context.column = [&](std::string_view name) { return find_pair(from, to, *dialect_of(schema), name); };
    return translate(schema, from, expression, std::move(context));
}

Translation translate_index_key(const Schema& schema, const Table& from, const Table& to,
                                const std::string& expression) {
    model::RenderContext context;
    context.use = model::ExpressionUse::index_key;
    context.column = [&](std::string_view name) { return find_pair(from, to, *dialect_of(schema), name); };
    return translate(schema, from, expression, std::move(context));
}

}  // namespace migrate::backends::postgresql
