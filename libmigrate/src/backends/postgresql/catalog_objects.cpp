#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/catalog_builder.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/code_users.sql.hpp"
#include "backends/postgresql/sql/comments.sql.hpp"
#include "backends/postgresql/sql/names_like_own.sql.hpp"
#include "backends/postgresql/sql/objects.sql.hpp"
#include "backends/postgresql/sql/partition_indexes.sql.hpp"
#include "backends/postgresql/sql/privileges.sql.hpp"
#include "backends/postgresql/sql/settings.sql.hpp"
#include "backends/postgresql/state_place.hpp"
#include "model/name_list.hpp"

namespace migrate::backends::postgresql {
namespace {

void set_property(SchemaObject& object, const char* name, const session::PostgresqlRows& rows, int row,
                  int column) {
    if (!rows.is_null(row, column)) {
        object.properties[name] = rows.text(row, column);
    }
}

std::string joined(const std::vector<std::string>& parts) {
    std::string list;
    for (const std::string& part : parts) {
        list += (list.empty() ? "" : ", ") + part;
    }
    return list;
}

std::string joined_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + quote_identifier(name);
    }
    return list;
}

void append_name(std::string& list, const std::string& name) {
    list += (list.empty() ? "" : ", ") + quote_identifier(name);
}

/// The ids of the migrations that this database knows, as an array; nullopt where the role may not read them.
std::optional<std::string> known_migrations(session::PostgresqlSession& session,
                                            const std::optional<state::Place>& place) {
    if (!place) {
        const auto rows = session.query("SELECT pg_catalog.to_regnamespace('_migrate') IS NULL",
                                        "looking for earlier migrations");
        return rows.boolean(0, 0) ? std::optional<std::string>("{}") : std::nullopt;
    }
    const auto allowed =
        session.query(place->sql("SELECT pg_catalog.has_table_privilege('_migrate.migration', 'SELECT')"),
                      "asking for privileges");
    if (!allowed.boolean(0, 0)) {
        return std::nullopt;
    }
    const auto rows =
        session.query(place->sql("SELECT id FROM _migrate.migration"), "looking for earlier migrations");
    std::vector<std::string> ids;
    ids.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        ids.push_back(rows.text(row, 0));
    }
    return session::array_literal(ids);
}

}  // namespace

void CatalogBuilder::add_partition(const session::PostgresqlRows& rows, int row) {
    SchemaObject partition;
    partition.name = {rows.text(row, 1), rows.text(row, 2)};
    const auto parents = rows.array(row, 11);
    partition.table = parents.empty() ? std::string() : parents.front();
    if (rows.view(row, 3) == "f") {
        partition.kind = "foreign table";
        partition.reason = fmt::format("It is a partition of {} in another database.", partition.table);
        m_reading.schema.objects.push_back(std::move(partition));
        return;
    }
    partition.kind = "partition";
    partition.properties[property::k_partition_columns] = rows.text(row, 18);
    partition.properties[property::k_partition_bound] = rows.text(row, 13);
    set_property(partition, property::k_partition_key, rows, row, 12);
    set_property(partition, property::k_options, rows, row, 14);
    if (rows.view(row, 4) == "u") {
        partition.properties[property::k_unlogged] = "yes";
    }
    partition.native_sql = fmt::format("CREATE TABLE {} PARTITION OF {} {}", quote_name(partition.name),
                                       partition.table, rows.text(row, 13));
    m_reading.schema.objects.push_back(std::move(partition));
}

void CatalogBuilder::name_partition_indexes() {
    std::map<QualifiedName, SchemaObject*> partitions;
    for (SchemaObject& object : m_reading.schema.objects) {
        if (object.kind == "partition") {
            partitions[object.name] = &object;
        }
    }
    if (partitions.empty()) {
        return;
    }
    const auto rows =
        m_session.query(sql::partition_indexes, {m_schemas}, "reading the indexes of partitions");
    for (int row = 0; row < rows.size(); ++row) {
        if (const auto found = partitions.find({rows.text(row, 0), rows.text(row, 1)});
            found != partitions.end()) {
            std::string& list = found->second->properties[property::k_partition_indexes];
            append_name(list, rows.text(row, 2));
            append_name(list, rows.text(row, 3));
        }
    }
}

void CatalogBuilder::read_objects() {
    const auto rows = m_session.query(sql::objects, {m_schemas}, "reading views, functions and types");
    for (int row = 0; row < rows.size(); ++row) {
        add_object(rows, row);
    }
}

void CatalogBuilder::add_object(const session::PostgresqlRows& rows, int row) {
    SchemaObject object;
    object.kind = rows.text(row, 0);
    object.name = {rows.text(row, 1), rows.text(row, 2)};
    object.table = rows.text(row, 3);
    object.native_sql = rows.text(row, 4);
    set_property(object, property::k_owner, rows, row, 5);
    set_property(object, property::k_multirange, rows, row, 6);
    set_property(object, property::k_subtype, rows, row, 7);
    if (const auto list = rows.array(row, 8); !list.empty() && object.kind == "extension") {
        object.properties[property::k_members] = joined(list);
    } else if (!list.empty()) {
        object.properties[property::k_roles] = joined_names(list);
    }
    set_property(object, property::k_signature, rows, row, 9);
    m_reading.schema.objects.push_back(std::move(object));
}

void CatalogBuilder::add_details(std::string_view sql, bool roles) {
    const auto rows = m_session.query(sql, {m_schemas}, "reading comments, settings and privileges");
    for (int row = 0; row < rows.size(); ++row) {
        SchemaObject object;
        object.kind = rows.text(row, 0);
        object.name = {rows.text(row, 1), rows.text(row, 2)};
        object.table = rows.text(row, 3);
        object.native_sql = rows.text(row, 4);
        object.properties[property::k_about_kind] = rows.text(row, 5);
        object.properties[property::k_about] = rows.text(row, 6);
        if (roles && !rows.is_null(row, 7)) {
            object.properties[property::k_roles] = quote_identifier(rows.text(row, 7));
        }
        if (const auto needs = rows.array(row, roles ? 8 : 7); !needs.empty()) {
            object.properties[property::k_needs] = model::write_name_list(needs);
        }
        m_reading.schema.objects.push_back(std::move(object));
    }
}

void CatalogBuilder::read_details() {
    if (!m_request.profile) {
        return;
    }
    add_details(sql::settings, false);
    add_details(sql::privileges, true);
    add_details(sql::comments, false);
}

void CatalogBuilder::own_sequence(const session::PostgresqlRows& rows, int row, const QualifiedName& name) {
    const Table* table = rows.is_null(row, 11) ? nullptr : table_of(rows.integer(row, 11));
    if (table == nullptr) {
        return;
    }
    SchemaObject object;
    object.kind = "setting";
    object.name = {name.schema, "owner of sequence " + name.name};
    object.table = table->name.name;
    object.native_sql = fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", quote_name(name),
                                    quote_name(table->name), quote_identifier(rows.text(row, 12)));
    object.properties[property::k_about_kind] = "table";
    object.properties[property::k_about] = table->name.name;
    object.properties[property::k_needs] =
        model::write_name_list({"column", rows.text(row, 12), "sequence", name.name});
    m_reading.schema.objects.push_back(std::move(object));
}

void CatalogBuilder::mark_callers() {
    std::vector<std::string> oids;
    oids.reserve(m_tables.size());
    for (const auto& [oid, index] : m_tables) {
        oids.push_back(std::to_string(oid));
    }
    const auto rows =
        m_session.query(sql::code_users, {session::array_literal(oids)}, "looking what calls functions");
    for (int row = 0; row < rows.size(); ++row) {
        mark_caller(rows, row);
    }
}

void CatalogBuilder::mark_caller(const session::PostgresqlRows& rows, int row) {
    const std::string_view what = rows.view(row, 0);
    const std::string name = rows.text(row, 2);
    if (what == "object" || what == "type") {
        const QualifiedName of{rows.text(row, 3), rows.text(row, 4)};
        for (SchemaObject& object : m_reading.schema.objects) {
            const bool is_it = what == "type"
                                   ? object.name == of
                                   : object.name == QualifiedName{of.schema, name} && object.table == of.name;
            if (is_it) {
                object.properties[property::k_calls_code] = "yes";
            }
        }
        return;
    }
    Table* table = table_of(rows.integer(row, 1));
    if (table == nullptr) {
        return;
    }
    if (what == "check") {
        append_name(table->properties[property::k_checks_call_code], name);
    } else if (what == "index") {
        append_name(table->properties[property::k_indexes_call_code], name);
    } else {
        for (Column& column : table->columns) {
            if (column.name == name) {
                column.properties[property::k_calls_code] = "yes";
            }
        }
    }
}

void CatalogBuilder::read_large_objects() {
    const auto rows =
        m_session.query("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata", "counting large objects");
    if (rows.integer(0, 0) > 0) {
        SchemaObject object;
        object.kind = "large objects";
        object.name.name = rows.text(0, 0) + " large objects";
        object.properties["count"] = rows.text(0, 0);
        m_reading.schema.objects.push_back(std::move(object));
    }
}

void CatalogBuilder::note_names_like_own() {
    const auto place = state::known_place(m_session);
    const std::optional<std::string> known = known_migrations(m_session, place);
    const std::optional<std::string> schema =
        place && !place->own_schema() ? std::optional(place->schema()) : std::nullopt;
    const auto rows =
        m_session.query(sql::names_like_own, {m_schemas, known, schema}, "looking for names like our own");
    for (int row = 0; row < rows.size(); ++row) {
        const QualifiedName name{rows.text(row, 1), rows.text(row, 2)};
        if (wanted(name)) {
            note(Severity::left_out, "name-reserved", rows.text(row, 0) + " " + name.display(),
                 "Names and schemas that begin with _migrate are kept for migrations' own tables: it is not "
                 "read.",
                 "Rename it, or its schema.");
        }
    }
}

}  // namespace migrate::backends::postgresql
