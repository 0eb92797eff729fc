#include <algorithm>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/merge_names.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

/// The same for two values only where their classes are, too. quote() ends text at a NUL.
std::string exact(const std::string& column) {
    return "CASE typeof(" + column + ") WHEN 'text' THEN 't' || hex(" + column + ") ELSE quote(" + column +
           ") END";
}

std::vector<std::string> columns_where(const SqliteSession& session, const std::string& table,
                                       const std::string& condition) {
    SqliteStatement list(session, "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE " + condition,
                         "read the catalog of");
    list.bind(1, table);
    std::vector<std::string> names;
    while (list.step()) {
        names.emplace_back(list.text(0));
    }
    return names;
}

std::string collate(const std::string& collation) {
    return collation.empty() ? "" : " COLLATE " + quote_identifier(collation);
}

}  // namespace

std::string listed(const std::vector<std::string>& columns, const std::string& alias) {
    std::string out;
    for (const std::string& column : columns) {
        out += (out.empty() ? "" : ", ") + (alias.empty() ? "" : alias + ".") + quote_identifier(column);
    }
    return out;
}

std::string same_key(const Merge::Names& names, const std::string& a, const std::string& b) {
    std::string out;
    for (std::size_t i = 0; i < names.key.size(); ++i) {
        const std::string name = quote_identifier(names.key[i]);
        out += (out.empty() ? "" : " AND ") + (a + "." + name) + " = " + b + "." + name +
               collate(names.collations[i]);
    }
    return out;
}

std::string key_values(const Merge::Names& names, const std::string& alias, bool naming) {
    std::string out;
    for (std::size_t i = 0; i < names.key.size(); ++i) {
        const std::string name = quote_identifier(names.key[i]);
        out += (out.empty() ? "" : ", ") + (alias + "." + name) + collate(names.collations[i]) +
               (naming ? " AS " + name : "");
    }
    return out;
}

std::string any_null(const std::vector<std::string>& columns, const std::string& alias) {
    std::string out;
    for (const std::string& column : columns) {
        out += (out.empty() ? "(" : " OR ") + (alias + "." + quote_identifier(column)) + " IS NULL";
    }
    return out + ")";
}

std::string exact_row(const std::vector<std::string>& columns, const std::string& alias) {
    std::string out;
    for (const std::string& column : columns) {
        out += (out.empty() ? "" : " || ',' || ") + exact(alias + "." + quote_identifier(column));
    }
    return out;
}

std::vector<std::string> key_columns(const SqliteSession& session, const std::string& table) {
    return columns_where(session, table, "pk > 0 ORDER BY pk");
}

std::vector<std::string> value_columns(const SqliteSession& session, const std::string& table) {
    return columns_where(session, table, "hidden = 0 ORDER BY cid");
}

std::string row_text(const SqliteSession& session, const std::string& table, const std::string& alias) {
    return exact_row(columns_where(session, table, "hidden <> 1 ORDER BY cid"), alias);
}

/// Old and new rows by comparing every row with what it was; equal rows count as often as they occur.
void Merge::find_changes(const Changed& changed) {
    const std::string before =
        "temp." + quote_identifier("_migrate_before_" + std::to_string(changed.log.ordinal));
    const std::string now = "main." + quote_identifier(changed.log.name);
    const auto columns = columns_where(m_session, changed.log.name, "hidden <> 1 ORDER BY cid");
    const auto numbered = [&](const std::string& table) {
        return "(SELECT *, row_number() OVER (PARTITION BY _migrate_x) AS _migrate_k FROM (SELECT r.*, " +
               exact_row(columns, "r") + " AS _migrate_x FROM " + table + " AS r))";
    };
    const auto difference = [&](const std::string& log, const std::string& of, const std::string& from) {
        m_session.execute("DELETE FROM main." + quote_identifier(log) + "; INSERT INTO main." +
                              quote_identifier(log) + " SELECT " + listed(columns, "a") + " FROM " +
                              numbered(of) +
                              " AS a WHERE (a._migrate_x, a._migrate_k) NOT IN (SELECT "
                              "_migrate_x, _migrate_k FROM " +
                              numbered(from) + ")",
                          "compare a table with what it was in");
    };
    difference(undo::old_rows(m_plan.migration, changed.log.ordinal), before, now);
    difference(undo::new_rows(m_plan.migration, changed.log.ordinal), now, before);
    m_session.execute("DROP TABLE " + before, "drop a copy in");
}

/// Staged rows with NULL in their key that are not among those that were added, each as often as it is there.
std::int64_t Merge::unkeyed_differences(const Names& names) const {
    const auto numbered = [&](const std::string& of) {
        return "(SELECT x, row_number() OVER (PARTITION BY x) AS k FROM (SELECT " +
               exact_row(names.columns, "r") + " AS x FROM " + of + " AS r WHERE " +
               any_null(names.key, "r") + "))";
    };
    return count("SELECT count(*) FROM " + numbered(names.staged) +
                 " WHERE (x, k) NOT IN (SELECT x, k FROM " + numbered(names.new_rows) + ")");
}

/// What is there now against what was staged: the columns' affinity and triggers may have changed it.
void Merge::check(const Changed& changed) {
    const Table& table = *changed.table;
    const Names names = names_of(table, changed.log.ordinal);
    const bool skips = m_plan.on_conflict == ConflictHandling::skip;
    const bool triggers = backend::triggers_fire(m_plan);
    const auto index = static_cast<std::size_t>(&table - m_plan.schema.tables.data());
    const auto merged = std::find_if(m_merged.begin(), m_merged.end(),
                                     [&](const backend::MergedTable& one) { return one.table == index; });
    const std::uint64_t skipped = merged == m_merged.end() ? 0 : merged->skipped;
    std::int64_t differing = 0;
    std::int64_t missing = 0;
    if (names.match.empty()) {
        const auto left = [&](const std::string& from, const std::string& of) {
            return count("SELECT count(*) FROM (SELECT " + exact_row(names.columns, "r") + " AS x FROM " +
                         of + " AS r) WHERE x NOT IN (SELECT " + exact_row(names.columns, "r") + " FROM " +
                         from + " AS r)");
        };
        // Equal rows are told apart by their number alone.
        missing = std::max(left(names.new_rows, names.staged), static_cast<std::int64_t>(skipped));
    } else {
        differing = count("SELECT count(*) FROM " + names.new_rows + " AS n CROSS JOIN " + names.staged +
                          " AS s ON " + same_key(names, "n", "s") + " WHERE " +
                          exact_row(names.columns, "n") + " IS NOT " + exact_row(names.columns, "s"));
        missing =
            count("SELECT count(*) FROM " + names.staged + " AS s WHERE NOT EXISTS (SELECT 1 FROM " +
                  names.target + " AS t WHERE " + names.match + ") AND NOT " + any_null(names.key, "s"));
        if (names.may_lack_key) {
            missing += unkeyed_differences(names);
        }
        if (backend::conflict_policy(m_plan, table) == ConflictHandling::overwrite) {
            missing = std::max(missing, static_cast<std::int64_t>(skipped));
        }
    }
    if (skips) {
        missing = 0;
        // Of rows that repeat a key the first was taken.
        differing = triggers ? differing : 0;
    }
    if (!triggers && differing + missing > 0) {
        ErrorFacts facts;
        facts.code = ErrorCode::differs;
        facts.backend = "sqlite";
        facts.table = table.name.display();
        throw Error(std::move(facts), "after the merge " + std::to_string(differing + missing) +
                                          " rows of table " + table.name.display() +
                                          " are not as they were staged; the target is as it was");
    }
    if (differing > 0) {
        m_findings.push_back({Severity::risk,
                              "rows-changed-by-trigger",
                              "table " + table.name.display(),
                              "the table's own triggers changed values of rows that were loaded",
                              {},
                              static_cast<std::uint64_t>(differing)});
    }
    if (missing > 0) {
        m_findings.push_back({Severity::left_out,
                              "rows-refused-by-trigger",
                              "table " + table.name.display(),
                              "the table's own triggers left rows out or changed them",
                              {},
                              static_cast<std::uint64_t>(missing)});
    }
}

}  // namespace migrate::backends::sqlite
