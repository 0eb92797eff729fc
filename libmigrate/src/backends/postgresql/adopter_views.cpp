#include <set>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sqlite_view.hpp"
#include "model/name_list.hpp"
#include "model/select_parser.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {
namespace {

/// A view on its way.
struct Pending {
    const SchemaObject* object = nullptr;
    model::ViewDefinition definition;
    std::vector<std::string> columns;
    std::string why_not;
    bool done = false;
};

/// A table as views of the source see it. `former`: its name and its columns' before they were made to fit
/// this target; empty if they are the same.
QueryTable relation_of(const Table& original, const Table& adopted, const std::vector<std::string>& former) {
    QueryTable out;
    out.alias = former.empty() ? original.name.name : former[0];
    out.sql = quote_name(adopted.name);
    const bool strict = original.properties.contains("strict");
    for (std::size_t i = 0; i < original.columns.size() && i < adopted.columns.size(); ++i) {
        const std::string& name = i + 1 < former.size() ? former[i + 1] : original.columns[i].name;
        QueryColumn column{name, original.columns[i], adopted.columns[i]};
        // ANY converts nothing in a STRICT table, as no type at all does in another.
        if (strict && util::equals_ignore_case(column.source.native_type, "ANY")) {
            column.source.native_type.clear();
        }
        // An outer join may leave any of them away.
        column.source.nullable = true;
        column.target.nullable = true;
        out.columns.push_back(std::move(column));
    }
    return out;
}

/// The names asked for, cut to PostgreSQL's limit and made different.
std::vector<std::string> fitted(const std::vector<std::string>& wanted) {
    std::set<std::string> taken;
    std::vector<std::string> out;
    for (const std::string& name : wanted) {
        std::string given = fit_identifier(name);
        for (int n = 2; !taken.insert(given).second; ++n) {
            given = fit_identifier(fmt::format("{}_{}", name, n));
        }
        out.push_back(std::move(given));
    }
    return out;
}

std::string property_of(const SchemaObject& object, const char* name, const std::string& otherwise) {
    const auto found = object.properties.find(name);
    return found == object.properties.end() ? otherwise : found->second;
}

std::vector<Pending> pending_views(const Schema& source) {
    std::vector<Pending> out;
    for (const SchemaObject& object : source.objects) {
        if (object.kind != "view") {
            continue;
        }
        Pending view;
        view.object = &object;
        view.columns = model::read_name_list(property_of(object, "columns", ""));
        view.why_not = object.reason;
        model::ViewParseResult parsed = model::parse_sqlite_view(object.native_sql);
        if (!parsed) {
            view.why_not = "it uses what is not translated: " + parsed.error->message;
        } else {
            view.definition = std::move(*parsed.view);
        }
        out.push_back(std::move(view));
    }
    return out;
}

}  // namespace

void Adopter::adopt_views() {
    if (m_source.engine != "sqlite") {
        return;
    }
    std::vector<Pending> views = pending_views(m_source);
    SqliteQueryTranslator::Relations relations;
    for (std::size_t i = 0; i < m_source.tables.size() && !views.empty(); ++i) {
        const auto former =
            model::read_name_list(property_of(*views[0].object, ("table " + std::to_string(i)).c_str(), ""));
        QueryTable table = relation_of(m_source.tables[i], m_adoption.schema.tables.at(i), former);
        const std::string name = util::lower_ascii(table.alias);
        relations[name] = std::move(table);
    }
    // A view may read from one that was made after it.
    for (bool progress = true; progress;) {
        progress = false;
        for (Pending& view : views) {
            if (view.done || is_skipped(view.object->kind) || view.definition.query.cores.empty()) {
                continue;
            }
            SqliteQueryTranslator translator(relations);
            const auto said = translator.translate(view.definition.query, view.columns);
            view.why_not = translator.why_not();
            if (!said) {
                continue;
            }
            view.done = progress = true;
            SchemaObject made;
            made.kind = "view";
            const std::string wanted = property_of(*view.object, "target_name", view.object->name.name);
            made.name = {m_default_schema, relation_name(m_default_schema, wanted)};
            const std::vector<std::string> names = fitted(model::read_name_list(
                property_of(*view.object, "target_columns", model::write_name_list(view.columns))));
            made.native_sql = fmt::format("CREATE VIEW {} ({}) AS {}", quote_name(made.name),
                                          model::write_name_list(names), said->sql);
            QueryTable relation{view.object->name.name, quote_name(made.name), said->columns, {}};
            for (std::size_t i = 0; i < names.size() && i < relation.columns.size(); ++i) {
                relation.columns[i].target.name = names[i];
            }
            relations[util::lower_ascii(view.object->name.name)] = std::move(relation);
            m_adoption.schema.objects.push_back(std::move(made));
        }
    }
    for (const Pending& view : views) {
        if (!view.done) {
            SchemaObject left = *view.object;
            left.reason = view.object->reason.empty()
                              ? fmt::format("Its query has no equal in PostgreSQL: {}.", view.why_not)
                              : view.object->reason;
            leave_object_out(left);
        }
    }
}

}  // namespace migrate::backends::postgresql
