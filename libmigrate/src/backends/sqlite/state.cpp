#include "backends/sqlite/state.hpp"

#include <chrono>

#include <migrate/error.hpp>

#include "backends/sqlite/sql/state_tables.sql.hpp"
#include "session/sqlite_statement.hpp"
#include "util/clock.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_recording = "record the migration in";

std::int64_t as_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}
std::uint64_t as_count(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

}  // namespace

const std::string& state_tables_sql() {
    static const std::string k_sql(sql::state_tables);
    return k_sql;
}

bool has_table(const SqliteSession& session, const std::string& name) {
    SqliteStatement find(session, "SELECT 1 FROM main.sqlite_schema WHERE type='table' AND name=?1");
    return find.bind(1, name).step();
}

void insert_migration(const SqliteSession& session, const backend::TargetPlan& plan,
                      const std::string& state) {
    SqliteStatement insert(session,
                           "INSERT INTO main._migrate_migration (id, state, created_at, owner, epoch, plan) "
                           "VALUES (?1, ?2, ?3, ?4, 1, ?5)",
                           k_recording);
    insert.bind(1, plan.migration)
        .bind(2, state)
        .bind(3, util::iso_utc(std::chrono::system_clock::now()))
        .bind(4, plan.owner)
        .bind(5, plan.plan_json);
    insert.run();
}

void set_migration_state(const SqliteSession& session, const std::string& migration,
                         const std::string& state) {
    SqliteStatement update(session, "UPDATE main._migrate_migration SET state=?2 WHERE id=?1", k_recording);
    update.bind(1, migration).bind(2, state);
    update.run();
}

void set_migration_ready(const SqliteSession& session, const std::string& migration,
                         const std::string& plan_json) {
    SqliteStatement update(session, "UPDATE main._migrate_migration SET state='ready', plan=?2 WHERE id=?1",
                           k_recording);
    update.bind(1, migration).bind(2, plan_json);
    update.run();
}

std::vector<backend::RecordedMigration> read_migrations(const SqliteSession& session) {
    std::vector<backend::RecordedMigration> migrations;
    if (!has_table(session, "_migrate_migration")) {
        return migrations;
    }
    SqliteStatement list(session,
                         "SELECT id, state, created_at, plan, epoch FROM main._migrate_migration "
                         "ORDER BY created_at DESC, id");
    while (list.step()) {
        migrations.push_back({std::string(list.text(0)), std::string(list.text(1)), std::string(list.text(2)),
                              std::string(list.text(3)), as_count(list.integer(4))});
    }
    return migrations;
}

std::uint64_t take_over(const SqliteSession& session, const std::string& migration,
                        const std::string& owner) {
    SqliteStatement update(session,
                           "UPDATE main._migrate_migration SET epoch=epoch+1, owner=?2 WHERE id=?1 "
                           "RETURNING epoch",
                           k_recording);
    update.bind(1, migration).bind(2, owner);
    if (!update.step()) {
        throw Error(ErrorCode::not_found, "migration " + migration + " is not recorded in " + session.path());
    }
    const std::uint64_t epoch = as_count(update.integer(0));
    update.run();
    return epoch;
}

void insert_checkpoint(const SqliteSession& session, const Checkpoint& checkpoint) {
    insert_checkpoint(session, checkpoint, checkpoint.chunk.index);
}

void insert_checkpoint(const SqliteSession& session, const Checkpoint& checkpoint, std::int64_t number) {
    SqliteStatement insert(session,
                           "INSERT INTO main._migrate_checkpoint (migration, table_name, chunk, kind, first, "
                           "last, partition, row_estimate, row_count, rejects, digest) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                           k_recording);
    const Chunk& chunk = checkpoint.chunk;
    insert.bind(1, checkpoint.migration)
        .bind(2, checkpoint.table.name)
        .bind(3, number)
        .bind(4, static_cast<std::int64_t>(chunk.kind))
        .bind(5, chunk.first)
        .bind(6, chunk.last)
        .bind(7, chunk.partition)
        .bind(8, as_integer(chunk.row_estimate))
        .bind(9, as_integer(checkpoint.rows))
        .bind(10, as_integer(checkpoint.rejects))
        .bind(11, to_string(checkpoint.digest));
    insert.run();
}

std::optional<Checkpoint> read_checkpoint(const SqliteSession& session, const std::string& migration,
                                          const QualifiedName& table, const Chunk& chunk) {
    SqliteStatement find(session,
                         "SELECT kind, first, last, row_estimate, row_count, rejects, digest FROM "
                         "main._migrate_checkpoint WHERE migration=?1 AND table_name=?2 AND partition=?3 AND "
                         "chunk=?4");
    find.bind(1, migration)
        .bind(2, table.name)
        .bind(3, chunk.partition)
        .bind(4, static_cast<std::int64_t>(chunk.index));
    if (!find.step()) {
        return std::nullopt;
    }
    Checkpoint checkpoint;
    checkpoint.migration = migration;
    checkpoint.table = table;
    checkpoint.chunk = chunk;
    checkpoint.chunk.kind = static_cast<ChunkKind>(find.integer(0));
    checkpoint.chunk.first = find.integer(1);
    checkpoint.chunk.last = find.integer(2);
    checkpoint.chunk.row_estimate = as_count(find.integer(3));
    checkpoint.rows = as_count(find.integer(4));
    checkpoint.rejects = as_count(find.integer(5));
    checkpoint.digest = parse_digest(std::string(find.text(6)));
    return checkpoint;
}

void insert_dead_letter(const SqliteSession& session, const std::string& migration,
                        const QualifiedName& table, std::int64_t chunk, const RejectedRow& row) {
    SqliteStatement insert(session,
                           "INSERT OR REPLACE INTO main._migrate_dead_letter (migration, table_name, chunk, "
                           "ordinal, row_key, column_name, reason, row_json) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                           k_recording);
    insert.bind(1, migration)
        .bind(2, table.name)
        .bind(3, chunk)
        .bind(4, as_integer(row.ordinal))
        .bind(5, row.key)
        .bind(6, row.column)
        .bind(7, row.reason)
        .bind(8, row.row);
    insert.run();
}

bool read_dead_letters(const SqliteSession& session, const std::string& migration,
                       const std::function<void(const DeadLetter&)>& take) {
    if (!has_table(session, "_migrate_dead_letter")) {
        return false;
    }
    SqliteStatement list(session,
                         "SELECT table_name, chunk, ordinal, row_key, column_name, reason, row_json FROM "
                         "main._migrate_dead_letter WHERE migration=?1 ORDER BY table_name, chunk, ordinal");
    list.bind(1, migration);
    while (list.step()) {
        take({std::string(list.text(0)), list.integer(1), as_count(list.integer(2)),
              std::string(list.text(3)), std::string(list.text(4)), std::string(list.text(5)),
              std::string(list.text(6))});
    }
    return true;
}

std::optional<std::string> read_provenance(const SqliteSession& session) {
    if (!has_table(session, "_migrate_provenance")) {
        return std::nullopt;
    }
    SqliteStatement find(session, "SELECT record FROM main._migrate_provenance ORDER BY id DESC");
    std::string records;
    while (find.step()) {
        records += (records.empty() ? "[" : ",") + std::string(find.text(0));
    }
    return records.empty() ? std::nullopt : std::optional(records + "]");
}

void write_provenance(const SqliteSession& session, const std::string& migration, const std::string& json) {
    // A cutover that is tried again has written it before.
    SqliteStatement remove(session, "DELETE FROM main._migrate_provenance WHERE migration = ?1", k_recording);
    remove.bind(1, migration);
    remove.run();
    SqliteStatement insert(
        session, "INSERT INTO main._migrate_provenance (migration, record) VALUES (?1, ?2)", k_recording);
    insert.bind(1, migration).bind(2, json);
    insert.run();
}

}  // namespace migrate::backends::sqlite
