#include "backends/sqlite/merge.hpp"

#include <algorithm>
#include <set>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/merge_names.hpp"
#include "backends/sqlite/row_rewrite.hpp"
#include "model/sql_lexer.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"
#include "util/human.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

[[noreturn]] void refuse_rows(const std::string& table, const std::string& why,
                              const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::constraint;
    facts.backend = "sqlite";
    facts.table = table;
    facts.next_step = next_step;
    throw Error(std::move(facts), "table " + table + " " + why + "; the target is as it was");
}

/// Rows meet by one key; that another unique key or index is repeated, the engine says.
[[noreturn]] void refuse_repeated(const Table& table, const Merge::Names& names, const Error& error) {
    refuse_rows(table.name.display(),
                "would get rows that repeat a unique value of rows with another key" +
                    (names.key.empty() ? "" : " than theirs (" + listed(names.key, "") + ")") + ": " +
                    error.what(),
                "Mend those rows, or leave them out with --on-conflict skip.");
}

}  // namespace

Merge::Merge(const SqliteSession& session, const backend::TargetPlan& plan)
    : m_session(session), m_plan(plan) {}

/// Where rows cannot be told by key or rowid, or triggers may change any, each is compared with what it was.
bool Merge::compares() const {
    return backend::triggers_fire(m_plan) ||
           std::any_of(m_plan.schema.tables.begin(), m_plan.schema.tables.end(), [&](const Table& table) {
               return table.placement == Placement::load && backend::merge_key(table).empty() &&
                      rowid_of(m_session, table.name.name).empty();
           });
}

std::int64_t Merge::count(const std::string& sql) const {
    return m_session.query_integer(sql, "merge into");
}

std::uint64_t Merge::run_counted(const std::string& sql, const std::string& doing) {
    m_session.execute(sql, doing);
    return static_cast<std::uint64_t>(sqlite3_changes64(m_session.handle()));
}

void Merge::run(const OrphanSet& orphans) {
    for (const Table& table : m_plan.schema.tables) {
        if (table.placement == Placement::load) {
            log_table(table.name.name, &table);
        }
    }
    const bool triggers = backend::triggers_fire(m_plan);
    if (triggers) {
        log_reachable();
    }
    if (compares()) {
        for (const Changed& changed : m_changed) {
            m_session.execute("CREATE TEMP TABLE " +
                                  quote_identifier("_migrate_before_" + std::to_string(changed.log.ordinal)) +
                                  " AS SELECT * FROM main." + quote_identifier(changed.log.name),
                              "keep the rows of a table of");
        }
    }
    switch_triggers(triggers);
    for (const Changed& changed : m_changed) {
        if (changed.table != nullptr) {
            merge_table(changed);
        }
    }
    switch_triggers(false);
    if (compares()) {
        for (const Changed& changed : m_changed) {
            find_changes(changed);
        }
    }
    if (const auto appeared = orphans.appeared(); appeared.rows > 0) {
        refuse_rows(appeared.table,
                    "would get rows that reference rows that do not exist, " + std::to_string(appeared.rows) +
                        " in all",
                    "Load the tables they refer to as well, or mend the rows.");
    }
    for (Changed& changed : m_changed) {
        if (changed.table != nullptr) {
            check(changed);
        }
        changed.log.after = undo::digest_of(m_session, changed.log.name);
        changed.log.sequence_after = undo::sequence_of(m_session, changed.log.name);
        undo::add_table(m_session, m_plan.migration, changed.log);
    }
}

void Merge::log_table(const std::string& name, const Table* table) {
    Changed changed;
    changed.table = table;
    changed.log.ordinal = static_cast<std::int64_t>(m_changed.size());
    changed.log.name = name;
    changed.log.placement = Placement::load;
    changed.log.before = undo::digest_of(m_session, name);
    changed.log.sequence_before = undo::sequence_of(m_session, name);
    for (const std::string& log : {undo::old_rows(m_plan.migration, changed.log.ordinal),
                                   undo::new_rows(m_plan.migration, changed.log.ordinal)}) {
        m_session.execute("CREATE TABLE main." + quote_identifier(log) + " AS SELECT * FROM main." +
                              quote_identifier(name) + " WHERE 0",
                          "make the undo log of");
    }
    m_changed.push_back(std::move(changed));
}

/// A trigger can only write to tables that its text names, itself or through views and their triggers.
void Merge::log_reachable() {
    std::set<std::string> names;
    for (const Changed& changed : m_changed) {
        names.insert(util::lower_ascii(changed.log.name));
    }
    std::size_t known = 0;
    while (known != names.size()) {
        known = names.size();
        SqliteStatement list(m_session,
                             "SELECT tbl_name, sql FROM main.sqlite_schema WHERE type IN ('trigger', "
                             "'view') AND sql IS NOT NULL");
        while (list.step()) {
            if (!names.contains(util::lower_ascii(list.text(0)))) {
                continue;
            }
            for (const model::Token& token : model::tokenize(list.text(1), Dialect::sqlite)) {
                names.insert(util::lower_ascii(token.text));
            }
        }
    }
    SqliteStatement tables(m_session,
                           "SELECT name FROM main.sqlite_schema WHERE type='table' AND sql NOT LIKE "
                           "'CREATE VIRTUAL%' ORDER BY name");
    const OwnTables own(m_session);
    std::vector<std::string> reachable;
    while (tables.step()) {
        const std::string name(tables.text(0));
        const bool is_known = std::any_of(m_changed.begin(), m_changed.end(), [&](const Changed& changed) {
            return util::equals_ignore_case(changed.log.name, name);
        });
        const std::string lower = util::lower_ascii(name);
        if (!is_known && names.contains(lower) && !lower.starts_with("sqlite_") && !own.contains(name)) {
            reachable.push_back(name);
        }
    }
    for (const std::string& name : reachable) {
        log_table(name, nullptr);
        m_findings.push_back(
            {Severity::note,
             "trigger-writes",
             "table " + name,
             "may be written to by triggers of the tables that are loaded; it is in the undo log",
             {},
             0});
    }
}

void Merge::switch_triggers(bool on) {
    sqlite3_db_config(m_session.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, on ? 1 : 0, nullptr);
    sqlite3_limit(m_session.handle(), SQLITE_LIMIT_TRIGGER_DEPTH, on ? 1000 : 1);
}

void Merge::refuse_conflicts(const Table& table, const Names& names) {
    if (names.match.empty() || m_plan.on_conflict == ConflictHandling::skip) {
        return;
    }
    const auto repeated = count("SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM " +
                                names.staged + " AS s WHERE NOT " + any_null(names.key, "s") + " GROUP BY " +
                                key_values(names, "s", false) + " HAVING count(*) > 1)");
    if (repeated > 0) {
        refuse_rows(
            table.name.display(),
            "would get " +
                util::human_rows(static_cast<std::uint64_t>(repeated), "that repeats", "that repeat") +
                " another's key",
            "Remove the duplicates at the source, or use --on-conflict skip.");
    }
    if (backend::conflict_policy(m_plan, table) == ConflictHandling::stop) {
        const auto there = count("SELECT count(*) FROM " + names.staged + " AS s CROSS JOIN " + names.target +
                                 " AS t ON " + names.match);
        if (there > 0) {
            refuse_rows(table.name.display(), "has " + std::to_string(there) + " of the keys already",
                        "Say what becomes of them with --on-conflict skip, overwrite or keep-newest.");
        }
    }
}

void Merge::merge_table(const Changed& changed) {
    const Table& table = *changed.table;
    const Names names = names_of(table, changed.log.ordinal);
    const std::string doing = "merge into table " + table.name.display() + " of";
    refuse_conflicts(table, names);
    backend::MergedTable merged;
    merged.table = static_cast<std::size_t>(&table - m_plan.schema.tables.data());
    const auto staged = static_cast<std::uint64_t>(count("SELECT count(*) FROM " + names.staged));
    try {
        if (backend::overwrites(m_plan, table) && !names.match.empty()) {
            merged.overwritten = overwrite(table, names, doing);
        }
        merged.inserted =
            names.match.empty() ? insert(table, names, doing) : insert_keyed(table, names, doing);
    } catch (const Error& error) {
        if (is_repeated_value(error)) {
            refuse_repeated(table, names, error);
        }
        throw;
    }
    const std::uint64_t taken = merged.inserted + merged.overwritten;
    merged.skipped = staged > taken ? staged - taken : 0;
    m_merged.push_back(merged);
}

std::uint64_t Merge::overwrite(const Table& table, const Names& names, const std::string& doing) {
    const std::string joined =
        " FROM " + names.staged + " AS s CROSS JOIN " + names.target + " AS t ON " + names.match;
    m_session.execute(
        "CREATE TEMP TABLE _migrate_keys AS SELECT " + key_values(names, "t", true) + joined + names.newer,
        doing);
    m_session.execute("INSERT INTO " + names.old_rows + " SELECT t.*" + joined + names.newer, doing);
    std::uint64_t rows = 0;
    try {
        rows = run_counted(overwrite_sql(table, names), doing);
    } catch (const Error& error) {
        // Of rows that exchange unique values each is refused for the one that is still there.
        if (!is_repeated_value(error) || backend::triggers_fire(m_plan)) {
            throw;
        }
        rows = rewrite_rows(
            m_session, table.name.name,
            [&](const std::string& column) {
                const bool staged =
                    std::find(names.columns.begin(), names.columns.end(), column) != names.columns.end();
                return (staged ? "s." : "t.") + quote_identifier(column);
            },
            joined + names.newer, doing);
    }
    m_session.execute("INSERT INTO " + names.new_rows +
                          " SELECT t.* FROM temp._migrate_keys AS s CROSS JOIN " + names.target +
                          " AS t ON " + names.match + "; DROP TABLE temp._migrate_keys",
                      doing);
    return rows;
}

/// Into a table of which no key is loaded: what is new is told by its rowid.
std::uint64_t Merge::insert(const Table& table, const Names& names, const std::string& doing) {
    const std::string rowid = rowid_of(m_session, table.name.name);
    const auto last =
        rowid.empty() ? 0 : count("SELECT coalesce(max(" + rowid + "), 0) FROM " + names.target);
    const std::uint64_t rows = run_counted(insert_sql(table, names), doing);
    m_session.execute("INSERT INTO " + names.new_rows + " SELECT * FROM " + names.target +
                          (rowid.empty() ? "" : " WHERE " + rowid + " > " + std::to_string(last)),
                      doing);
    return rows;
}

std::uint64_t Merge::insert_keyed(const Table& table, const Names& names, const std::string& doing) {
    const std::string rowid = names.may_lack_key ? rowid_of(m_session, table.name.name) : "";
    const auto last =
        rowid.empty() ? 0 : count("SELECT coalesce(max(" + rowid + "), 0) FROM " + names.target);
    m_session.execute("CREATE TEMP TABLE _migrate_keys AS SELECT DISTINCT " + key_values(names, "s", true) +
                          " FROM " + names.staged + " AS s WHERE NOT EXISTS (SELECT 1 FROM " + names.target +
                          " AS t WHERE " + names.match + ")",
                      doing);
    const std::uint64_t rows = run_counted(insert_sql(table, names), doing);
    m_session.execute("INSERT INTO " + names.new_rows +
                          " SELECT t.* FROM temp._migrate_keys AS s CROSS JOIN " + names.target +
                          " AS t ON " + names.match + "; DROP TABLE temp._migrate_keys",
                      doing);
    if (!rowid.empty()) {
        m_session.execute("INSERT INTO " + names.new_rows + " SELECT t.* FROM " + names.target +
                              " AS t WHERE t." + rowid + " > " + std::to_string(last) + " AND " +
                              any_null(names.key, "t"),
                          doing);
    }
    return rows;
}

}  // namespace migrate::backends::sqlite
