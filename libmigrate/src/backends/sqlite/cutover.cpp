#include "backends/sqlite/cutover.hpp"

#include <algorithm>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/after_cutover.hpp"
#include "backend/merge_policy.hpp"
#include "backends/sqlite/backup.hpp"
#include "backends/sqlite/catalog_constraints.hpp"
#include "backends/sqlite/definition.hpp"
#include "backends/sqlite/existing.hpp"
#include "backends/sqlite/integrity.hpp"
#include "backends/sqlite/merge.hpp"
#include "backends/sqlite/orphan_set.hpp"
#include "backends/sqlite/preflight.hpp"
#include "backends/sqlite/replace.hpp"
#include "backends/sqlite/rollback.hpp"
#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/things.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "backends/sqlite/writer.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "session/sqlite_statement.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::uint64_t k_cutover_cache_bytes = 32ULL * 1024 * 1024;

const Column* identity_column(const Table& table) {
    for (const Column& column : table.columns) {
        if (column.identity && column.identity->kind == IdentityValue::Kind::autoincrement) {
            return &column;
        }
    }
    return nullptr;
}

void copy_rows(const SqliteSession& session, const Table& table) {
    std::string names;
    for (const Column* column : copied_columns(table)) {
        names += (names.empty() ? "" : ", ") + quote_identifier(column->name);
    }
    const std::string name = quote_identifier(table.name.name);
    // Without generated columns the plain form lets SQLite move whole pages.
    const bool plain = copied_columns(table).size() == table.columns.size();
    session.execute(plain ? "INSERT OR ABORT INTO main." + name + " SELECT * FROM staging." + name
                          : "INSERT OR ABORT INTO main." + name + " (" + names + ") SELECT " + names +
                                " FROM staging." + name,
                    "copy table " + table.name.display() + " into");
    const auto copied = session.query_integer("SELECT count(*) FROM main." + name);
    const auto staged = session.query_integer("SELECT count(*) FROM staging." + name);
    if (copied != staged) {
        throw Error(ErrorCode::internal, "table " + table.name.display() + " has " + std::to_string(copied) +
                                             " rows after the copy, not " + std::to_string(staged));
    }
}

void refuse_existing(const SqliteSession& session, const Schema& schema) {
    SqliteStatement find(session, "SELECT name FROM main.sqlite_schema WHERE name=?1 COLLATE NOCASE");
    for (const Table& table : schema.tables) {
        find.bind(1, table.name.name);
        if (find.step()) {
            ErrorFacts facts;
            facts.code = ErrorCode::exists;
            facts.backend = "sqlite";
            facts.table = table.name.name;
            facts.next_step = "Rename or drop it, or exclude the table from the migration.";
            throw Error(std::move(facts), "the target has a " + table.name.display() +
                                              " by now, which was not there when the migration began");
        }
        find.reset();
    }
}

void copy_state(const SqliteSession& session, const backend::TargetPlan& plan) {
    create_state_tables(session, "record the migration in");
    for (const char* table : {"_migrate_migration", "_migrate_checkpoint", "_migrate_dead_letter"}) {
        session.execute(std::string("INSERT INTO main.") + table + " SELECT * FROM staging." + table,
                        "record the migration in");
    }
    set_migration_state(session, plan.migration, "done");
    undo::create_tables(session);
    write_provenance(session, plan.migration, plan.provenance_json);
}

/// The tables that are new, in new places or others' places, with their rows, indexes, views and triggers.
void copy_made(const SqliteSession& session, const Schema& schema) {
    refuse_existing(session, schema);
    for (const Table& table : schema.tables) {
        execute_definition(session, "table", table.native_sql,
                           "create table " + table.name.display() + " in");
    }
    for (const Table& table : schema.tables) {
        copy_rows(session, table);
    }
    SqliteStatement built(session, "SELECT 1 FROM staging.sqlite_schema WHERE type='index' AND name=?1");
    for (const Table& table : schema.tables) {
        for (const Index& index : table.indexes) {
            // What could not be built in staging is named there already.
            if (built.bind(1, index.name).step()) {
                execute_definition(session, "index", index.native_sql, "build index " + index.name + " in");
            }
            built.reset();
        }
        set_sequence(session, table);
    }
    SqliteStatement there(session, "SELECT 1 FROM staging.sqlite_schema WHERE type=?1 AND name=?2");
    for (const SchemaObject& object : schema.objects) {
        if (there.bind(1, object.kind).bind(2, object.name.name).step()) {
            execute_definition(session, object.kind, object.native_sql,
                               "create " + object.kind + " " + object.name.display() + " in");
        }
        there.reset();
    }
}

Schema made_anew(Schema schema) {
    std::erase_if(schema.tables, [](const Table& table) { return table.placement == Placement::load; });
    return schema;
}

Shown copy_everything(const SqliteSession& session, const backend::TargetPlan& plan) {
    Shown shown;
    refuse_changes(session, plan.schema);
    const backend::Things before = undo::things_of(session);
    copy_state(session, plan);
    const OrphanSet orphans(session);
    orphans.keep_as(undo::orphans(plan.migration));
    if (backend::loads_any(plan.schema)) {
        Merge merge(session, plan);
        merge.run(orphans);
        shown.merged = merge.merged();
        shown.findings = std::move(merge.findings());
    }
    Replacement replacement(session, plan);
    replacement.step_aside();
    const Schema made = made_anew(plan.schema);
    copy_made(session, made);
    replacement.connect();
    log_created(session, plan, false);
    replacement.log();
    undo::record_things(session, plan.migration, before);
    return shown;
}

std::string wanted_journal_mode(const Schema& schema) {
    const auto found = schema.properties.find("journal_mode");
    return found != schema.properties.end() && found->second == "wal" ? "WAL" : "DELETE";
}

[[noreturn]] void throw_transient(const Error& cause) {
    ErrorFacts facts = cause.facts();
    facts.code = ErrorCode::transient;
    throw Error(std::move(facts), cause.what());
}

}  // namespace

void set_sequence(const SqliteSession& session, const Table& table) {
    const Column* column = identity_column(table);
    if (column == nullptr) {
        return;
    }
    std::int64_t last = session.query_integer("SELECT coalesce(max(" + quote_identifier(column->name) +
                                              "), 0) FROM main." + quote_identifier(table.name.name));
    if (column->identity->next && *column->identity->next > 0) {
        const bool exhausted = column->properties.contains(k_exhausted);
        last = std::max(last, *column->identity->next - (exhausted ? 0 : 1));
    }
    SqliteStatement clear(session, "DELETE FROM main.sqlite_sequence WHERE name=?1", "set the sequence in");
    clear.bind(1, table.name.name);
    clear.run();
    const bool has_rows = session.query_integer("SELECT EXISTS (SELECT 1 FROM main." +
                                                quote_identifier(table.name.name) + ")") != 0;
    if (last == 0 && !has_rows) {
        // As SQLite itself leaves it before the first row.
        return;
    }
    SqliteStatement set(session, "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)",
                        "set the sequence in");
    set.bind(1, table.name.name).bind(2, last);
    set.run();
}

void show_new_file(const std::string& staging, const std::string& target, const backend::TargetPlan& plan,
                   const backend::Account& account, bool checked) {
    {
        const SqliteSession session = open_staging_session(staging, k_cutover_cache_bytes);
        if (!checked) {
            require_sound_staging(session, true);
        }
        session.execute("BEGIN IMMEDIATE", "finish");
        require_owner(session, "main", plan);
        set_migration_state(session, plan.migration, "done");
        if (account) {
            set_migration_plan(session, plan.migration, account({}));
        }
        write_provenance(session, plan.migration, plan.provenance_json);
        undo::create_tables(session);
        // Of a cutover that was killed between this and the new name.
        undo::clear_steps(session, plan.migration);
        log_created(session, plan, true);
        session.execute("COMMIT", "finish");
        util::pass_kill_point("cutover-marked");
        session.execute("PRAGMA journal_mode=" + wanted_journal_mode(plan.schema), "finish");
    }
    make_durable(staging);
    refuse_leftovers(target);
    util::pass_kill_point("cutover-rename");
    io::rename_new(staging, target);
    util::pass_kill_point("cutover-renamed");
    backend::settle_name([&] { io::sync_directory(io::parent_of(target)); });
}

Shown copy_into_file(const std::string& staging, const std::string& target, const backend::TargetPlan& plan,
                     const backend::Account& account, unsigned busy_timeout_ms) {
    Shown shown;
    {
        const SqliteSession session =
            SqliteSession::open(target, SqliteSession::Access::write, busy_timeout_ms);
        // Views, triggers and keys of others go by names when a table steps aside, and keep them.
        session.execute("PRAGMA synchronous=FULL; PRAGMA legacy_alter_table=ON", "write to");
        SqliteStatement attach(session, "ATTACH ?1 AS staging", "attach the staging file to");
        attach.bind(1, staging);
        attach.run();
        try {
            session.execute("BEGIN IMMEDIATE", "write to");
        } catch (const Error& error) {
            if (error.code() == ErrorCode::locked) {
                throw_transient(error);
            }
            throw;
        }
        // Whoever takes it over from here on has to wait for this transaction.
        require_owner(session, "staging", plan);
        util::pass_kill_point("cutover-begun");
        shown = copy_everything(session, plan);
        if (account) {
            set_migration_plan(session, plan.migration, account(shown.findings));
        }
        util::pass_kill_point("cutover-commit");
        try {
            session.execute("COMMIT", "commit to");
        } catch (const Error& error) {
            // A reader in rollback-journal mode holds the commit up; nothing has changed.
            if (error.code() == ErrorCode::locked) {
                throw_transient(error);
            }
            throw;
        }
    }
    util::pass_kill_point("cutover-committed");
    try {
        remove_staging(staging);
    } catch (const Error& error) {
        shown.findings.push_back(backend::not_cleared_up(staging, error));
    }
    return shown;
}

}  // namespace migrate::backends::sqlite
