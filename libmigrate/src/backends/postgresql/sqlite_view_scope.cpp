#include <algorithm>

#include "backends/postgresql/sqlite_view.hpp"
#include "model/expression_printer.hpp"
#include "util/ascii.hpp"

/// Names, values and keys within one query.
namespace migrate::backends::postgresql {
namespace {

bool is_rowid(std::string_view name) {
    return util::equals_ignore_case(name, "rowid") || util::equals_ignore_case(name, "_rowid_") ||
           util::equals_ignore_case(name, "oid");
}

const QueryColumn* column_of(const QueryTable& table, std::string_view name) {
    for (const QueryColumn& column : table.columns) {
        if (util::equals_ignore_case(column.name, name)) {
            return &column;
        }
    }
    for (const QueryColumn& column : table.columns) {
        if (is_rowid(name) && column.source.identity) {
            return &column;
        }
    }
    return nullptr;
}

struct Found {
    const QueryTable* table = nullptr;
    const QueryColumn* column = nullptr;
    bool ambiguous = false;
};

Found look_up(const std::vector<QueryTable>& tables, std::string_view qualifier, std::string_view name) {
    Found found;
    for (const QueryTable& table : tables) {
        const QueryColumn* column = qualifier.empty() || util::equals_ignore_case(table.alias, qualifier)
                                        ? column_of(table, name)
                                        : nullptr;
        const bool merged = qualifier.empty() &&
                            std::any_of(table.merged.begin(), table.merged.end(),
                                        [&](const auto& one) { return util::equals_ignore_case(one, name); });
        if (column == nullptr || merged) {
            continue;
        }
        found.ambiguous = found.table != nullptr;
        found.table = &table;
        found.column = column;
    }
    return found;
}

/// Whether no quoted name stands in the SQL, outside of texts.
bool names_nothing(std::string_view sql) {
    bool text = false;
    for (const char c : sql) {
        text = c == '\'' ? !text : text;
        if (c == '"' && !text) {
            return false;
        }
    }
    return true;
}

}  // namespace

void SqliteQueryTranslator::refuse(const std::string& why) {
    if (m_why_not.empty()) {
        m_why_not = why;
    }
}

std::optional<model::ColumnPair> SqliteQueryTranslator::find(const Scope& scope, std::string_view qualifier,
                                                             std::string_view name) const {
    const Found found = look_up(scope.tables, qualifier, name);
    if (found.table == nullptr || found.ambiguous) {
        return std::nullopt;
    }
    return model::ColumnPair{&found.column->source, &found.column->target,
                             model::quote_name(found.table->alias) + "."};
}

Expression SqliteQueryTranslator::resolved(const Expression& e, const Scope& scope) {
    if (e.is(ExpressionKind::column)) {
        const Found found = look_up(scope.tables, e->qualifier, e->text);
        if (found.table != nullptr && !found.ambiguous) {
            return Expression::column(found.column->name, found.table->alias);
        }
        // A result's name stands for it where no column has that name.
        for (std::size_t i = 0; found.table == nullptr && i < scope.aliases.size(); ++i) {
            if (e->qualifier.empty() && !scope.aliases[i].empty() &&
                util::equals_ignore_case(scope.aliases[i], e->text) && !(scope.results[i] == e)) {
                const Expression& meant = scope.results[i];
                if (meant.is(ExpressionKind::column)) {
                    const Found column = look_up(scope.tables, meant->qualifier, meant->text);
                    return column.table == nullptr
                               ? meant
                               : Expression::column(column.column->name, column.table->alias);
                }
                // Within it, names are those of tables alone.
                return resolved_children(meant, {scope.tables, {}, {}, {}, false});
            }
        }
        return e;
    }
    return resolved_children(e, scope);
}

Expression SqliteQueryTranslator::resolved_children(const Expression& e, const Scope& scope) {
    if (e.children().empty()) {
        return e;
    }
    ExpressionNode node = e.node();
    for (Expression& child : node.children) {
        child = resolved(child, scope);
    }
    return Expression(std::move(node));
}

bool SqliteQueryTranslator::is_grouped(const Expression& e, const Scope& scope) {
    if (std::find(scope.groups.begin(), scope.groups.end(), e) != scope.groups.end() ||
        (e.is(ExpressionKind::function) && SqliteTranslator::is_aggregate(e))) {
        return true;
    }
    return !e.is(ExpressionKind::column) &&
           std::all_of(e.children().begin(), e.children().end(),
                       [&](const Expression& child) { return is_grouped(child, scope); });
}

SqliteQueryTranslator::Sql SqliteQueryTranslator::evaluate(const Expression& e, const Scope& scope,
                                                           bool aggregates) {
    model::RenderContext context;
    context.use = model::ExpressionUse::projection;
    context.aggregates = aggregates;
    context.qualified_column = [&](std::string_view qualifier, std::string_view name) {
        return find(scope, qualifier, name);
    };
    const Expression tree = resolved(e, scope);
    SqliteTranslator translator(context);
    Sql out;
    out.value = translator.project(tree);
    out.plain = tree.is(ExpressionKind::column);
    if (out.plain && out.value.column.target != nullptr) {
        out.sql = out.value.column.prefix + model::quote_name(out.value.column.target->name);
    } else {
        out.sql = translator.result(out.value);
    }
    if (translator.refused()) {
        refuse(translator.why_not());
    }
    if (aggregates && scope.grouped && !is_grouped(tree, scope)) {
        refuse("a result that is neither grouped by nor an aggregate");
    }
    return out;
}

std::string SqliteQueryTranslator::condition(const Expression& e, const Scope& scope, bool aggregates) {
    model::RenderContext context;
    context.aggregates = aggregates;
    context.qualified_column = [&](std::string_view qualifier, std::string_view name) {
        return find(scope, qualifier, name);
    };
    const Expression tree = resolved(e, scope);
    SqliteTranslator translator(context);
    std::string sql = translator.where(tree);
    if (translator.refused()) {
        refuse(translator.why_not());
    }
    if (aggregates && scope.grouped && !is_grouped(tree, scope)) {
        refuse("a HAVING of what is neither grouped by nor an aggregate");
    }
    return sql;
}

std::string SqliteQueryTranslator::key(const Sql& sql, bool ordering) {
    const model::RenderContext context;
    SqliteTranslator translator(context);
    std::string out = ordering ? translator.order_key(sql.value) : translator.group_key(sql.value);
    if (!translator.refused() && names_nothing(out)) {
        // PostgreSQL takes a constant there for a place, or for an error.
        refuse("a key that is the same in all rows");
    }
    if (translator.refused()) {
        refuse(translator.why_not());
    }
    return out;
}

QueryColumn SqliteQueryTranslator::described(const std::string& name, const Sql& sql) {
    QueryColumn out;
    out.name = name;
    const Value& v = sql.value;
    const bool as_it_is =
        v.column.target != nullptr &&
        (sql.plain || v.shape == Shape::special || v.shape == Shape::decimal || v.shape == Shape::truth);
    if (as_it_is) {
        out.source = *v.column.source;
        out.target = *v.column.target;
        if (!sql.plain) {
            // The same values, without the column's affinity.
            out.source.native_type.clear();
            out.source.collation = v.has_collation ? v.collation : "";
        }
    } else {
        // An expression has no affinity, which differs from BLOB's only in what is refused.
        out.source.type = v.shape == Shape::text   ? TypeKind::text
                          : v.shape == Shape::real ? TypeKind::float64
                          : v.shape == Shape::blob ? TypeKind::bytes
                                                   : TypeKind::int64;
        out.source.native_type = v.affinity == model::Affinity::text ? "TEXT" : "";
        out.source.collation = v.has_collation ? v.collation : "";
        out.target.type = out.source.type;
    }
    for (Column* column : {&out.source, &out.target}) {
        column->name = name;
        column->nullable = true;
        column->identity.reset();
        column->generated.reset();
    }
    return out;
}

}  // namespace migrate::backends::postgresql
