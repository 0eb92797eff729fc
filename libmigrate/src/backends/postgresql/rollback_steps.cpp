// How what a cutover makes is taken away again, written down while it is made.

#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/in_place.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/rollback.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/undo_log.hpp"

namespace migrate::backends::postgresql {
namespace {

bool is_routine(const std::string& kind) {
    return kind == "function" || kind == "procedure" || kind == "aggregate";
}

const char* drop_word(const std::string& kind) {
    return kind == "view"                ? "VIEW"
           : kind == "materialized view" ? "MATERIALIZED VIEW"
           : is_routine(kind)            ? "ROUTINE"
           : kind == "operator"          ? "OPERATOR"
           : kind == "sequence"          ? "SEQUENCE"
           : kind == "domain"            ? "DOMAIN"
           : is_type_kind(kind)          ? "TYPE"
                                         : nullptr;
}

/// Several routines may bear one name.
std::string name_in_sql(const SchemaObject& object) {
    const auto signature = object.properties.find(property::k_signature);
    const bool is_overloaded = is_routine(object.kind) || object.kind == "operator";
    return is_overloaded && signature != object.properties.end() ? signature->second
                                                                 : quote_name(object.name);
}

bool is_same(const SchemaObject& a, const SchemaObject& b) {
    return a.kind == b.kind && a.name == b.name && a.table == b.table && a.native_sql == b.native_sql;
}

}  // namespace

void log_created(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                 const std::vector<std::string>& new_schemas, const std::vector<SchemaObject>& refused) {
    const auto add = [&](const std::string& statement) {
        undo::add_step(session, plan.migration, statement);
    };
    const auto drop_object = [&](const SchemaObject& object) {
        const bool was_made = std::none_of(refused.begin(), refused.end(),
                                           [&](const SchemaObject& one) { return is_same(one, object); });
        if (const char* word = drop_word(object.kind); word != nullptr && was_made) {
            add(fmt::format("DROP {} IF EXISTS {} RESTRICT", word, name_in_sql(object)));
        }
    };
    const auto& objects = plan.schema.objects;
    // Code before tables, tables before types.
    for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
        if (!is_type_kind(object->kind) && object->kind != "sequence") {
            drop_object(*object);
        }
    }
    std::string tables;
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::load) {
            const QualifiedName place = table.placement == Placement::replace
                                            ? QualifiedName{undone_schema(plan.migration), table.name.name}
                                            : table.name;
            tables += (tables.empty() ? "" : ", ") + quote_name(place);
        }
    }
    if (!tables.empty()) {
        add("DROP TABLE " + tables + " RESTRICT");
    }
    for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
        if (is_type_kind(object->kind) || object->kind == "sequence") {
            drop_object(*object);
        }
    }
    std::vector<std::string> schemas = made_in_place(session, plan.migration).schemas;
    schemas.insert(schemas.end(), new_schemas.begin(), new_schemas.end());
    for (const std::string& schema : schemas) {
        add("DROP SCHEMA " + quote_identifier(schema) + " RESTRICT");
    }
}

}  // namespace migrate::backends::postgresql
