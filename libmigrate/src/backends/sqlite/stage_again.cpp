// How a migration that is done gets its staging back: what it shows is copied the other way round.

#include <migrate/error.hpp>

#include "backends/sqlite/backup.hpp"
#include "backends/sqlite/definition.hpp"
#include "backends/sqlite/rollback.hpp"
#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "backends/sqlite/writer.hpp"
#include "session/sqlite_statement.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

bool is_shown(const SqliteSession& session, const std::string& type, const std::string& name) {
    SqliteStatement find(session, "SELECT 1 FROM shown.sqlite_schema WHERE type=?1 AND name=?2");
    return find.bind(1, type).bind(2, name).step();
}

void copy_rows(const SqliteSession& session, const Table& table) {
    std::string names;
    for (const Column* column : copied_columns(table)) {
        names += (names.empty() ? "" : ", ") + quote_identifier(column->name);
    }
    const std::string name = quote_identifier(table.name.name);
    session.execute(
        "INSERT OR ABORT INTO main." + name + " (" + names + ") SELECT " + names + " FROM shown." + name,
        "stage table " + table.name.display() + " again in");
}

/// Of what is not shown it has been said that it could not be made.
void build_again(const SqliteSession& session, const Schema& schema) {
    for (const Table& table : schema.tables) {
        for (const Index& index : table.indexes) {
            if (is_shown(session, "index", index.name)) {
                execute_definition(session, "index", index.native_sql,
                                   "build index " + index.name + " again in");
            }
        }
    }
    for (const SchemaObject& object : schema.objects) {
        if (is_shown(session, object.kind, object.name.name)) {
            execute_definition(session, object.kind, object.native_sql,
                               "create " + object.kind + " again in");
        }
    }
}

void copy_records(const SqliteSession& session, const std::string& migration) {
    for (const char* table : {"_migrate_migration", "_migrate_checkpoint", "_migrate_dead_letter"}) {
        std::string columns;
        {
            SqliteStatement list(session, "SELECT name FROM pragma_table_info(?1, 'shown')");
            list.bind(1, table);
            while (list.step()) {
                columns += (columns.empty() ? "" : ", ") + quote_identifier(std::string(list.text(0)));
            }
        }
        const std::string key = std::string(table) == "_migrate_migration" ? "id" : "migration";
        SqliteStatement remove(session, std::string("DELETE FROM main.") + table, "stage again in");
        remove.run();
        SqliteStatement copy(session,
                             std::string("INSERT INTO main.") + table + " (" + columns + ") SELECT " +
                                 columns + " FROM shown." + table + " WHERE " + key + "=?1",
                             "stage again in");
        copy.bind(1, migration).run();
    }
    set_migration_state(session, migration, "ready");
}

}  // namespace

void stage_again(const std::string& path, const backend::TargetPlan& plan, unsigned busy_timeout_ms) {
    const std::string staging = staging_path(path, plan.migration);
    const std::string encoding = SqliteSession::open(path, SqliteSession::Access::read, busy_timeout_ms)
                                     .query_text("PRAGMA main.encoding");
    create_staging(staging, plan, encoding);
    try {
        const SqliteSession session = open_staging_session(staging, 0);
        SqliteStatement attach(session, "ATTACH ?1 AS shown", "read what is shown for");
        attach.bind(1, path);
        attach.run();
        session.execute("BEGIN", "stage again in");
        for (const Table& table : plan.schema.tables) {
            copy_rows(session, table);
        }
        copy_records(session, plan.migration);
        build_again(session, plan.schema);
        session.execute("COMMIT", "stage again in");
    } catch (...) {
        remove_staging(staging);
        throw;
    }
    make_durable(staging);
    util::pass_kill_point("rollback-staged");
}

}  // namespace migrate::backends::sqlite
