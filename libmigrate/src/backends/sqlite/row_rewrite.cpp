#include "backends/sqlite/row_rewrite.hpp"

#include <sqlite3.h>

#include "backends/sqlite/merge_names.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

std::string rowid_of(const SqliteSession& session, const std::string& table) {
    SqliteStatement keyed(session,
                          "SELECT count(*) FROM pragma_table_list WHERE schema='main' AND name=?1 COLLATE "
                          "NOCASE AND wr=1",
                          "read the catalog of");
    keyed.bind(1, table);
    keyed.step();
    if (keyed.integer(0) > 0) {
        return {};
    }
    SqliteStatement taken(session,
                          "SELECT count(*) FROM pragma_table_xinfo(?1, 'main') WHERE name=?2 COLLATE NOCASE",
                          "read the catalog of");
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        taken.bind(1, table).bind(2, name);
        taken.step();
        if (taken.integer(0) == 0) {
            return name;
        }
        taken.reset();
    }
    return {};
}

std::string rowid_column(const SqliteSession& session, const std::string& table) {
    SqliteStatement find(session,
                         "SELECT max(name) FROM pragma_table_xinfo(?1, 'main') WHERE pk > 0 AND NOT EXISTS "
                         "(SELECT 1 FROM pragma_index_list(?1, 'main') WHERE origin='pk')",
                         "read the catalog of");
    find.bind(1, table);
    return find.step() ? std::string(find.text(0)) : std::string();
}

bool is_repeated_value(const Error& error) {
    const int code = error.facts().native_code;
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
           code == SQLITE_CONSTRAINT_ROWID;
}

std::uint64_t rewrite_rows(const SqliteSession& session, const std::string& table,
                           const std::function<std::string(const std::string&)>& value,
                           const std::string& from, std::string_view doing) {
    const std::string name = "main." + quote_identifier(table);
    const std::string rowid = rowid_of(session, table);
    const std::vector<std::string> tells = rowid.empty() ? key_columns(session, table) : std::vector{rowid};
    const std::vector<std::string> columns = value_columns(session, table);
    std::string made;
    std::string told;
    for (std::size_t i = 0; i < tells.size(); ++i) {
        const std::string key = quote_identifier("_migrate_key_" + std::to_string(i));
        made += (made.empty() ? "t." : ", t.") + quote_identifier(tells[i]) + " AS " + key;
        told += (told.empty() ? "" : ", ") + key;
    }
    for (const std::string& column : columns) {
        made += ", " + value(column) + " AS " + quote_identifier(column);
    }
    // Where the rowid is a column, that column says what it becomes.
    const bool keeps_rowid = !rowid.empty() && rowid_column(session, table).empty();
    session.execute("CREATE TEMP TABLE _migrate_rewritten AS SELECT " + made + from, doing);
    session.execute("DELETE FROM " + name + " WHERE (" + listed(tells, "") + ") IN (SELECT " + told +
                        " FROM temp._migrate_rewritten)",
                    doing);
    session.execute("INSERT OR ABORT INTO " + name + " (" + (keeps_rowid ? rowid + ", " : "") +
                        listed(columns, "") + ") SELECT " + (keeps_rowid ? told + ", " : "") +
                        listed(columns, "r") + " FROM temp._migrate_rewritten AS r",
                    doing);
    const auto rows = static_cast<std::uint64_t>(sqlite3_changes64(session.handle()));
    session.execute("DROP TABLE temp._migrate_rewritten", doing);
    return rows;
}

}  // namespace migrate::backends::sqlite
