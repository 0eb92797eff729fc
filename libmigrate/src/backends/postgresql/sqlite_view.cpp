#include "backends/postgresql/sqlite_view.hpp"

#include <algorithm>

#include "model/expression_printer.hpp"
#include "model/sqlite_storage.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {

using model::CompoundOperator;
using model::JoinKind;
using model::quote_name;

namespace {

/// A common table is put in wherever it is named, so that each that names the one before it twice makes the
/// query twice as long.
constexpr std::size_t k_longest_sql = 256 * 1024;
/// MaxTupleAttributeNumber of PostgreSQL.
constexpr std::size_t k_most_results = 1664;

std::string joined(const std::vector<std::string>& parts, const char* separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : separator) + part;
    }
    return out;
}

std::string_view words_of(JoinKind join) {
    switch (join) {
        case JoinKind::first:
            return "";
        case JoinKind::cross:
            return " CROSS JOIN ";
        case JoinKind::inner:
            return " JOIN ";
        case JoinKind::left:
            return " LEFT JOIN ";
        case JoinKind::right:
            return " RIGHT JOIN ";
        case JoinKind::full:
            break;
    }
    return " FULL JOIN ";
}

std::string_view words_of(CompoundOperator op) {
    switch (op) {
        case CompoundOperator::union_all:
            return " UNION ALL ";
        case CompoundOperator::union_distinct:
            return " UNION ";
        case CompoundOperator::intersect:
            return " INTERSECT ";
        case CompoundOperator::except:
            break;
    }
    return " EXCEPT ";
}

/// What SQLite calls a result where nobody from outside says so.
std::string name_of(const Expression& e, const std::string& alias, std::size_t place) {
    return !alias.empty()                 ? alias
           : e.is(ExpressionKind::column) ? e->text
                                          : "column" + std::to_string(place + 1);
}

/// The place of a result that a term of ORDER BY names by number or alias.
std::optional<std::size_t> place_of(const Expression& e, const std::vector<std::string>& aliases) {
    if (e.is(ExpressionKind::integer_literal)) {
        const std::size_t number = e->text.size() < 5 ? std::stoul(e->text) : 0;
        return number >= 1 && number <= aliases.size() ? std::optional(number - 1) : std::nullopt;
    }
    for (std::size_t i = 0; i < aliases.size(); ++i) {
        if (e.is(ExpressionKind::column) && e->qualifier.empty() && !aliases[i].empty() &&
            util::equals_ignore_case(aliases[i], e->text)) {
            return i;
        }
    }
    return std::nullopt;
}

/// A result by its name, as an outer query would see it.
Value as_value(const QueryColumn& column, const std::string& alias) {
    model::RenderContext context;
    context.qualified_column = [&](std::string_view, std::string_view) {
        return std::optional(model::ColumnPair{&column.source, &column.target, quote_name(alias) + "."});
    };
    return SqliteTranslator(context).project(Expression::column(column.name));
}

}  // namespace

std::optional<TranslatedQuery> SqliteQueryTranslator::translate(const model::SelectStatement& statement,
                                                                const std::vector<std::string>& names) {
    TranslatedQuery out = query(statement, names, m_relations);
    return refused() ? std::nullopt : std::optional(std::move(out));
}

TranslatedQuery SqliteQueryTranslator::query(const model::SelectStatement& statement,
                                             const std::vector<std::string>& names, const Relations& outer) {
    Relations relations = outer;
    for (const model::CommonTable& common : statement.with) {
        TranslatedQuery inner = query(*common.query, common.columns, relations);
        relations[util::lower_ascii(common.name)] = {
            common.name, "(" + inner.sql + ")", std::move(inner.columns), {}};
    }
    if (statement.limited) {
        refuse("a LIMIT, which may take other rows where the order leaves it open");
    }
    if (statement.cores.size() == 1) {
        return core(statement.cores[0], &statement, names, relations);
    }
    TranslatedQuery out = core(statement.cores[0], nullptr, names, relations);
    std::vector<std::string> given;
    for (const QueryColumn& column : out.columns) {
        given.push_back(column.name);
    }
    for (std::size_t i = 1; i < statement.cores.size() && !refused(); ++i) {
        combine(out, core(statement.cores[i], nullptr, given, relations), statement.operators[i - 1]);
    }
    if (!statement.order_by.empty() && !refused()) {
        Scope scope;
        for (const model::ResultColumn& column : statement.cores[0].columns) {
            scope.results.push_back(column.expression);
            scope.aliases.push_back(name_of(column.expression, column.alias, scope.aliases.size()));
            if (column.star) {
                refuse("an order of results that a star stands for");
            }
        }
        out.sql = "SELECT * FROM (" + out.sql + ") AS \"result\"" +
                  ordering(statement.order_by, scope, &out.columns);
    }
    return out;
}

void SqliteQueryTranslator::combine(TranslatedQuery& left, TranslatedQuery right, CompoundOperator op) {
    if (left.columns.size() != right.columns.size()) {
        refuse("its parts have different numbers of columns");
        return;
    }
    for (std::size_t i = 0; i < left.columns.size(); ++i) {
        const QueryColumn& a = left.columns[i];
        const QueryColumn& b = right.columns[i];
        const auto affinity = [](const QueryColumn& column) {
            return model::affinity_of(column.source.native_type, false);
        };
        if (!(a.source.type.kind == b.source.type.kind) || affinity(a) != affinity(b) ||
            !util::equals_ignore_case(a.source.collation, b.source.collation) ||
            a.source.format != b.source.format || !(a.target.type.kind == b.target.type.kind) ||
            (a.target.type.kind == TypeKind::decimal && !(a.target.type == b.target.type))) {
            refuse("its parts have results of different types");
        } else if (op != CompoundOperator::union_all) {
            key({"", as_value(a, "x"), true}, false);
            key({"", as_value(b, "x"), true}, false);
        }
    }
    left.sql = "(" + left.sql + ")" + std::string(words_of(op)) + "(" + right.sql + ")";
    if (left.sql.size() > k_longest_sql) {
        refuse("a query that becomes too long with its common tables put in");
    }
}

TranslatedQuery SqliteQueryTranslator::core(const model::SelectCore& core,
                                            const model::SelectStatement* whole,
                                            const std::vector<std::string>& names,
                                            const Relations& relations) {
    TranslatedQuery out;
    Scope scope;
    const std::string tables = from(core, scope, relations);
    if (refused()) {
        return out;
    }
    expand_results(core, scope);
    if (scope.results.size() > k_most_results) {
        refuse("more results than PostgreSQL can have");
        return out;
    }
    const std::string groups = grouping(core, scope);
    if (!names.empty() && names.size() != scope.results.size()) {
        refuse("it gives other columns than SQLite says");
        return out;
    }
    std::vector<std::string> results;
    for (std::size_t i = 0; i < scope.results.size() && !refused(); ++i) {
        const Sql sql = evaluate(scope.results[i], scope, true);
        const std::string name = names.empty() ? name_of(scope.results[i], scope.aliases[i], i) : names[i];
        out.columns.push_back(described(name, sql));
        results.push_back(sql.sql + " AS " + quote_name(name));
        if (core.distinct) {
            key(sql, false);
        }
    }
    out.sql = std::string("SELECT ") + (core.distinct ? "DISTINCT " : "") + joined(results, ", ") + tables;
    if (core.where) {
        out.sql += " WHERE " + condition(*core.where, scope, false);
    }
    out.sql += groups;
    if (core.having) {
        out.sql += " HAVING " + condition(*core.having, scope, true);
    }
    if (whole != nullptr && !whole->order_by.empty() && !refused()) {
        out.sql = core.distinct ? "SELECT * FROM (" + out.sql + ") AS \"result\"" +
                                      ordering(whole->order_by, scope, &out.columns)
                                : out.sql + ordering(whole->order_by, scope, nullptr);
    }
    return out;
}

QueryTable SqliteQueryTranslator::from_term(const model::FromTerm& term, const Relations& relations) {
    QueryTable table;
    if (term.subquery != nullptr) {
        TranslatedQuery inner = query(*term.subquery, {}, relations);
        table.sql = "(" + inner.sql + ")";
        table.columns = std::move(inner.columns);
        table.alias = term.alias.empty() ? "subquery " + std::to_string(++m_subqueries) : term.alias;
        return table;
    }
    const auto found = relations.find(util::lower_ascii(term.name));
    const bool elsewhere = !term.schema.empty() && !util::equals_ignore_case(term.schema, "main");
    if (found == relations.end() || elsewhere) {
        refuse("it reads from what is not migrated");
        return table;
    }
    table = found->second;
    table.alias = term.alias.empty() ? term.name : term.alias;
    return table;
}

std::string SqliteQueryTranslator::from(const model::SelectCore& core, Scope& scope,
                                        const Relations& relations) {
    std::string out;
    for (const model::FromTerm& term : core.from) {
        QueryTable table = from_term(term, relations);
        for (const QueryTable& other : scope.tables) {
            if (util::equals_ignore_case(other.alias, table.alias)) {
                refuse("two of its tables have one name");
            }
        }
        for (const QueryColumn& column : table.columns) {
            if (util::equals_ignore_case(column.name, "true") ||
                util::equals_ignore_case(column.name, "false")) {
                refuse("a column that is named as a truth value");
            }
        }
        const std::string named = table.sql + " AS " + quote_name(table.alias);
        scope.tables.push_back(std::move(table));
        const std::string on = join_condition(term, scope);
        // A join without a condition is a cross join to SQLite.
        const bool inner = term.join == JoinKind::inner || term.join == JoinKind::cross;
        const JoinKind join = inner ? (on.empty() ? JoinKind::cross : JoinKind::inner) : term.join;
        if (!inner && term.join != JoinKind::first && on.empty()) {
            refuse("an outer join without a condition");
        }
        out += std::string(words_of(join)) + named + (on.empty() ? "" : " ON " + on);
        if (out.size() > k_longest_sql) {
            refuse("a query that becomes too long with its common tables put in");
        }
        if (refused()) {
            break;
        }
    }
    return out.empty() ? "" : " FROM " + out;
}

std::string SqliteQueryTranslator::join_condition(const model::FromTerm& term, Scope& scope) {
    if (term.on) {
        return condition(*term.on, scope, false);
    }
    if (!term.using_columns.empty() && (term.join == JoinKind::right || term.join == JoinKind::full)) {
        refuse("USING in a right or full join");
    }
    std::string out;
    const std::string alias = scope.tables.back().alias;
    for (const std::string& name : term.using_columns) {
        const Scope before{{scope.tables.begin(), scope.tables.end() - 1}, {}, {}, {}, false};
        if (!find(before, "", name) || !find(scope, alias, name)) {
            refuse("USING of what is no column of both tables");
            return out;
        }
        const Expression left = resolved(Expression::column(name), before);
        out +=
            (out.empty() ? "" : " AND ") +
            condition(Expression::binary(Operator::eq, left, Expression::column(name, alias)), scope, false);
        scope.tables.back().merged.push_back(name);
    }
    return out;
}

void SqliteQueryTranslator::expand_results(const model::SelectCore& core, Scope& scope) {
    for (const model::ResultColumn& column : core.columns) {
        if (!column.star) {
            scope.results.push_back(column.expression);
            scope.aliases.push_back(column.alias);
            continue;
        }
        bool any = false;
        for (const QueryTable& table : scope.tables) {
            if (!column.star_table.empty() && !util::equals_ignore_case(column.star_table, table.alias)) {
                continue;
            }
            any = true;
            for (const QueryColumn& one : table.columns) {
                const bool merged =
                    column.star_table.empty() &&
                    std::any_of(table.merged.begin(), table.merged.end(),
                                [&](const auto& name) { return util::equals_ignore_case(name, one.name); });
                if (!merged) {
                    scope.results.push_back(Expression::column(one.name, table.alias));
                    scope.aliases.emplace_back();
                }
            }
        }
        if (!any) {
            refuse("a star of no table");
        }
    }
}

std::string SqliteQueryTranslator::grouping(const model::SelectCore& core, Scope& scope) {
    scope.grouped = !core.group_by.empty();
    const auto has_aggregate = [](const auto& self, const Expression& e) -> bool {
        return (e.is(ExpressionKind::function) && SqliteTranslator::is_aggregate(e)) ||
               std::any_of(e.children().begin(), e.children().end(),
                           [&](const Expression& child) { return self(self, child); });
    };
    for (const Expression& result : scope.results) {
        scope.grouped = scope.grouped || has_aggregate(has_aggregate, result);
    }
    if (core.having && core.group_by.empty()) {
        refuse("HAVING without GROUP BY");
    }
    std::vector<std::string> keys;
    for (const Expression& group : core.group_by) {
        const bool number = group.is(ExpressionKind::integer_literal);
        const auto place = number ? place_of(group, scope.aliases) : std::nullopt;
        const Expression meant = resolved(place ? scope.results[*place] : group, scope);
        keys.push_back(key(evaluate(meant, {scope.tables, {}, {}, {}, false}, false), false));
        scope.groups.push_back(meant);
    }
    return keys.empty() ? "" : " GROUP BY " + joined(keys, ", ");
}

std::string SqliteQueryTranslator::ordering(const std::vector<model::OrderTerm>& terms, const Scope& scope,
                                            const std::vector<QueryColumn>* results) {
    std::vector<std::string> keys;
    for (const model::OrderTerm& term : terms) {
        // A collation may follow a name or a number.
        const bool collated = term.expression.is(ExpressionKind::collate);
        const Expression& inner = collated ? term.expression.child(0) : term.expression;
        std::optional<std::size_t> place = place_of(inner, scope.aliases);
        for (std::size_t i = 0; !place && i < scope.results.size(); ++i) {
            place =
                resolved(scope.results[i], scope) == resolved(inner, scope) ? std::optional(i) : std::nullopt;
        }
        if (collated && place) {
            refuse("an order by a result with another collation");
        }
        std::string sql;
        if (results != nullptr) {
            if (!place) {
                refuse("an order by what is no result");
                return {};
            }
            sql = key({"", as_value(results->at(*place), "result"), true}, true);
        } else {
            sql = key(evaluate(place ? scope.results[*place] : term.expression, scope, true), true);
        }
        // NULLs are the least in SQLite.
        const bool nulls_first = term.nulls_first.value_or(!term.descending);
        keys.push_back(sql + (term.descending ? " DESC" : "") +
                       (nulls_first ? " NULLS FIRST" : " NULLS LAST"));
    }
    return " ORDER BY " + joined(keys, ", ");
}

}  // namespace migrate::backends::postgresql
