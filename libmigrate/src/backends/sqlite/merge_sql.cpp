#include <algorithm>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/merge_names.hpp"
#include "backends/sqlite/writer.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteStatement;

std::vector<std::string> copied_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column* column : copied_columns(table)) {
        names.push_back(column->name);
    }
    return names;
}

/// By which the key's own index compares its columns.
std::vector<std::string> key_collations(const Table& table, const std::vector<std::string>& columns) {
    std::vector<std::string> collations;
    collations.reserve(columns.size());
    for (const std::string& column : columns) {
        collations.push_back(table.find_column(column)->collation);
    }
    const auto take = [&](const Key& key) {
        for (std::size_t i = 0; key.columns == columns && i < key.collations.size(); ++i) {
            collations[i] = key.collations[i].empty() ? collations[i] : key.collations[i];
        }
    };
    if (table.primary_key && table.primary_key->columns == columns) {
        take(*table.primary_key);
        return collations;
    }
    for (const Key& key : table.unique_keys) {
        if (key.columns == columns) {
            take(key);
            break;
        }
    }
    return collations;
}

}  // namespace

std::string create_load_staging(const Table& table) {
    std::string columns;
    for (const Column* column : copied_columns(table)) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(column->name) + " " + column->native_type;
        // Its reader takes it for the rowid.
        columns += column->identity ? " PRIMARY KEY" : "";
        columns += column->nullable ? "" : " NOT NULL";
        columns += column->collation.empty() ? "" : " COLLATE " + quote_identifier(column->collation);
    }
    // ANY keeps each value as it is in a STRICT table only; elsewhere it would make numbers of text.
    return "CREATE TABLE " + quote_identifier(table.name.name) + " (" + columns + ")" +
           (table.properties.contains("strict") ? " STRICT" : "");
}

Merge::Names Merge::names_of(const Table& table, std::int64_t ordinal) const {
    Names names;
    names.target = "main." + quote_identifier(table.name.name);
    names.staged = "staging." + quote_identifier(table.name.name);
    names.columns = copied_names(table);
    names.key = backend::merge_key(table);
    names.collations = key_collations(table, names.key);
    names.match = same_key(names, "t", "s");
    names.may_lack_key = std::any_of(names.key.begin(), names.key.end(), [&](const std::string& column) {
        return table.find_column(column)->nullable;
    });
    if (backend::conflict_policy(m_plan, table) == ConflictHandling::keep_newest) {
        const std::string column = quote_identifier(m_plan.newest_column);
        names.newer = " AND (s." + column + " > t." + column + " OR (s." + column + " IS NOT NULL AND t." +
                      column + " IS NULL))";
    }
    names.old_rows = "main." + quote_identifier(undo::old_rows(m_plan.migration, ordinal));
    names.new_rows = "main." + quote_identifier(undo::new_rows(m_plan.migration, ordinal));
    return names;
}

/// What the table's own constraints say of conflicts, to ignore a row or to replace another, must not happen
/// in silence. A word here holds within triggers as well, so it is said only where there is something to
/// overrule.
std::string Merge::abort_word(const Table& table) const {
    if (!backend::triggers_fire(m_plan)) {
        return "OR ABORT ";
    }
    SqliteStatement find(m_session,
                         "SELECT count(*) FROM main.sqlite_schema WHERE type='table' AND name=?1 COLLATE "
                         "NOCASE AND sql LIKE '%conflict%'",
                         "read the catalog of");
    find.bind(1, table.name.name);
    return find.step() && find.integer(0) > 0 ? "OR ABORT " : "";
}

std::string Merge::overwrite_sql(const Table& table, const Names& names) const {
    std::string set;
    for (const std::string& column : copied_names(table)) {
        const std::string name = quote_identifier(column);
        set += (set.empty() ? "" : ", ") + name + " = s." + name;
    }
    return "UPDATE " + abort_word(table) + names.target + " AS t SET " + set + " FROM " + names.staged +
           " AS s WHERE " + names.match + names.newer;
}

std::string Merge::insert_sql(const Table& table, const Names& names) const {
    // Only a key that is there already: what a NOT NULL or CHECK refuses is an error.
    const bool skips = m_plan.on_conflict == ConflictHandling::skip;
    const std::string where = names.match.empty() ? "true"
                                                  : "NOT EXISTS (SELECT 1 FROM " + names.target +
                                                        " AS t WHERE " + names.match + ")";
    return "INSERT " + abort_word(table) + "INTO " + names.target + " (" + listed(names.columns, "") +
           ") SELECT " + listed(names.columns, "s") + " FROM " + names.staged + " AS s WHERE " + where +
           (skips ? " ON CONFLICT DO NOTHING" : "");
}

std::vector<std::string> Merge::statements() const {
    std::vector<std::string> out;
    for (const Table& table : m_plan.schema.tables) {
        if (table.placement != Placement::load) {
            continue;
        }
        const Names names = names_of(table, 0);
        if (backend::overwrites(m_plan, table) && !names.match.empty()) {
            out.push_back(overwrite_sql(table, names));
        }
        out.push_back(insert_sql(table, names));
    }
    return out;
}

}  // namespace migrate::backends::sqlite
