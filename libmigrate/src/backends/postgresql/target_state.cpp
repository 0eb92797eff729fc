#include "backends/postgresql/target_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/state.sql.hpp"

namespace migrate::backends::postgresql::state {

void create(session::PostgresqlSession& session) {
    session.execute(std::string(sql::state), "creating the schema _migrate");
}

bool exists(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT pg_catalog.to_regclass('_migrate.migration') IS NOT NULL AND "
        "pg_catalog.to_regclass('_migrate.provenance') IS NOT NULL",
        "looking for earlier migrations");
    return rows.boolean(0, 0);
}

void insert_migration(session::PostgresqlSession& session, const backend::TargetPlan& plan) {
    session.query(
        "INSERT INTO _migrate.migration (id, state, epoch, owner, plan) VALUES ($1, 'loading', 1, $2, $3)",
        {plan.migration, plan.owner, plan.plan_json}, "recording the migration");
}

void set_state(session::PostgresqlSession& session, const std::string& migration, const std::string& state) {
    session.query(
        "UPDATE _migrate.migration SET state = $2, updated_at = pg_catalog.clock_timestamp() WHERE id = $1",
        {migration, state}, "recording the migration's state");
}

std::optional<std::string> state_of(session::PostgresqlSession& session, const std::string& migration) {
    if (!exists(session)) {
        return std::nullopt;
    }
    const auto rows = session.query("SELECT state FROM _migrate.migration WHERE id = $1", {migration},
                                    "reading the migration's state");
    return rows.size() == 0 ? std::nullopt : std::optional(rows.text(0, 0));
}

void raise_epoch(session::PostgresqlSession& session, const std::string& migration,
                 const std::string& owner) {
    session.query(
        "UPDATE _migrate.migration SET epoch = epoch + 1, owner = $2, updated_at = "
        "pg_catalog.clock_timestamp() WHERE id = $1",
        {migration, owner}, "taking the migration over");
}

std::vector<backend::RecordedMigration> migrations(session::PostgresqlSession& session) {
    std::vector<backend::RecordedMigration> found;
    if (!exists(session)) {
        return found;
    }
    const auto rows = session.query(
        "SELECT id, state, pg_catalog.to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), plan, epoch "
        "FROM _migrate.migration ORDER BY created_at DESC, id",
        "reading earlier migrations");
    for (int row = 0; row < rows.size(); ++row) {
        found.push_back({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), rows.text(row, 3),
                         static_cast<std::uint64_t>(rows.integer(row, 4))});
    }
    return found;
}

void insert_provenance(session::PostgresqlSession& session, const std::string& migration,
                       const std::string& record) {
    if (record.empty()) {
        return;
    }
    session.query("INSERT INTO _migrate.provenance (migration, record) VALUES ($1, $2)", {migration, record},
                  "writing provenance");
}

void forget(session::PostgresqlSession& session, const std::string& migration) {
    session.query("DELETE FROM _migrate.migration WHERE id = $1", {migration}, "forgetting the migration");
    const auto rows = session.query("SELECT EXISTS (SELECT FROM _migrate.migration)", "counting migrations");
    if (!rows.boolean(0, 0)) {
        session.execute(
            "DROP TABLE _migrate.provenance, _migrate.dead_letter, _migrate.checkpoint, _migrate.migration; "
            "DROP SCHEMA _migrate",
            "dropping the empty schema _migrate");
    }
}

std::vector<std::string> staging_schemas(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ ('^_migrate_' || $1 || '_[0-9]+$') "
        "ORDER BY nspname",
        {migration}, "looking for staging schemas");
    std::vector<std::string> names;
    for (int row = 0; row < rows.size(); ++row) {
        names.push_back(rows.text(row, 0));
    }
    return names;
}

}  // namespace migrate::backends::postgresql::state
