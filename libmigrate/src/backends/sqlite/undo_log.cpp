#include "backends/sqlite/undo_log.hpp"

#include <string_view>

#include <sqlite3.h>

#include "backends/sqlite/sql/undo_tables.sql.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/stored_row.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite::undo {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_recording = "write the undo log of";

Placement placement_of(std::string_view text) {
    return text == "load" ? Placement::load : text == "replace" ? Placement::replace : Placement::create;
}

void bind_optional(SqliteStatement& statement, int parameter, const std::optional<std::int64_t>& value) {
    if (value) {
        statement.bind(parameter, *value);
    } else {
        statement.bind_null(parameter);
    }
}

}  // namespace

Digest digest_of(const SqliteSession& session, const std::string& table) {
    SqliteStatement rows(session, "SELECT * FROM main." + quote_identifier(table), "digest a table of");
    const int columns = sqlite3_column_count(rows.handle());
    Digest digest;
    StoredRow row;
    while (rows.step()) {
        const session::SqliteHold hold(sqlite3_db_handle(rows.handle()));
        for (int column = 0; column < columns; ++column) {
            row.add(read_stored(rows.handle(), column));
        }
        row.finish(digest);
    }
    return digest;
}

std::vector<backend::StoredColumn> columns_of(const SqliteSession& session, const std::string& table) {
    SqliteStatement list(session, "SELECT cid, name, type, hidden FROM pragma_table_xinfo(?1, 'main')");
    list.bind(1, table);
    std::vector<backend::StoredColumn> columns;
    while (list.step()) {
        const std::int64_t hidden = list.integer(3);
        columns.push_back({list.integer(0), std::string(list.text(1)), std::string(list.text(2)),
                           hidden == 2   ? "virtual"
                           : hidden == 3 ? "stored"
                                         : ""});
    }
    return columns;
}

std::optional<std::int64_t> sequence_of(const SqliteSession& session, const std::string& table) {
    if (!has_table(session, "sqlite_sequence")) {
        return std::nullopt;
    }
    SqliteStatement find(session, "SELECT seq FROM main.sqlite_sequence WHERE name=?1");
    find.bind(1, table);
    return find.step() ? std::optional(find.integer(0)) : std::nullopt;
}

void set_sequence_to(const SqliteSession& session, const std::string& table,
                     std::optional<std::int64_t> value) {
    if (!has_table(session, "sqlite_sequence")) {
        return;
    }
    SqliteStatement clear(session, "DELETE FROM main.sqlite_sequence WHERE name=?1", k_recording);
    clear.bind(1, table);
    clear.run();
    if (value) {
        SqliteStatement set(session, "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)",
                            k_recording);
        set.bind(1, table).bind(2, *value);
        set.run();
    }
}

std::string old_rows(const std::string& migration, std::int64_t ordinal) {
    return "_migrate_undo_" + migration + "_old_" + std::to_string(ordinal);
}

std::string new_rows(const std::string& migration, std::int64_t ordinal) {
    return "_migrate_undo_" + migration + "_new_" + std::to_string(ordinal);
}

std::string orphans(const std::string& migration) {
    return "_migrate_undo_" + migration + "_orphans";
}

std::string kept_name(const std::string& migration, std::size_t index) {
    return "_migrate_kept_" + migration + "_" + std::to_string(index);
}

void create_tables(const SqliteSession& session) {
    session.execute(std::string(sql::undo_tables), k_recording);
}

void add_table(const SqliteSession& session, const std::string& migration, const LoggedTable& table) {
    SqliteStatement insert(
        session, "INSERT OR REPLACE INTO main._migrate_undo_table VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        k_recording);
    insert.bind(1, migration)
        .bind(2, table.ordinal)
        .bind(3, table.name)
        .bind(4, to_string(table.placement))
        .bind(5, to_string(table.before))
        .bind(6, to_string(table.after));
    bind_optional(insert, 7, table.sequence_before);
    bind_optional(insert, 8, table.sequence_after);
    insert.run();
    for (const backend::StoredColumn& column : table.columns) {
        SqliteStatement add(session, "INSERT INTO main._migrate_undo_column VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                            k_recording);
        add.bind(1, migration)
            .bind(2, table.ordinal)
            .bind(3, column.position)
            .bind(4, column.name)
            .bind(5, column.type)
            .bind(6, column.generated);
        add.run();
    }
}

std::optional<Digest> verified_digest(const SqliteSession& session, const std::string& schema,
                                      const std::string& migration, const std::string& table) {
    SqliteStatement known(session, "SELECT 1 FROM " + schema +
                                       ".sqlite_schema WHERE type='table' AND name='_migrate_undo_table'");
    if (!known.step()) {
        return std::nullopt;
    }
    SqliteStatement find(session, "SELECT digest_after FROM " + schema +
                                      "._migrate_undo_table WHERE migration=?1 AND table_name=?2");
    find.bind(1, migration).bind(2, table);
    return find.step() ? std::optional(parse_digest(std::string(find.text(0)))) : std::nullopt;
}

void add_step(const SqliteSession& session, const std::string& migration, const std::string& statement) {
    SqliteStatement insert(session,
                           "INSERT INTO main._migrate_undo_step SELECT ?1, count(*), ?2 FROM "
                           "main._migrate_undo_step WHERE migration=?1",
                           k_recording);
    insert.bind(1, migration).bind(2, statement);
    insert.run();
}

namespace {

void read_columns(const SqliteSession& session, const std::string& migration, LoggedTable& table) {
    SqliteStatement list(session,
                         "SELECT position, name, type, generated FROM main._migrate_undo_column WHERE "
                         "migration=?1 AND ordinal=?2 ORDER BY position");
    list.bind(1, migration).bind(2, table.ordinal);
    while (list.step()) {
        table.columns.push_back({list.integer(0), std::string(list.text(1)), std::string(list.text(2)),
                                 std::string(list.text(3))});
    }
}

}  // namespace

std::vector<LoggedTable> tables(const SqliteSession& session, const std::string& migration) {
    std::vector<LoggedTable> found;
    if (!has_table(session, "_migrate_undo_table")) {
        return found;
    }
    SqliteStatement list(session,
                         "SELECT ordinal, table_name, placement, digest_before, digest_after, "
                         "sequence_before, sequence_after FROM main._migrate_undo_table WHERE migration=?1 "
                         "ORDER BY ordinal");
    list.bind(1, migration);
    while (list.step()) {
        LoggedTable table;
        table.ordinal = list.integer(0);
        table.name = list.text(1);
        table.placement = placement_of(list.text(2));
        table.before = parse_digest(std::string(list.text(3)));
        table.after = parse_digest(std::string(list.text(4)));
        if (!list.is_null(5)) {
            table.sequence_before = list.integer(5);
        }
        if (!list.is_null(6)) {
            table.sequence_after = list.integer(6);
        }
        found.push_back(std::move(table));
    }
    if (has_table(session, "_migrate_undo_column")) {
        for (LoggedTable& table : found) {
            read_columns(session, migration, table);
        }
    }
    return found;
}

std::string column_changes(const SqliteSession& session, const LoggedTable& table) {
    return table.columns.empty() ? std::string()
                                 : backend::column_changes(table.columns, columns_of(session, table.name));
}

std::vector<std::string> steps(const SqliteSession& session, const std::string& migration) {
    SqliteStatement list(session,
                         "SELECT statement FROM main._migrate_undo_step WHERE migration=?1 ORDER BY ordinal");
    list.bind(1, migration);
    std::vector<std::string> found;
    while (list.step()) {
        found.emplace_back(list.text(0));
    }
    return found;
}

void clear_steps(const SqliteSession& session, const std::string& migration) {
    for (const char* table : {"_migrate_undo_step", "_migrate_undo_column"}) {
        SqliteStatement clear(session, std::string("DELETE FROM main.") + table + " WHERE migration=?1",
                              k_recording);
        clear.bind(1, migration);
        clear.run();
    }
}

void drop(const SqliteSession& session, const std::string& migration) {
    std::vector<std::string> kept;
    {
        SqliteStatement list(session,
                             "SELECT name FROM main.sqlite_schema WHERE type='table' AND (substr(name, 1, "
                             "length(?1))=?1 OR substr(name, 1, length(?2))=?2)");
        list.bind(1, "_migrate_undo_" + migration + "_").bind(2, "_migrate_kept_" + migration + "_");
        while (list.step()) {
            kept.emplace_back(list.text(0));
        }
    }
    for (const std::string& name : kept) {
        session.execute("DROP TABLE main." + quote_identifier(name), "drop what was kept in");
    }
    for (const char* table :
         {"_migrate_undo_table", "_migrate_undo_step", "_migrate_undo_column", "_migrate_undo_thing"}) {
        if (has_table(session, table)) {
            SqliteStatement clear(session, std::string("DELETE FROM main.") + table + " WHERE migration=?1",
                                  "drop what was kept in");
            clear.bind(1, migration);
            clear.run();
        }
    }
}

}  // namespace migrate::backends::sqlite::undo
