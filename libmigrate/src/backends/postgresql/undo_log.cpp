#include "backends/postgresql/undo_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/attempt.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/undo.sql.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql::undo {
namespace {

Placement placement_of(std::string_view text) {
    return text == "load" ? Placement::load : text == "replace" ? Placement::replace : Placement::create;
}

std::vector<std::string> kept_schemas(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ ('^_migrate_kept_' || $1 || "
        "'(_[0-9]+)?$') ORDER BY nspname",
        {migration}, "looking for what was kept");
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        names.push_back(rows.text(row, 0));
    }
    return names;
}

}  // namespace

std::string kept_schema(const std::string& migration) {
    return "_migrate_kept_" + migration;
}

std::string kept_schema(const std::string& migration, std::size_t destination) {
    return fmt::format("_migrate_kept_{}_{}", migration, destination);
}

QualifiedName old_rows(const std::string& migration, int ordinal) {
    return {kept_schema(migration), fmt::format("old_{}", ordinal)};
}

QualifiedName new_rows(const std::string& migration, int ordinal) {
    return {kept_schema(migration), fmt::format("new_{}", ordinal)};
}

namespace {

/// Without the server's own counters nothing tells what triggers and cascades have written to.
void require_counters(session::PostgresqlSession& session) {
    const auto on = [&] {
        return session
            .query("SELECT pg_catalog.current_setting('track_counts')::pg_catalog.bool",
                   "asking for the server's counters")
            .boolean(0, 0);
    };
    if (on()) {
        return;
    }
    const auto refused = attempt(session, "SET LOCAL track_counts = on", "the server's counters");
    if (refused || !on()) {
        ErrorFacts facts{.code = ErrorCode::refused, .backend = "postgresql"};
        facts.next_step = "Have track_counts set on for the role or the database, and try again.";
        throw Error(facts,
                    "PostgreSQL: track_counts is off, so it cannot be told which tables triggers or cascades "
                    "change; nothing was changed.");
    }
}

}  // namespace

std::map<QualifiedName, std::int64_t> rows_written(session::PostgresqlSession& session) {
    require_counters(session);
    const auto rows = session.query(
        "SELECT schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del FROM "
        "pg_catalog.pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname !~ "
        "'^(_migrate$|_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$)'",
        "looking for what was written to");
    std::map<QualifiedName, std::int64_t> written;
    for (int row = 0; row < rows.size(); ++row) {
        written[{rows.text(row, 0), rows.text(row, 1)}] = rows.integer(row, 2);
    }
    return written;
}

std::vector<QualifiedName> ancestors_of(session::PostgresqlSession& session, const QualifiedName& table) {
    const auto rows = session.query(
        "WITH RECURSIVE up (oid) AS (SELECT inhparent FROM pg_catalog.pg_inherits WHERE inhrelid = "
        "$1::pg_catalog.regclass UNION SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON "
        "i.inhrelid = up.oid) SELECT n.nspname, c.relname FROM up JOIN pg_catalog.pg_class c ON c.oid = "
        "up.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
        {quote_name(table)}, "looking what a table is a part of");
    std::vector<QualifiedName> found;
    for (int row = 0; row < rows.size(); ++row) {
        found.push_back({rows.text(row, 0), rows.text(row, 1)});
    }
    return found;
}

void create_tables(session::PostgresqlSession& session) {
    session.execute(state::find_place(session).sql(sql::undo), "creating the undo log");
}

namespace {

bool has_table(session::PostgresqlSession& session, const char* name) {
    const auto place = state::known_place(session);
    return place && session
                        .query(place->sql(fmt::format(
                                   "SELECT pg_catalog.to_regclass('_migrate.{}') IS NOT NULL", name)),
                               "looking for the undo log")
                        .boolean(0, 0);
}

}  // namespace

bool exists(session::PostgresqlSession& session) {
    return has_table(session, "undo_table");
}

void add_table(session::PostgresqlSession& session, const std::string& migration, const LoggedTable& table) {
    const state::Place place = state::find_place(session);
    session.query(place.sql("INSERT INTO _migrate.undo_table VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON "
                            "CONFLICT (migration, ordinal) DO UPDATE SET rows_before = $6, digest_before = "
                            "$7, rows_after = $8, digest_after = $9"),
                  {migration, std::to_string(table.ordinal), table.name.schema, table.name.name,
                   std::string(to_string(table.placement)), std::to_string(table.before.rows),
                   table.before.digest, std::to_string(table.after.rows), table.after.digest},
                  "writing the undo log");
    for (const backend::StoredColumn& column : table.columns) {
        session.query(place.sql("INSERT INTO _migrate.undo_column VALUES ($1, $2, $3, $4, $5, $6)"),
                      {migration, std::to_string(table.ordinal), std::to_string(column.position), column.name,
                       column.type, column.generated},
                      "writing the undo log");
    }
}

void add_step(session::PostgresqlSession& session, const std::string& migration,
              const std::string& statement) {
    session.query(
        state::find_place(session).sql("INSERT INTO _migrate.undo_step SELECT $1, count(*), $2 FROM "
                                       "_migrate.undo_step WHERE migration = $1"),
        {migration, statement}, "writing the undo log");
}

namespace {

/// Of tables by their ordinals; none of a migration of an earlier version.
std::map<int, std::vector<backend::StoredColumn>> logged_columns(session::PostgresqlSession& session,
                                                                 const std::string& migration) {
    std::map<int, std::vector<backend::StoredColumn>> found;
    if (!has_table(session, "undo_column")) {
        return found;
    }
    const auto rows = session.query(
        state::find_place(session).sql("SELECT ordinal, position, name, type, generated FROM "
                                       "_migrate.undo_column WHERE migration = $1 ORDER BY 1, 2"),
        {migration}, "reading the undo log");
    for (int row = 0; row < rows.size(); ++row) {
        found[static_cast<int>(rows.integer(row, 0))].push_back(
            {rows.integer(row, 1), rows.text(row, 2), rows.text(row, 3), rows.text(row, 4)});
    }
    return found;
}

}  // namespace

std::vector<LoggedTable> tables(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        state::find_place(session).sql(
            "SELECT ordinal, table_schema, table_name, placement, rows_before, digest_before, rows_after, "
            "digest_after FROM _migrate.undo_table WHERE migration = $1 ORDER BY ordinal"),
        {migration}, "reading the undo log");
    auto columns = logged_columns(session, migration);
    std::vector<LoggedTable> found;
    found.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        const int ordinal = static_cast<int>(rows.integer(row, 0));
        found.push_back({ordinal,
                         {rows.text(row, 1), rows.text(row, 2)},
                         placement_of(rows.view(row, 3)),
                         {rows.integer(row, 4), rows.text(row, 5)},
                         {rows.integer(row, 6), rows.text(row, 7)},
                         std::move(columns[ordinal])});
    }
    return found;
}

std::string column_changes(session::PostgresqlSession& session, const LoggedTable& table) {
    return table.columns.empty()
               ? std::string()
               : backend::column_changes(table.columns, stored_columns(session, table.name));
}

std::vector<std::string> steps(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows =
        session.query(state::find_place(session).sql(
                          "SELECT statement FROM _migrate.undo_step WHERE migration = $1 ORDER BY ordinal"),
                      {migration}, "reading the undo log");
    std::vector<std::string> found;
    found.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        found.push_back(rows.text(row, 0));
    }
    return found;
}

namespace {

/// One statement reads the positions of so many.
constexpr int k_sequences_at_a_time = 200;

void insert_sequence(session::PostgresqlSession& session, const std::string& migration,
                     const std::string& name, const SequencePosition& before) {
    session.query(state::find_place(session).sql("INSERT INTO _migrate.undo_sequence VALUES ($1, $2, $3, $4) "
                                                 "ON CONFLICT DO NOTHING"),
                  {migration, name, before.last, before.called}, "writing the undo log");
}

/// True where a number was taken of it, or set, in this session: only then the server knows one. Its error
/// says that a session is at fault, and would count as one that passes.
bool was_used_here(session::PostgresqlSession& session, const std::string& name) {
    session.execute("SAVEPOINT sequence", "asking for the number of " + name);
    try {
        session.query("SELECT pg_catalog.currval($1::pg_catalog.regclass)", {name},
                      "asking for the number of " + name);
    } catch (const Error& error) {
        if (!session.alive() || error.code() == ErrorCode::cancelled) {
            throw;
        }
        session.execute("ROLLBACK TO SAVEPOINT sequence; RELEASE SAVEPOINT sequence",
                        "asking for the number of " + name);
        return false;
    }
    session.execute("RELEASE SAVEPOINT sequence", "asking for the number of " + name);
    return true;
}

/// What setval() sets is not taken back with a transaction. After a restart, which is, the sequence has a
/// file of its own to set it in, and others wait for its end. Only an owner may restart it.
void put_back(session::PostgresqlSession& session, const std::string& name, const SequencePosition& before) {
    attempt(session, "ALTER SEQUENCE " + name + " RESTART", "the old position of " + name);
    session.query("SELECT pg_catalog.setval($1::pg_catalog.regclass, $2, $3)",
                  {name, before.last, before.called}, "putting back " + name);
}

}  // namespace

SequencePositions sequence_positions(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) FROM "
        "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
        "c.relpersistence <> 't' AND n.nspname !~ '^_migrate_' AND c.relname !~ '^_migrate_' AND CASE WHEN "
        "c.relkind = 'S' THEN pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND "
        "pg_catalog.has_sequence_privilege(c.oid, 'SELECT') ELSE false END",
        "looking for sequences");
    SequencePositions positions;
    for (int first = 0; first < rows.size(); first += k_sequences_at_a_time) {
        std::string sql;
        for (int row = first; row < std::min(rows.size(), first + k_sequences_at_a_time); ++row) {
            sql += fmt::format("{}SELECT {}::pg_catalog.text, last_value, is_called FROM {}",
                               sql.empty() ? "" : " UNION ALL ", quote_literal(rows.text(row, 0)),
                               rows.text(row, 0));
        }
        const auto found = session.query(sql, "reading sequences");
        for (int row = 0; row < found.size(); ++row) {
            positions[found.text(row, 0)] = {found.text(row, 1), found.text(row, 2)};
        }
    }
    return positions;
}

void note_sequences(session::PostgresqlSession& session, const std::string& migration,
                    const QualifiedName& table, const SequencePositions& before) {
    const auto rows = session.query(
        "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.relname) FROM "
        "pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace WHERE s.relkind = "
        "'S' AND s.oid IN (SELECT d.objid FROM pg_catalog.pg_depend d WHERE d.classid = "
        "'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid AND d.refobjid = "
        "$1::pg_catalog.regclass AND d.deptype IN ('a', 'i') UNION ALL SELECT d.refobjid FROM "
        "pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d ON d.classid = "
        "'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid AND d.refclassid = "
        "'pg_catalog.pg_class'::pg_catalog.regclass WHERE f.adrelid = $1::pg_catalog.regclass)",
        {quote_name(table)}, "looking for the sequences of " + table.display());
    for (int row = 0; row < rows.size(); ++row) {
        if (const auto found = before.find(rows.text(row, 0)); found != before.end()) {
            insert_sequence(session, migration, found->first, found->second);
        }
    }
}

void note_used_sequences(session::PostgresqlSession& session, const std::string& migration,
                         const SequencePositions& before) {
    for (const auto& [name, position] : sequence_positions(session)) {
        const auto was = before.find(name);
        if (was != before.end() && !(was->second == position) && was_used_here(session, name)) {
            insert_sequence(session, migration, name, was->second);
        }
    }
}

void close_sequences(session::PostgresqlSession& session, const std::string& migration) {
    const state::Place place = state::find_place(session);
    const auto rows =
        session.query(place.sql("SELECT sequence FROM _migrate.undo_sequence WHERE migration = $1"),
                      {migration}, "reading the undo log");
    for (int row = 0; row < rows.size(); ++row) {
        // UPDATE … FROM would lock the sequence's row, which a sequence does not allow.
        const auto now = session.query("SELECT last_value, is_called FROM " + rows.text(row, 0),
                                       "reading " + rows.text(row, 0));
        session.query(place.sql("UPDATE _migrate.undo_sequence SET last_after = $3, called_after = $4 WHERE "
                                "migration = $1 AND sequence = $2"),
                      {migration, rows.text(row, 0), now.text(0, 0), now.text(0, 1)}, "writing the undo log");
    }
}

std::vector<std::string> restore_sequences(session::PostgresqlSession& session,
                                           const std::string& migration) {
    const auto rows = session.query(
        state::find_place(session).sql("SELECT sequence, last_before, called_before, last_after, "
                                       "called_after FROM _migrate.undo_sequence WHERE migration = $1"),
        {migration}, "reading the undo log");
    std::vector<std::string> used;
    for (int row = 0; row < rows.size(); ++row) {
        const std::string name = rows.text(row, 0);
        const auto now = session.query("SELECT last_value, is_called FROM " + name, "reading " + name);
        if (now.text(0, 0) != rows.text(row, 3) || now.text(0, 1) != rows.text(row, 4)) {
            used.push_back(name);
            continue;
        }
        put_back(session, name, {rows.text(row, 1), rows.text(row, 2)});
    }
    return used;
}

std::uint64_t drop(session::PostgresqlSession& session, const std::string& migration) {
    std::uint64_t freed = 0;
    for (const std::string& schema : kept_schemas(session, migration)) {
        const auto rows = session.query(
            "SELECT pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident(relname), "
            "pg_catalog.pg_total_relation_size(oid) FROM pg_catalog.pg_class WHERE relnamespace = (SELECT "
            "oid "
            "FROM pg_catalog.pg_namespace WHERE nspname = $1) AND relkind IN ('r', 'p')",
            {schema}, "looking for what was kept");
        std::string names;
        for (int row = 0; row < rows.size(); ++row) {
            names += (names.empty() ? "" : ", ") + rows.text(row, 0);
            freed += static_cast<std::uint64_t>(rows.integer(row, 1));
        }
        if (!names.empty()) {
            session.execute("DROP TABLE " + names + " RESTRICT", "dropping what was kept");
        }
        session.execute("DROP SCHEMA " + quote_identifier(schema) + " RESTRICT", "dropping what was kept");
    }
    for (const char* table : {"undo_table", "undo_step", "undo_sequence", "undo_column", "undo_thing"}) {
        if (has_table(session, table)) {
            session.query(state::find_place(session).sql(
                              fmt::format("DELETE FROM _migrate.{} WHERE migration = $1", table)),
                          {migration}, "dropping the undo log");
        }
    }
    return freed;
}

}  // namespace migrate::backends::postgresql::undo
