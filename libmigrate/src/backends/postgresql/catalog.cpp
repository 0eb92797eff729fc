#include "backends/postgresql/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/catalog_builder.hpp"
#include "backends/postgresql/hints.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/physical_column.hpp"
#include "backends/postgresql/sql/columns.sql.hpp"
#include "backends/postgresql/sql/relations.sql.hpp"
#include "backends/postgresql/sql/unreadable.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

bool lists(const std::vector<QualifiedName>& names, const QualifiedName& name) {
    return std::any_of(names.begin(), names.end(), [&](const QualifiedName& one) {
        return one.name == name.name && (one.schema.empty() || one.schema == name.schema);
    });
}

}  // namespace

backend::SchemaReading read_catalog(session::PostgresqlSession& session,
                                    const std::vector<std::string>& schemas,
                                    const backend::SchemaRequest& request,
                                    const std::optional<std::string>& pattern) {
    backend::SchemaReading reading = CatalogBuilder(session, schemas, request, pattern).build();
    apply_hints(session, request, reading);
    return reading;
}

CatalogBuilder::CatalogBuilder(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
                               const backend::SchemaRequest& request, std::optional<std::string> pattern)
    : m_session(session), m_pattern(std::move(pattern)), m_request(request) {
    if (!schemas.empty()) {
        m_schemas = session::array_literal(schemas);
    }
}

backend::SchemaReading CatalogBuilder::build() {
    Schema& schema = m_reading.schema;
    schema.engine = "postgresql";
    const auto rows = m_session.query(
        "SELECT pg_catalog.current_setting('server_version'), pg_catalog.current_setting('server_encoding'), "
        "datcollate, datctype FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()",
        "asking for the server's version");
    schema.engine_version = rows.text(0, 0);
    schema.properties["encoding"] = rows.text(0, 1);
    schema.properties["collate"] = rows.text(0, 2);
    schema.properties["ctype"] = rows.text(0, 3);
    read_objects();
    read_relations();
    read_columns();
    read_constraints();
    read_indexes();
    read_sequences();
    mark_callers();
    name_partition_indexes();
    read_details();
    read_large_objects();
    if (!m_pattern && m_request.only_tables.empty()) {
        note_names_like_own();
    }
    return std::move(m_reading);
}

bool CatalogBuilder::wanted(const QualifiedName& name) const {
    return !lists(m_request.skip_tables, name) &&
           (m_request.only_tables.empty() || lists(m_request.only_tables, name));
}

Table* CatalogBuilder::table_of(std::int64_t oid) {
    const auto found = m_tables.find(static_cast<std::uint32_t>(oid));
    return found == m_tables.end() ? nullptr : &m_reading.schema.tables[found->second];
}

void CatalogBuilder::note(Severity severity, std::string code, std::string object, std::string message,
                          std::string next_step) {
    m_reading.findings.push_back(
        {severity, std::move(code), std::move(object), std::move(message), std::move(next_step), 0});
}

void CatalogBuilder::read_relations() {
    const auto rows = m_session.query(sql::relations, {m_schemas, m_pattern}, "reading the tables");
    note_passed_over(rows);
    for (int row = 0; row < rows.size(); ++row) {
        if (m_passed_over.contains(static_cast<std::uint32_t>(rows.integer(row, 0)))) {
            continue;
        }
        const std::string_view kind = rows.view(row, 3);
        if (rows.boolean(row, 10)) {
            add_partition(rows, row);
        } else if (kind == "r" || kind == "p") {
            add_table(rows, row);
        }
    }
}

/// A partition goes with the table that it is a part of, however far up.
void CatalogBuilder::note_passed_over(const session::PostgresqlRows& rows) {
    std::map<QualifiedName, QualifiedName> parent_of;
    for (int row = 0; row < rows.size(); ++row) {
        const auto parents = rows.boolean(row, 10) ? rows.array(row, 11) : std::vector<std::string>();
        if (!parents.empty()) {
            parent_of[{rows.text(row, 1), rows.text(row, 2)}] = parse_name(parents.front());
        }
    }
    for (int row = 0; row < rows.size(); ++row) {
        QualifiedName root{rows.text(row, 1), rows.text(row, 2)};
        for (auto up = parent_of.find(root); up != parent_of.end(); up = parent_of.find(root)) {
            root = up->second;
        }
        if (!wanted(root)) {
            m_passed_over.insert(static_cast<std::uint32_t>(rows.integer(row, 0)));
        }
    }
}

void CatalogBuilder::add_table(const session::PostgresqlRows& rows, int row) {
    Table table;
    table.name = {rows.text(row, 1), rows.text(row, 2)};
    table.comment = rows.text(row, 5);
    table.row_estimate = static_cast<std::uint64_t>(rows.integer(row, 6));
    table.byte_estimate = static_cast<std::uint64_t>(rows.integer(row, 7));
    if (rows.view(row, 4) == "u") {
        table.properties[property::k_unlogged] = "yes";
    }
    if (rows.boolean(row, 8)) {
        table.properties[property::k_row_security] = rows.boolean(row, 9) ? "forced" : "enabled";
    }
    if (const auto parents = rows.array(row, 11); !parents.empty()) {
        std::string list;
        for (const std::string& parent : parents) {
            list += (list.empty() ? "" : ", ") + parent;
        }
        table.properties[property::k_inherits] = list;
    }
    if (!rows.is_null(row, 12)) {
        table.properties[property::k_partition_key] = rows.text(row, 12);
    }
    if (!rows.is_null(row, 14)) {
        table.properties[property::k_options] = rows.text(row, 14);
    }
    m_tables[static_cast<std::uint32_t>(rows.integer(row, 0))] = m_reading.schema.tables.size();
    m_reading.schema.tables.push_back(std::move(table));
}

void CatalogBuilder::read_columns() {
    std::vector<std::uint32_t> oids;
    std::vector<std::string> texts;
    for (const auto& [oid, index] : m_tables) {
        oids.push_back(oid);
        texts.push_back(std::to_string(oid));
    }
    const auto physical = physical_columns(m_session, oids);
    const auto rows = m_session.query(sql::columns, {session::array_literal(texts)}, "reading the columns");
    for (int row = 0; row < rows.size(); ++row) {
        if (Table* table = table_of(rows.integer(row, 0))) {
            add_column(rows, row, *table);
            const auto& types = physical.at(static_cast<std::uint32_t>(rows.integer(row, 0)));
            table->columns.back().type = logical_type_of(types.at(table->columns.size() - 1).type);
        }
    }
    if (!m_request.count_rows) {
        return;
    }
    refuse_unreadable(texts);
    for (Table& table : m_reading.schema.tables) {
        const char* only = table.properties.contains(property::k_partition_key) ? "" : "ONLY ";
        const auto count =
            m_session.query(fmt::format("SELECT count(*) FROM {}{}", only, quote_name(table.name)),
                            fmt::format("counting the rows of {}", table.name.display()));
        table.row_estimate = static_cast<std::uint64_t>(count.integer(0, 0));
        table.row_count_exact = true;
    }
}

void CatalogBuilder::refuse_unreadable(const std::vector<std::string>& oids) {
    const auto rows = m_session.query(sql::unreadable, {session::array_literal(oids)}, "checking privileges");
    if (rows.size() == 0) {
        return;
    }
    const std::string_view reason = rows.view(0, 2);
    std::string tables;
    for (int row = 0; row < rows.size() && rows.view(row, 2) == reason; ++row) {
        tables += (row == 0 ? "" : ", ") + QualifiedName{rows.text(row, 0), rows.text(row, 1)}.display();
    }
    ErrorFacts facts{.code = reason == "denied" ? ErrorCode::permission : ErrorCode::refused,
                     .backend = "postgresql"};
    const char* what = "the role may not read these tables";
    facts.next_step = "GRANT USAGE on their schemas and SELECT on them, or leave them out with --exclude.";
    if (reason == "hidden") {
        what = "row-level security would hide rows of these tables from the role";
        facts.next_step =
            "Use a role with BYPASSRLS, or the tables' owner where security is not forced; or leave them out "
            "with "
            "--exclude.";
    } else if (reason == "foreign") {
        what = "the rows of these partitions are in another database, which is not read";
        facts.next_step = "Leave the partitioned table out with --exclude, or detach them first.";
    }
    throw Error(facts, fmt::format("PostgreSQL: {}: {}.", what, tables));
}

void CatalogBuilder::add_column(const session::PostgresqlRows& rows, int row, Table& table) {
    Column column;
    column.name = rows.text(row, 1);
    column.native_type = rows.text(row, 2);
    column.nullable = !rows.boolean(row, 3);
    if (!rows.view(row, 5).empty()) {
        column.generated = GeneratedValue{rows.text(row, 4), rows.view(row, 5) == "s"};
    } else if (!rows.is_null(row, 4)) {
        column.default_sql = rows.text(row, 4);
    }
    if (!rows.view(row, 6).empty()) {
        column.identity = IdentityValue{};
        column.identity->kind =
            rows.view(row, 6) == "a" ? IdentityValue::Kind::always : IdentityValue::Kind::by_default;
    }
    column.collation = rows.text(row, 7);
    column.comment = rows.text(row, 8);
    if (!rows.is_null(row, 9)) {
        column.properties[property::k_storage] = rows.text(row, 9);
    }
    if (!rows.boolean(row, 10)) {
        column.properties[property::k_inherited] = "yes";
    }
    if (rows.boolean(row, 11)) {
        column.properties[property::k_domain] = "yes";
    }
    table.columns.push_back(std::move(column));
}

}  // namespace migrate::backends::postgresql
