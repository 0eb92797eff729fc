#include "backends/postgresql/cutover.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/target_state.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr int k_attempts = 20;
constexpr auto k_pause = std::chrono::milliseconds(250);

bool is_after_move(const std::string& kind) {
    return kind == "function" || kind == "procedure" || kind == "view" || kind == "materialized view" ||
           kind == "rule" || kind == "trigger" || kind == "statistics";
}

/// Runs a statement that may be refused without harm to the rest; the refusal becomes a finding.
void try_statement(session::PostgresqlSession& session, const std::string& sql, const std::string& object,
                   const char* code, std::vector<Finding>& findings) {
    session.execute("SAVEPOINT extra", "beginning " + object);
    try {
        session.execute(sql, "creating " + object);
        session.execute("RELEASE SAVEPOINT extra", "creating " + object);
    } catch (const Error& error) {
        if (!session.alive() || error.retryable() || error.code() == ErrorCode::cancelled) {
            throw;
        }
        session.execute("ROLLBACK TO SAVEPOINT extra", "giving up on " + object);
        findings.push_back({Severity::left_out, code, object, error.what(), "Create it by hand.", 0});
    }
}

void set_defaults(session::PostgresqlSession& session, const Schema& schema, std::vector<Finding>& findings) {
    for (const Table& table : schema.tables) {
        for (const Column& column : table.columns) {
            if (const std::string sql = ddl::set_default(table, column); !sql.empty()) {
                try_statement(
                    session, sql,
                    fmt::format("default of table {}, column {}", table.name.display(), column.name),
                    "default-left-out", findings);
            }
        }
    }
}

void create_code(session::PostgresqlSession& session, const Schema& schema, std::vector<Finding>& findings) {
    for (const SchemaObject& object : schema.objects) {
        if (is_after_move(object.kind)) {
            try_statement(session, object.native_sql, object.kind + " " + object.name.display(),
                          "object-left-out", findings);
        }
    }
}

/// ALTER … SET SCHEMA keeps the privileges of the staging schema: those that the destination gives to new
/// tables are granted here.
void grant_defaults(session::PostgresqlSession& session, const Schema& schema) {
    for (const Table& table : schema.tables) {
        const auto rows = session.query(
            "SELECT pg_catalog.format('GRANT %s ON TABLE %s TO %s%s', acl.privilege_type, "
            "$2::pg_catalog.text, CASE "
            "acl.grantee "
            "WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) END, "
            "CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) "
            "FROM pg_catalog.pg_default_acl d "
            "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace "
            "CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) acl "
            "WHERE d.defaclobjtype = 'r' AND pg_catalog.pg_get_userbyid(d.defaclrole) = current_user "
            "AND acl.grantee <> d.defaclrole AND (d.defaclnamespace = 0 OR n.nspname = $1)",
            {table.name.schema, quote_name(table.name)}, "reading default privileges");
        for (int row = 0; row < rows.size(); ++row) {
            session.execute(rows.text(row, 0), "granting default privileges");
        }
    }
}

void cut_over_once(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                   const StagingNames& names, std::vector<Finding>& findings) {
    session.execute("BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = 500",
                    "beginning the cutover");
    const auto state = session.query("SELECT state FROM _migrate.migration WHERE id = $1 FOR UPDATE",
                                     {plan.migration}, "locking the migration's row");
    if (state.size() == 0 || (state.view(0, 0) != "loading" && state.view(0, 0) != "ready")) {
        throw Error(
            ErrorCode::refused,
            fmt::format("PostgreSQL: migration {} is not in a state to be cut over.", plan.migration));
    }
    for (const std::string& statement : cutover_statements(plan.schema, names)) {
        session.execute(statement, "cutting over");
    }
    create_code(session, plan.schema, findings);
    set_defaults(session, plan.schema, findings);
    grant_defaults(session, plan.schema);
    state::insert_provenance(session, plan.migration, plan.provenance_json);
    state::set_state(session, plan.migration, "done");
}

void commit_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                    const backend::TargetPlan& plan) {
    try {
        session.execute("COMMIT", "committing the cutover");
    } catch (const Error&) {
        if (session.alive()) {
            throw;
        }
        // The answer was lost, not necessarily the commit: the marker tells.
        const auto again = factory.open();
        if (state::state_of(*again, plan.migration) != "done") {
            throw;
        }
    }
}

}  // namespace

std::vector<std::string> cutover_statements(const Schema& schema, const StagingNames& names) {
    std::vector<std::string> statements;
    for (const auto& [destination, staging] : names.schemas()) {
        statements.push_back("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(destination));
    }
    const auto move = [&](const char* what, const QualifiedName& name) {
        statements.push_back(fmt::format("ALTER {} {} SET SCHEMA {}", what, quote_name(names.staged(name)),
                                         quote_identifier(name.schema)));
    };
    for (const SchemaObject& object : schema.objects) {
        if (is_type_kind(object.kind)) {
            move(object.kind == "domain" ? "DOMAIN" : "TYPE", object.name);
        } else if (object.kind == "sequence") {
            move("SEQUENCE", object.name);
        }
    }
    for (const Table& table : schema.tables) {
        move("TABLE", table.name);
        for (const Column& column : table.columns) {
            if (column.identity && column.properties.contains(property::k_sequence_not_owned) &&
                column.identity->kind == IdentityValue::Kind::serial) {
                move("SEQUENCE", {table.name.schema, parse_name(column.identity->sequence).name});
            }
        }
    }
    for (const SchemaObject& object : schema.objects) {
        if (object.kind == "partition") {
            move("TABLE", object.name);
        }
    }
    // Only now: a check that is added to a parent would be added to its children as well.
    for (const Table& table : schema.tables) {
        if (const auto parents = table.properties.find(property::k_inherits);
            parents != table.properties.end()) {
            for (const std::string& parent : split_names(parents->second)) {
                statements.push_back(
                    fmt::format("ALTER TABLE {} INHERIT {}", quote_name(table.name), parent));
            }
        }
    }
    for (const auto& [destination, staging] : names.schemas()) {
        statements.push_back("DROP SCHEMA " + quote_identifier(staging));
    }
    return statements;
}

std::vector<Finding> run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                                 const backend::TargetPlan& plan, const StagingNames& names) {
    for (int attempt = 1;; ++attempt) {
        std::vector<Finding> findings;
        try {
            cut_over_once(session, plan, names, findings);
            commit_cutover(session, factory, plan);
            return findings;
        } catch (const Error& error) {
            if (session.alive()) {
                PQclear(PQexec(session.native(), "ROLLBACK"));
            }
            if (error.code() != ErrorCode::transient || !session.alive()) {
                throw;
            }
            if (attempt == k_attempts) {
                state::set_state(session, plan.migration, "ready");
                ErrorFacts facts = error.facts();
                facts.next_step = "Everything is staged: run `cutover` when the target is quiet.";
                throw Error(facts, "PostgreSQL: the cutover could not get its locks; others hold them.");
            }
        }
        std::this_thread::sleep_for(k_pause);
    }
}

}  // namespace migrate::backends::postgresql
