#include "backends/postgresql/target_state.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/sql/built.sql.hpp"
#include "backends/postgresql/sql/staged_drops.sql.hpp"
#include "backends/postgresql/sql/state.sql.hpp"
#include "backends/postgresql/sql/state_upgrade.sql.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql::state {
namespace {

bool has_column(session::PostgresqlSession& session, const Place& place, const char* table,
                const char* column) {
    return session
        .query(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) "
            "AND attname = $2)",
            {place.sql(table), std::string(column)}, "looking at the tables of migrations")
        .boolean(0, 0);
}

bool is_current(session::PostgresqlSession& session, const Place& place) {
    return has_column(session, place, "_migrate.dead_letter", "kept");
}

}  // namespace

void create(session::PostgresqlSession& session, const std::string& destination) {
    auto place = known_place(session);
    if (!place && may_create_schemas(session)) {
        session.execute("CREATE SCHEMA IF NOT EXISTS _migrate", "creating the schema _migrate");
        place = Place();
    }
    const Place there = place.value_or(Place(destination));
    session.execute(there.sql(sql::state), "creating the tables of migrations");
    if (!is_current(session, there)) {
        session.execute(there.sql(sql::state_upgrade), "upgrading the tables of migrations");
    }
}

void upgrade(session::PostgresqlSession& session) {
    const Place place = find_place(session);
    if (!is_current(session, place)) {
        session.execute(place.sql(sql::state_upgrade), "upgrading the tables of migrations");
    }
}

bool exists(session::PostgresqlSession& session) {
    return known_place(session).has_value();
}

void insert_migration(session::PostgresqlSession& session, const backend::TargetPlan& plan) {
    session.query(find_place(session).sql("INSERT INTO _migrate.migration (id, state, epoch, owner, plan) "
                                          "VALUES ($1, 'loading', 1, $2, $3)"),
                  {plan.migration, plan.owner, plan.plan_json}, "recording the migration");
}

void set_state(session::PostgresqlSession& session, const std::string& migration, const std::string& state) {
    session.query(find_place(session).sql("UPDATE _migrate.migration SET state = $2, updated_at = "
                                          "pg_catalog.clock_timestamp() WHERE id = $1"),
                  {migration, state}, "recording the migration's state");
}

void set_ready(session::PostgresqlSession& session, const std::string& migration,
               const std::string& plan_json) {
    session.query(find_place(session).sql("UPDATE _migrate.migration SET state = 'ready', plan = $2, "
                                          "updated_at = pg_catalog.clock_timestamp() WHERE id = $1"),
                  {migration, plan_json}, "recording the migration's state");
}

void set_done(session::PostgresqlSession& session, const std::string& migration,
              const std::string& plan_json) {
    if (plan_json.empty()) {
        set_state(session, migration, "done");
        return;
    }
    session.query(find_place(session).sql("UPDATE _migrate.migration SET state = 'done', plan = $2, "
                                          "updated_at = pg_catalog.clock_timestamp() WHERE id = $1"),
                  {migration, plan_json}, "recording the migration's state");
}

void set_plan(session::PostgresqlSession& session, const std::string& migration,
              const std::string& plan_json) {
    session.query(find_place(session).sql("UPDATE _migrate.migration SET plan = $2, updated_at = "
                                          "pg_catalog.clock_timestamp() WHERE id = $1"),
                  {migration, plan_json}, "recording the plan");
}

std::optional<std::string> state_of(session::PostgresqlSession& session, const std::string& migration) {
    if (!exists(session)) {
        return std::nullopt;
    }
    const auto rows =
        session.query(find_place(session).sql("SELECT state FROM _migrate.migration WHERE id = $1"),
                      {migration}, "reading the migration's state");
    return rows.size() == 0 ? std::nullopt : std::optional(rows.text(0, 0));
}

std::uint64_t raise_epoch(session::PostgresqlSession& session, const std::string& migration,
                          const std::string& owner) {
    const auto rows = session.query(
        find_place(session).sql("UPDATE _migrate.migration SET epoch = epoch + 1, owner = $2, updated_at = "
                                "pg_catalog.clock_timestamp() WHERE id = $1 RETURNING epoch"),
        {migration, owner}, "taking the migration over");
    return static_cast<std::uint64_t>(rows.integer(0, 0));
}

void drop_built(session::PostgresqlSession& session, const std::string& migration) {
    const std::string staged = "^_migrate_" + migration + "_[0-9]+$";
    // What a table has for itself and from its parent stays when the parent's goes: each level takes a turn.
    for (bool again = true; again;) {
        const auto rows = session.query(sql::built, {staged, staged}, "looking for what was built");
        for (int row = 0; row < rows.size(); ++row) {
            session.execute(rows.text(row, 0), "taking back what was built");
        }
        again = rows.size() > 0;
    }
}

void drop_checkpoints(session::PostgresqlSession& session, const std::string& migration) {
    for (const char* table : {"_migrate.checkpoint", "_migrate.dead_letter"}) {
        session.query(find_place(session).sql(fmt::format("DELETE FROM {} WHERE migration = $1", table)),
                      {migration}, "dropping checkpoints");
    }
}

void read_checkpoints(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                      backend::Resumption& out) {
    const auto rows = session.query(
        find_place(session).sql(
            "SELECT table_schema, table_name, chunk_index, chunk_kind, chunk_first, chunk_last, "
            "chunk_partition, rows, rejects, digest, nulled, filtered FROM _migrate.checkpoint WHERE "
            "migration = $1"),
        {plan.migration}, "reading checkpoints");
    const auto& tables = plan.schema.tables;
    for (int row = 0; row < rows.size(); ++row) {
        Checkpoint checkpoint;
        checkpoint.migration = plan.migration;
        checkpoint.table = {rows.text(row, 0), rows.text(row, 1)};
        const std::int64_t index = rows.integer(row, 2);
        checkpoint.chunk.kind = static_cast<ChunkKind>(rows.integer(row, 3));
        checkpoint.chunk.index = static_cast<std::uint32_t>(index);
        checkpoint.chunk.first = rows.integer(row, 4);
        checkpoint.chunk.last = rows.integer(row, 5);
        checkpoint.chunk.partition = rows.text(row, 6);
        checkpoint.rows = static_cast<std::uint64_t>(rows.integer(row, 7));
        checkpoint.rejects = static_cast<std::uint64_t>(rows.integer(row, 8));
        checkpoint.digest = parse_digest(rows.text(row, 9));
        checkpoint.nulled = static_cast<std::uint64_t>(rows.integer(row, 10));
        checkpoint.filtered = static_cast<std::uint64_t>(rows.integer(row, 11));
        if (index != backend::k_removed_chunk) {
            out.checkpoints.push_back(std::move(checkpoint));
            continue;
        }
        const auto table = std::find_if(tables.begin(), tables.end(),
                                        [&](const Table& one) { return one.name == checkpoint.table; });
        if (table == tables.end()) {
            throw Error(ErrorCode::corrupt,
                        fmt::format("PostgreSQL: what is staged of migration {} has a table that its plan "
                                    "does not have.",
                                    plan.migration));
        }
        backend::RemovedRows removed;
        removed.table = static_cast<std::size_t>(table - tables.begin());
        removed.rows = checkpoint.rejects;
        removed.digest.subtract(checkpoint.digest);
        out.removed.push_back(std::move(removed));
    }
}

std::vector<backend::RecordedMigration> migrations(session::PostgresqlSession& session) {
    std::vector<backend::RecordedMigration> found;
    if (!exists(session)) {
        return found;
    }
    const auto rows = session.query(
        find_place(session).sql(
            "SELECT id, state, pg_catalog.to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), plan, epoch "
            "FROM _migrate.migration ORDER BY created_at DESC, id"),
        "reading earlier migrations");
    for (int row = 0; row < rows.size(); ++row) {
        found.push_back({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), rows.text(row, 3),
                         static_cast<std::uint64_t>(rows.integer(row, 4))});
    }
    return found;
}

void insert_dead_letter(session::PostgresqlSession& session, const Place& place, const std::string& migration,
                        const QualifiedName& table, std::int64_t chunk, const RejectedRow& row) {
    session.query(
        place.sql(
            "INSERT INTO _migrate.dead_letter (migration, table_schema, table_name, chunk_index, ordinal, "
            "row_key, column_name, reason, row_json, kept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
            "ON "
            "CONFLICT DO NOTHING"),
        {migration, table.schema, table.name, std::to_string(chunk), std::to_string(row.ordinal), row.key,
         row.column, row.reason, row.row, std::string(row.kept ? "t" : "f")},
        "writing a dead letter");
}

namespace {

constexpr const char* k_letter_columns =
    "SELECT table_schema, table_name, chunk_index, ordinal, row_key, column_name, reason, row_json, ";

/// Of rows that begin with k_letter_columns, and then `kept`.
DeadLetter dead_letter_at(const session::PostgresqlRows& rows, int row) {
    return {QualifiedName{rows.text(row, 0), rows.text(row, 1)}.display(),
            rows.integer(row, 2),
            static_cast<std::uint64_t>(rows.integer(row, 3)),
            rows.text(row, 4),
            rows.text(row, 5),
            rows.text(row, 6),
            rows.text(row, 7),
            rows.boolean(row, 8)};
}

std::vector<std::optional<std::string>> identity_of(const std::string& migration, const QualifiedName& table,
                                                    const DeadLetter& letter) {
    return {migration, table.schema, table.name, std::to_string(letter.chunk),
            std::to_string(letter.ordinal)};
}

}  // namespace

void dead_letters(session::PostgresqlSession& session, const std::string& migration,
                  const std::function<void(const DeadLetter&)>& take) {
    const auto place = known_place(session);
    if (!place) {
        return;
    }
    const std::string page = place->sql(
        k_letter_columns + std::string(is_current(session, *place) ? "kept" : "false") +
        " FROM _migrate.dead_letter WHERE migration = $1 AND (table_schema, table_name, chunk_index, "
        "ordinal) > ($2, $3, $4, $5) ORDER BY table_schema, table_name, chunk_index, ordinal LIMIT 100");
    QualifiedName table;
    std::int64_t chunk = std::numeric_limits<std::int64_t>::min();
    std::int64_t ordinal = -1;
    while (true) {
        const auto rows = session.query(
            page, {migration, table.schema, table.name, std::to_string(chunk), std::to_string(ordinal)},
            "reading dead letters");
        for (int row = 0; row < rows.size(); ++row) {
            table = {rows.text(row, 0), rows.text(row, 1)};
            chunk = rows.integer(row, 2);
            ordinal = rows.integer(row, 3);
            take(dead_letter_at(rows, row));
        }
        if (rows.size() == 0) {
            return;
        }
    }
}

std::vector<DeadLetter> dead_letters(session::PostgresqlSession& session, const std::string& migration,
                                     const QualifiedName& table,
                                     const std::optional<backend::LetterRetry::Place>& after,
                                     std::size_t most) {
    const std::int64_t chunk = after ? after->chunk : std::numeric_limits<std::int64_t>::min();
    const auto rows = session.query(
        find_place(session).sql(std::string(k_letter_columns) +
                                "kept FROM _migrate.dead_letter WHERE migration = $1 AND table_schema = $2 "
                                "AND table_name = $3 AND (chunk_index, ordinal) > ($4, $5) ORDER BY "
                                "chunk_index, ordinal LIMIT $6"),
        {migration, table.schema, table.name, std::to_string(chunk),
         after ? std::to_string(after->ordinal) : "-1", std::to_string(most)},
        "reading dead letters");
    std::vector<DeadLetter> letters;
    for (int row = 0; row < rows.size(); ++row) {
        letters.push_back(dead_letter_at(rows, row));
    }
    return letters;
}

void delete_dead_letter(session::PostgresqlSession& session, const std::string& migration,
                        const QualifiedName& table, const DeadLetter& letter) {
    session.query(
        find_place(session).sql("DELETE FROM _migrate.dead_letter WHERE migration = $1 AND table_schema = $2 "
                                "AND table_name = $3 AND chunk_index = $4 AND ordinal = $5"),
        identity_of(migration, table, letter), "removing a dead letter");
}

void update_dead_letter(session::PostgresqlSession& session, const std::string& migration,
                        const QualifiedName& table, const DeadLetter& letter) {
    auto parameters = identity_of(migration, table, letter);
    parameters.emplace_back(letter.column);
    parameters.emplace_back(letter.reason);
    session.query(
        find_place(session).sql(
            "UPDATE _migrate.dead_letter SET column_name = $6, reason = $7 WHERE migration = $1 AND "
            "table_schema = $2 AND table_name = $3 AND chunk_index = $4 AND ordinal = $5"),
        parameters, "writing a dead letter");
}

void insert_provenance(session::PostgresqlSession& session, const std::string& migration,
                       const std::string& record) {
    if (record.empty()) {
        return;
    }
    session.query(
        find_place(session).sql("INSERT INTO _migrate.provenance (migration, record) VALUES ($1, $2)"),
        {migration, record}, "writing provenance");
}

void forget(session::PostgresqlSession& session, const std::string& migration) {
    const Place place = find_place(session);
    session.query(place.sql("DELETE FROM _migrate.migration WHERE id = $1"), {migration},
                  "forgetting the migration");
    const auto rows =
        session.query(place.sql("SELECT EXISTS (SELECT FROM _migrate.migration)"), "counting migrations");
    if (rows.boolean(0, 0)) {
        return;
    }
    session.execute(place.sql("DROP TABLE IF EXISTS _migrate.undo_table, _migrate.undo_step, "
                              "_migrate.undo_sequence, _migrate.undo_column, _migrate.undo_thing"),
                    "dropping the empty undo log");
    session.execute(
        place.sql("DROP TABLE IF EXISTS _migrate.made, _migrate.provenance, _migrate.dead_letter, "
                  "_migrate.checkpoint, _migrate.migration"),
        "dropping the empty tables of migrations");
    if (place.own_schema()) {
        session.execute("DROP SCHEMA _migrate", "dropping the empty schema _migrate");
    }
}

std::vector<std::string> staging_schemas(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ ('^_migrate_' || $1 || '_[0-9]+$') "
        "ORDER BY nspname",
        {migration}, "looking for staging schemas");
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        names.push_back(rows.text(row, 0));
    }
    return names;
}

std::vector<std::string> staged_drops(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(sql::staged_drops, {"^_migrate_" + migration + "_[0-9]+$"},
                                    "looking for staged tables");
    std::vector<std::string> statements;
    statements.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        statements.push_back(rows.text(row, 0));
    }
    return statements;
}

}  // namespace migrate::backends::postgresql::state
