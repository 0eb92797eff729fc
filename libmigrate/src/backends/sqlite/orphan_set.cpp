#include "backends/sqlite/orphan_set.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <migrate/error.hpp>

#include "backends/sqlite/merge_names.hpp"
#include "backends/sqlite/row_rewrite.hpp"
#include "backends/sqlite/state.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::quote_literal;
using session::SqliteSession;
using session::SqliteStatement;

constexpr const char* k_doing = "look for rows that refer to none in";

struct Reference {
    std::string parent;
    std::vector<std::string> from;
    std::vector<std::string> to;  ///< Of the parent; empty where it has none to refer to.
};

std::map<std::int64_t, Reference> references_of(const SqliteSession& session, const std::string& table) {
    SqliteStatement list(session,
                         "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1, 'main') "
                         "ORDER BY id, seq",
                         k_doing);
    list.bind(1, table);
    std::map<std::int64_t, Reference> references;
    while (list.step()) {
        Reference& reference = references[list.integer(0)];
        reference.parent = list.text(1);
        reference.from.emplace_back(list.text(2));
        if (!list.is_null(3)) {
            reference.to.emplace_back(list.text(3));
        }
    }
    for (auto& [id, reference] : references) {
        if (reference.to.empty()) {
            reference.to = key_columns(session, reference.parent);
        }
    }
    return references;
}

/// Rows `c` whose values are all there and lead to no row.
std::string leads_nowhere(const SqliteSession& session, const Reference& reference) {
    std::string present;
    std::string on;
    for (std::size_t i = 0; i < reference.from.size(); ++i) {
        const std::string column = "c." + quote_identifier(reference.from[i]);
        present += (present.empty() ? "" : " AND ") + column + " IS NOT NULL";
        if (i < reference.to.size()) {
            on += (on.empty() ? "p." : " AND p.") + quote_identifier(reference.to[i]) + " = " + column;
        }
    }
    const bool there = session.query_integer(
                           "SELECT count(*) FROM main.sqlite_schema WHERE type='table' AND "
                           "name=" +
                           quote_literal(reference.parent) + " COLLATE NOCASE") > 0;
    return there && !on.empty() ? present + " AND NOT EXISTS (SELECT 1 FROM main." +
                                      quote_identifier(reference.parent) + " AS p WHERE " + on + ")"
                                : present;
}

std::vector<std::string> names(const SqliteSession& session, const std::string& sql) {
    SqliteStatement list(session, sql, k_doing);
    std::vector<std::string> found;
    while (list.step()) {
        found.emplace_back(list.text(0));
    }
    return found;
}

}  // namespace

OrphanSet::OrphanSet(const SqliteSession& session, std::vector<std::string> by_value)
    : m_session(session), m_by_value(std::move(by_value)) {
    collect("_migrate_orphans_before");
}

void OrphanSet::collect(const std::string& into) const {
    m_session.execute("DROP TABLE IF EXISTS temp." + into + "; CREATE TEMP TABLE " + into +
                          " (tbl TEXT COLLATE NOCASE, row TEXT, fk TEXT)",
                      k_doing);
    for (const std::string& table :
         names(m_session,
               "SELECT name FROM main.sqlite_schema AS s WHERE type='table' AND EXISTS (SELECT 1 FROM "
               "pragma_foreign_key_list(s.name, 'main'))")) {
        if (!collect_by_check(into, table)) {
            collect_by_query(into, table, false);
        }
    }
    for (const std::string& table : m_by_value) {
        collect_by_query(into, table, true);
    }
}

/// False where the engine does not say which rows it means, of a table without rowid; or cannot tell, of a
/// key that does not fit its parent.
bool OrphanSet::collect_by_check(const std::string& into, const std::string& table) const {
    if (rowid_of(m_session, table).empty()) {
        return false;
    }
    try {
        m_session.execute("INSERT INTO temp." + into +
                              " SELECT \"table\", \"rowid\", fkid FROM pragma_foreign_key_check(" +
                              quote_literal(table) + ")",
                          k_doing);
        return true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) {
            throw;
        }
        return false;
    }
}

void OrphanSet::collect_by_query(const std::string& into, const std::string& table, bool by_value) const {
    m_session.execute("DELETE FROM temp." + into + " WHERE tbl = " + quote_literal(table) + " COLLATE NOCASE",
                      k_doing);
    const std::string rowid = rowid_of(m_session, table);
    const auto key = rowid.empty() ? key_columns(m_session, table) : std::vector{rowid};
    for (const auto& [id, reference] : references_of(m_session, table)) {
        // Another definition of the table may number its keys otherwise.
        std::string which = by_value ? util::lower_ascii(reference.parent) : std::to_string(id);
        for (const std::string& column : reference.from) {
            which += by_value ? "," + util::lower_ascii(column) : "";
        }
        m_session.execute("INSERT INTO temp." + into + " SELECT " + quote_literal(table) + ", " +
                              exact_row(by_value ? reference.from : key, "c") + ", " + quote_literal(which) +
                              " FROM main." + quote_identifier(table) + " AS c WHERE " +
                              leads_nowhere(m_session, reference),
                          k_doing);
    }
}

void OrphanSet::keep_as(const std::string& table) const {
    if (m_session.query_integer("SELECT EXISTS (SELECT 1 FROM temp._migrate_orphans_before)", k_doing) != 0) {
        m_session.execute(
            "CREATE TABLE main." + quote_identifier(table) + " AS SELECT * FROM temp._migrate_orphans_before",
            k_doing);
    }
}

void OrphanSet::excuse(const std::string& table) const {
    if (has_table(m_session, table)) {
        m_session.execute(
            "INSERT INTO temp._migrate_orphans_before SELECT * FROM main." + quote_identifier(table),
            k_doing);
    }
}

void OrphanSet::will_be(const std::string& kept, const std::string& name) const {
    m_session.execute("DELETE FROM temp._migrate_orphans_before WHERE tbl = " + quote_literal(name) +
                          " COLLATE NOCASE; UPDATE temp._migrate_orphans_before SET tbl = " +
                          quote_literal(name) + " WHERE tbl = " + quote_literal(kept) + " COLLATE NOCASE",
                      k_doing);
}

OrphanSet::Appeared OrphanSet::appeared(const std::vector<std::string>& but) const {
    collect("_migrate_orphans_now");
    for (const std::string& table : but) {
        m_session.execute(
            "DELETE FROM temp._migrate_orphans_now WHERE tbl = " + quote_literal(table) + " COLLATE NOCASE",
            k_doing);
    }
    // Equal ones, which only values can be, count as often as they occur.
    const auto numbered = [](const std::string& of) {
        return "(SELECT lower(tbl) AS name, row, fk, row_number() OVER (PARTITION BY lower(tbl), row, fk) AS "
               "n FROM temp." +
               of + ")";
    };
    Appeared result;
    {
        SqliteStatement find(m_session,
                             "SELECT min(name), count(*) FROM (SELECT * FROM " +
                                 numbered("_migrate_orphans_now") + " EXCEPT SELECT * FROM " +
                                 numbered("_migrate_orphans_before") + ")",
                             k_doing);
        find.step();
        result = {std::string(find.text(0)), find.integer(1)};
    }
    m_session.execute("DROP TABLE temp._migrate_orphans_now", k_doing);
    return result;
}

}  // namespace migrate::backends::sqlite
