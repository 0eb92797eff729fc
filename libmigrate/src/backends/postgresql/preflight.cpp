#include "backends/postgresql/preflight.hpp"

#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "backend/merge_policy.hpp"
#include "backends/postgresql/existing.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/merge.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/sql/taken_names.sql.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {
namespace {

using Taken = std::map<QualifiedName, std::string>;

std::set<std::string> destination_schemas(const Schema& schema) {
    std::set<std::string> names;
    const StagingNames staged("0", schema);
    for (const auto& [destination, staging] : staged.schemas()) {
        names.insert(destination);
    }
    for (const SchemaObject& object : schema.objects) {
        if (object.kind == "range type") {
            names.insert(object.name.schema);
        }
    }
    return names;
}

void check_server(session::PostgresqlSession& session, StagingNames::Place place,
                  std::vector<Finding>& findings) {
    const auto rows = session.query(
        "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on', "
        "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), "
        "pg_catalog.current_setting('server_encoding'), pg_catalog.current_database(), current_user",
        "asking what the role may do");
    if (rows.boolean(0, 0)) {
        findings.push_back({Severity::blocker, "server-in-recovery", "the target server",
                            "The server is a standby and cannot be written.", "Name the primary server.", 0});
    } else if (rows.boolean(0, 1)) {
        findings.push_back({Severity::blocker, "target-read-only", "the target database",
                            "Transactions are read-only there (default_transaction_read_only).",
                            "Use a role or database that may write.", 0});
    }
    if (place == StagingNames::Place::prefixes) {
        findings.push_back(
            {Severity::note, "staging-in-place", "database " + rows.text(0, 4),
             fmt::format("The role {} may not create schemas: until the cutover the tables stand in "
                         "their own schema under names that begin with _migrate_.",
                         rows.text(0, 5)),
             "", 0});
    }
    if (rows.view(0, 3) != "UTF8") {
        findings.push_back(
            {Severity::risk, "target-encoding", "database " + rows.text(0, 4),
             fmt::format("Its encoding is {}: text with other characters will be refused.", rows.text(0, 3)),
             "Create the database with ENCODING 'UTF8' TEMPLATE template0.", 0});
    }
}

void check_schemas(session::PostgresqlSession& session, const std::set<std::string>& schemas,
                   StagingNames::Place place, std::vector<Finding>& findings) {
    for (const std::string& name : schemas) {
        const auto rows = session.query(
            "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE "
            "nspname = $1",
            {name}, "asking for privileges");
        if (rows.size() == 0 && place == StagingNames::Place::prefixes) {
            findings.push_back({Severity::blocker, "no-create-privilege", "schema " + name,
                                "The schema is not there, and the role may not create it.",
                                "Create it and grant the role CREATE on it, or name another with ?schema=.",
                                0});
        }
        if (rows.size() == 1 && !rows.boolean(0, 0)) {
            findings.push_back({Severity::blocker, "no-create-privilege", "schema " + name,
                                "The role may not create tables there.",
                                fmt::format("GRANT CREATE ON SCHEMA {}, or name another with ?schema=.",
                                            quote_identifier(name)),
                                0});
        }
    }
}

void check_name(const Taken& taken, const QualifiedName& name, const std::string& what,
                std::vector<Finding>& findings) {
    const auto found = taken.find(name);
    if (found == taken.end()) {
        return;
    }
    const bool both_tables = what == "table" && (found->second == "r" || found->second == "p");
    findings.push_back(
        {Severity::blocker, both_tables ? "table-exists" : "name-taken", what + " " + name.display(),
         both_tables ? "The target already has this table."
                     : "The target already has something of this name.",
         both_tables ? "Load into it with --on-existing load, put a new one in its place with "
                       "--on-existing replace, name another schema with ?schema=, or leave it out."
                     : "Drop or rename it, name another schema with ?schema=, or leave the table "
                       "out.",
         0});
}

/// What is kept needs a schema of its own.
void check_keeping(const Schema& schema, StagingNames::Place place, std::vector<Finding>& findings) {
    if (place == StagingNames::Place::prefixes && (backend::loads_any(schema) || replaces_any(schema))) {
        findings.push_back({Severity::blocker, "no-create-privilege", "the target database",
                            "The role may not create schemas, which the undo log and replaced tables need.",
                            "GRANT CREATE ON DATABASE to the role.", 0});
    }
}

void check_names(session::PostgresqlSession& session, const Schema& schema,
                 const std::set<std::string>& schemas, std::vector<Finding>& findings) {
    const auto rows =
        session.query(sql::taken_names, {session::array_literal({schemas.begin(), schemas.end()})},
                      "looking for names that are taken");
    Taken taken;
    for (int row = 0; row < rows.size(); ++row) {
        taken.emplace(QualifiedName{rows.text(row, 0), rows.text(row, 1)}, rows.text(row, 2));
    }
    for (const QualifiedName& name : names_of_replaced(session, schema)) {
        taken.erase(name);
    }
    for (const Table& table : schema.tables) {
        if (table.placement == Placement::load) {
            continue;
        }
        check_name(taken, table.name, "table", findings);
        for (const Index& index : table.indexes) {
            check_name(taken, {table.name.schema, index.name}, "index", findings);
        }
        if (table.primary_key) {
            check_name(taken, {table.name.schema, table.primary_key->name}, "primary key", findings);
        }
        for (const Key& key : table.unique_keys) {
            check_name(taken, {table.name.schema, key.name}, "unique key", findings);
        }
        for (const Column& column : table.columns) {
            if (column.identity) {
                check_name(taken, parse_name(column.identity->sequence), "sequence", findings);
            }
        }
    }
    for (const SchemaObject& object : schema.objects) {
        if (is_staged_kind(object.kind) || object.kind == "partition") {
            check_name(taken, object.name, object.kind, findings);
            if (const auto multirange = multirange_of(object)) {
                check_name(taken, *multirange, "multirange type", findings);
            }
        }
    }
}

void check_locks(session::PostgresqlSession& session, const Schema& schema, std::vector<Finding>& findings) {
    std::uint64_t relations = 0;
    for (const Table& table : schema.tables) {
        relations += 2 + table.indexes.size() + table.unique_keys.size() + table.columns.size() / 8;
    }
    const auto rows = session.query(
        "SELECT pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8 * "
        "(pg_catalog.current_setting('max_connections')::pg_catalog.int8 + "
        "pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8)",
        "asking for the size of the lock table");
    const auto room = static_cast<std::uint64_t>(rows.integer(0, 0));
    if (relations > room * 8 / 10) {
        findings.push_back(
            {Severity::blocker, "lock-table-too-small", "the target server",
             fmt::format("The cutover locks about {} relations at once; the server has room for {}.",
                         relations, room),
             "Raise max_locks_per_transaction, or migrate in parts.", relations});
    }
}

}  // namespace

std::vector<Finding> preflight_target(session::PostgresqlSession& session, const Schema& schema,
                                      StagingNames::Place place) {
    std::vector<Finding> findings;
    const auto schemas = destination_schemas(schema);
    check_server(session, place, findings);
    check_schemas(session, schemas, place, findings);
    check_keeping(schema, place, findings);
    check_names(session, schema, schemas, findings);
    check_locks(session, schema, findings);
    auto changes = changes_since_plan(session, schema, {Placement::load, Placement::replace});
    std::move(changes.begin(), changes.end(), std::back_inserter(findings));
    return findings;
}

}  // namespace migrate::backends::postgresql
