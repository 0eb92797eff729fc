#include "backends/sqlite/things.hpp"

#include <filesystem>

#include "backends/sqlite/state.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite::undo {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

void bind_optional(SqliteStatement& statement, int parameter, const backend::Things& things,
                   const backend::Things::key_type& key) {
    const auto found = things.find(key);
    if (found == things.end()) {
        statement.bind_null(parameter);
    } else {
        statement.bind(parameter, found->second);
    }
}

}  // namespace

backend::Things things_of(const SqliteSession& session) {
    backend::Things things;
    {
        // Names of this library begin with "_migrate_"; what SQLite keeps for itself has no definition.
        SqliteStatement list(session,
                             "SELECT type, name, tbl_name, coalesce(sql, '') FROM main.sqlite_schema WHERE "
                             "substr(tbl_name, 1, 9) <> '_migrate_' AND substr(name, 1, 7) <> 'sqlite_'");
        while (list.step()) {
            things[{backend::k_catalog, std::string(list.text(0)) + " " + std::string(list.text(1))}] =
                std::string(list.text(2)) + " " + std::string(list.text(3));
        }
    }
    for (const char* pragma : {"user_version", "application_id", "encoding"}) {
        things[{backend::k_catalog, pragma}] = session.query_text(std::string("PRAGMA main.") + pragma);
    }
    if (has_table(session, "sqlite_sequence")) {
        SqliteStatement list(
            session, "SELECT name, seq FROM main.sqlite_sequence WHERE substr(name, 1, 9) <> '_migrate_'");
        while (list.step()) {
            things[{backend::k_sequences, std::string(list.text(0))}] = std::string(list.text(1));
        }
    }
    things[{backend::k_privileges, "the file"}] =
        std::to_string(static_cast<unsigned>(std::filesystem::status(session.path()).permissions()));
    return things;
}

void record_things(const SqliteSession& session, const std::string& migration,
                   const backend::Things& before) {
    const backend::Things after = things_of(session);
    backend::Things all = before;
    all.insert(after.begin(), after.end());
    SqliteStatement insert(session,
                           "INSERT OR REPLACE INTO main._migrate_undo_thing VALUES (?1, ?2, ?3, ?4, ?5)",
                           "write the undo log of");
    for (const auto& [key, text] : all) {
        insert.bind(1, migration).bind(2, key.first).bind(3, key.second);
        bind_optional(insert, 4, before, key);
        bind_optional(insert, 5, after, key);
        insert.run();
    }
}

backend::RecordedThings recorded_things(const SqliteSession& session, const std::string& migration) {
    backend::RecordedThings recorded;
    if (!has_table(session, "_migrate_undo_thing")) {
        return recorded;
    }
    SqliteStatement list(session,
                         "SELECT what, name, text_before, text_after FROM main._migrate_undo_thing WHERE "
                         "migration=?1");
    list.bind(1, migration);
    while (list.step()) {
        const backend::Things::key_type key{std::string(list.text(0)), std::string(list.text(1))};
        if (!list.is_null(2)) {
            recorded.before[key] = list.text(2);
        }
        if (!list.is_null(3)) {
            recorded.after[key] = list.text(3);
        }
    }
    return recorded;
}

}  // namespace migrate::backends::sqlite::undo
