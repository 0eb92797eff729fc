#include "backends/sqlite/state.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include <migrate/error.hpp>

#include "backend/taken_over.hpp"
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

bool has_column(const SqliteSession& session, const std::string& table, const std::string& column) {
    SqliteStatement find(session, "SELECT 1 FROM pragma_table_info(?1) WHERE name=?2");
    return find.bind(1, table).bind(2, column).step();
}

/// Columns that the tables of earlier versions do not have; last in their tables.
struct LaterColumn {
    const char* table;
    const char* name;
};
constexpr LaterColumn k_later_columns[]{
    {"_migrate_checkpoint", "nulled"}, {"_migrate_checkpoint", "filtered"}, {"_migrate_dead_letter", "kept"}};

}  // namespace

void create_state_tables(const SqliteSession& session, std::string_view doing) {
    session.execute(std::string(sql::state_tables), doing);
    for (const LaterColumn& column : k_later_columns) {
        if (!has_column(session, column.table, column.name)) {
            session.execute(std::string("ALTER TABLE main.") + column.table + " ADD COLUMN " + column.name +
                                " INTEGER NOT NULL DEFAULT 0",
                            doing);
        }
    }
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

void set_migration_plan(const SqliteSession& session, const std::string& migration,
                        const std::string& plan_json) {
    SqliteStatement update(session, "UPDATE main._migrate_migration SET plan=?2 WHERE id=?1", k_recording);
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

void require_owner(const SqliteSession& session, const std::string& database,
                   const backend::TargetPlan& plan) {
    SqliteStatement find(session, "SELECT owner FROM " + database + "._migrate_migration WHERE id=?1");
    find.bind(1, plan.migration);
    if (!find.step() || find.text(0) != plan.owner) {
        throw_taken_over(plan.migration);
    }
}

void throw_taken_over(const std::string& migration) {
    ErrorFacts facts;
    facts.code = ErrorCode::locked;
    facts.backend = "sqlite";
    facts.next_step = "See with status who goes on with it.";
    throw backend::TakenOverError(std::move(facts),
                                  "migration " + migration + " has been taken over by another run");
}

void insert_checkpoint(const SqliteSession& session, const Checkpoint& checkpoint) {
    insert_checkpoint(session, checkpoint, checkpoint.chunk.index);
}

void insert_checkpoint(const SqliteSession& session, const Checkpoint& checkpoint, std::int64_t number) {
    SqliteStatement insert(session,
                           "INSERT INTO main._migrate_checkpoint (migration, table_name, chunk, kind, first, "
                           "last, partition, row_estimate, row_count, rejects, digest, nulled, filtered) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
        .bind(11, to_string(checkpoint.digest))
        .bind(12, as_integer(checkpoint.nulled))
        .bind(13, as_integer(checkpoint.filtered));
    insert.run();
}

namespace {

constexpr const char* k_checkpoint_columns =
    "SELECT kind, first, last, row_estimate, row_count, rejects, digest, nulled, filtered, chunk, partition, "
    "table_name FROM main._migrate_checkpoint WHERE migration=?1";

/// Of a statement that begins with k_checkpoint_columns.
Checkpoint checkpoint_at(const SqliteStatement& row, const std::string& migration,
                         const QualifiedName& table) {
    Checkpoint checkpoint;
    checkpoint.migration = migration;
    checkpoint.table = table;
    checkpoint.chunk.kind = static_cast<ChunkKind>(row.integer(0));
    checkpoint.chunk.index = static_cast<std::uint32_t>(row.integer(9));
    checkpoint.chunk.first = row.integer(1);
    checkpoint.chunk.last = row.integer(2);
    checkpoint.chunk.partition = std::string(row.text(10));
    checkpoint.chunk.row_estimate = as_count(row.integer(3));
    checkpoint.rows = as_count(row.integer(4));
    checkpoint.rejects = as_count(row.integer(5));
    checkpoint.digest = parse_digest(std::string(row.text(6)));
    checkpoint.nulled = as_count(row.integer(7));
    checkpoint.filtered = as_count(row.integer(8));
    return checkpoint;
}

}  // namespace

std::optional<Checkpoint> read_checkpoint(const SqliteSession& session, const std::string& migration,
                                          const QualifiedName& table, const Chunk& chunk) {
    SqliteStatement find(
        session, std::string(k_checkpoint_columns) + " AND table_name=?2 AND partition=?3 AND chunk=?4");
    find.bind(1, migration)
        .bind(2, table.name)
        .bind(3, chunk.partition)
        .bind(4, static_cast<std::int64_t>(chunk.index));
    return find.step() ? std::optional(checkpoint_at(find, migration, table)) : std::nullopt;
}

void read_checkpoints(const SqliteSession& session, const backend::TargetPlan& plan,
                      backend::Resumption& out) {
    SqliteStatement list(session, k_checkpoint_columns);
    list.bind(1, plan.migration);
    const auto& tables = plan.schema.tables;
    while (list.step()) {
        const auto table = std::find_if(tables.begin(), tables.end(),
                                        [&](const Table& one) { return one.name.name == list.text(11); });
        if (table == tables.end()) {
            throw Error(ErrorCode::corrupt, "what is staged of migration " + plan.migration +
                                                " has a table that its plan does not have");
        }
        Checkpoint checkpoint = checkpoint_at(list, plan.migration, table->name);
        if (list.integer(9) != backend::k_removed_chunk) {
            out.checkpoints.push_back(std::move(checkpoint));
            continue;
        }
        backend::RemovedRows removed;
        removed.table = static_cast<std::size_t>(table - tables.begin());
        removed.rows = checkpoint.rejects;
        removed.digest.subtract(checkpoint.digest);
        out.removed.push_back(std::move(removed));
    }
}

void insert_dead_letter(const SqliteSession& session, const std::string& migration,
                        const QualifiedName& table, std::int64_t chunk, const RejectedRow& row) {
    SqliteStatement insert(session,
                           "INSERT OR REPLACE INTO main._migrate_dead_letter (migration, table_name, chunk, "
                           "ordinal, row_key, column_name, reason, row_json, kept) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                           k_recording);
    insert.bind(1, migration)
        .bind(2, table.name)
        .bind(3, chunk)
        .bind(4, as_integer(row.ordinal))
        .bind(5, row.key)
        .bind(6, row.column)
        .bind(7, row.reason)
        .bind(8, row.row)
        .bind(9, static_cast<std::int64_t>(row.kept));
    insert.run();
}

namespace {

constexpr const char* k_dead_letter_columns =
    "SELECT table_name, chunk, ordinal, row_key, column_name, reason, row_json, ";

/// Of a statement that begins with k_dead_letter_columns, and then `kept`.
DeadLetter dead_letter_at(const SqliteStatement& row) {
    return {std::string(row.text(0)), row.integer(1),           as_count(row.integer(2)),
            std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5)),
            std::string(row.text(6)), row.integer(7) != 0};
}

}  // namespace

bool read_dead_letters(const SqliteSession& session, const std::string& migration,
                       const std::function<void(const DeadLetter&)>& take) {
    if (!has_table(session, "_migrate_dead_letter")) {
        return false;
    }
    const std::string kept = has_column(session, "_migrate_dead_letter", "kept") ? "kept" : "0";
    SqliteStatement list(session, k_dead_letter_columns + kept +
                                      " FROM main._migrate_dead_letter WHERE migration=?1 ORDER BY "
                                      "table_name, chunk, ordinal");
    list.bind(1, migration);
    while (list.step()) {
        take(dead_letter_at(list));
    }
    return true;
}

std::vector<DeadLetter> read_dead_letters(const SqliteSession& session, const std::string& migration,
                                          const std::string& table,
                                          const std::optional<backend::LetterRetry::Place>& after,
                                          std::size_t most) {
    SqliteStatement list(session, std::string(k_dead_letter_columns) +
                                      "kept FROM main._migrate_dead_letter WHERE migration=?1 AND "
                                      "table_name=?2 AND (chunk, ordinal) > (?3, ?4) ORDER BY chunk, ordinal "
                                      "LIMIT ?5");
    list.bind(1, migration)
        .bind(2, table)
        .bind(3, after ? after->chunk : std::numeric_limits<std::int64_t>::min())
        .bind(4, after ? as_integer(after->ordinal) : -1)
        .bind(5, as_integer(most));
    std::vector<DeadLetter> letters;
    while (list.step()) {
        letters.push_back(dead_letter_at(list));
    }
    return letters;
}

void delete_dead_letter(const SqliteSession& session, const std::string& migration, const std::string& table,
                        const DeadLetter& letter) {
    SqliteStatement remove(session,
                           "DELETE FROM main._migrate_dead_letter WHERE migration=?1 AND table_name=?2 AND "
                           "chunk=?3 AND ordinal=?4",
                           k_recording);
    remove.bind(1, migration).bind(2, table).bind(3, letter.chunk).bind(4, as_integer(letter.ordinal));
    remove.run();
}

void update_dead_letter(const SqliteSession& session, const std::string& migration, const std::string& table,
                        const DeadLetter& letter) {
    SqliteStatement update(session,
                           "UPDATE main._migrate_dead_letter SET column_name=?5, reason=?6 WHERE "
                           "migration=?1 AND table_name=?2 AND chunk=?3 AND ordinal=?4",
                           k_recording);
    update.bind(1, migration)
        .bind(2, table)
        .bind(3, letter.chunk)
        .bind(4, as_integer(letter.ordinal))
        .bind(5, letter.column)
        .bind(6, letter.reason);
    update.run();
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
