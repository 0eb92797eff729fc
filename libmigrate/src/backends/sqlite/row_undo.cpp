#include "backends/sqlite/row_undo.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/sqlite/merge_names.hpp"
#include "backends/sqlite/row_rewrite.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {

using session::quote_identifier;
using session::SqliteSession;

RowUndo::RowUndo(const SqliteSession& session, std::string migration, const undo::LoggedTable& table)
    : m_session(session), m_migration(std::move(migration)), m_table(table) {}

void RowUndo::run() const {
    take_rows_out();
    put_rows_back();
}

void RowUndo::take_rows_out() const {
    const std::string name = "main." + quote_identifier(m_table.name);
    const std::string added = undo::new_rows(m_migration, m_table.ordinal);
    const std::string old = "main." + quote_identifier(undo::old_rows(m_migration, m_table.ordinal));
    const auto key = key_columns(m_session, m_table.name);
    const std::string doing = "take rows out of table " + m_table.name + " of";
    if (!key.empty()) {
        const std::string columns = listed(key, "");
        std::string known;
        for (const std::string& column : key) {
            known += (known.empty() ? "" : " AND ") + quote_identifier(column) + " IS NOT NULL";
        }
        m_session.execute("DELETE FROM " + name + " WHERE (" + columns + ") IN (SELECT " + columns +
                              " FROM main." + quote_identifier(added) + ") AND (" + columns +
                              ") NOT IN (SELECT " + columns + " FROM " + old + " WHERE " + known + ")",
                          doing);
    }
    // NULL in a key, or no key, tells a row from no other.
    const std::string unkeyed = key.empty() ? "true" : any_null(key, "r");
    const auto left = m_session.query_integer("SELECT count(*) FROM main." + quote_identifier(added) +
                                              " AS r WHERE " + unkeyed);
    if (left > 0) {
        const std::string rowid = rowid_of(m_session, m_table.name);
        m_session.execute("DELETE FROM " + name + " WHERE " + rowid + " IN (SELECT i FROM " +
                              numbered(m_table.name, rowid, unkeyed) + " WHERE (x, k) IN (SELECT x, k FROM " +
                              numbered(added, rowid_of(m_session, added), unkeyed) + "))",
                          doing);
    }
}

std::string RowUndo::numbered(const std::string& table, const std::string& rowid,
                              const std::string& which) const {
    return "(SELECT i, x, row_number() OVER (PARTITION BY x ORDER BY i DESC) AS k FROM (SELECT r." + rowid +
           " AS i, " + row_text(m_session, m_table.name, "r") + " AS x FROM main." + quote_identifier(table) +
           " AS r WHERE " + which + "))";
}

void RowUndo::put_rows_back() const {
    const std::string name = "main." + quote_identifier(m_table.name);
    const std::string old = "main." + quote_identifier(undo::old_rows(m_migration, m_table.ordinal));
    const auto key = key_columns(m_session, m_table.name);
    const auto columns = value_columns(m_session, m_table.name);
    const std::string doing = "put rows back into table " + m_table.name + " of";
    std::string missing;
    if (!key.empty()) {
        std::string match;
        for (const std::string& column : key) {
            const std::string quoted = quote_identifier(column);
            match += (match.empty() ? "t." : " AND t.") + quoted + " = o." + quoted;
        }
        std::string set;
        for (const std::string& column : columns) {
            const std::string quoted = quote_identifier(column);
            set += (set.empty() ? "" : ", ") + quoted + " = o." + quoted;
        }
        try {
            m_session.execute(
                "UPDATE OR ABORT " + name + " AS t SET " + set + " FROM " + old + " AS o WHERE " + match,
                doing);
        } catch (const Error& error) {
            if (!is_repeated_value(error)) {
                throw;
            }
            rewrite_rows(
                m_session, m_table.name,
                [](const std::string& column) { return "o." + quote_identifier(column); },
                " FROM " + old + " AS o CROSS JOIN " + name + " AS t ON " + match, doing);
        }
        missing = " WHERE NOT EXISTS (SELECT 1 FROM " + name + " AS t WHERE " + match + ")";
    }
    m_session.execute("INSERT OR ABORT INTO " + name + " (" + listed(columns, "") + ") SELECT " +
                          listed(columns, "o") + " FROM " + old + " AS o" + missing,
                      doing);
}

}  // namespace migrate::backends::sqlite
