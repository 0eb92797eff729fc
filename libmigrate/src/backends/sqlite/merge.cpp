#include "backends/sqlite/merge.hpp"

#include <algorithm>
#include <set>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/merge_names.hpp"
#include "backends/sqlite/writer.hpp"
#include "model/sql_lexer.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

std::vector<std::string> copied_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column* column : copied_columns(table)) {
        names.push_back(column->name);
    }
    return names;
}

[[noreturn]] void refuse_rows(const std::string& table, const std::string& why,
                              const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::constraint;
    facts.backend = "sqlite";
    facts.table = table;
    facts.next_step = next_step;
    throw Error(std::move(facts), "table " + table + " " + why + "; the target is as it was");
}

}  // namespace

std::string create_load_staging(const Table& table) {
    std::string columns;
    for (const Column* column : copied_columns(table)) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(column->name) + " " + column->native_type;
        // Its reader takes it for the rowid.
        columns += column->identity ? " PRIMARY KEY" : "";
        columns += column->nullable ? "" : " NOT NULL";
    }
    return "CREATE TABLE " + quote_identifier(table.name.name) + " (" + columns + ")";
}

Merge::Merge(const SqliteSession& session, const backend::TargetPlan& plan)
    : m_session(session), m_plan(plan) {}

Merge::Names Merge::names_of(const Table& table, std::int64_t ordinal) const {
    Names names;
    names.target = "main." + quote_identifier(table.name.name);
    names.staged = "staging." + quote_identifier(table.name.name);
    names.columns = copied_names(table);
    names.key = backend::merge_key(table);
    names.match = same_key(names.key, "t", "s");
    if (backend::conflict_policy(m_plan, table) == ConflictHandling::keep_newest) {
        const std::string column = quote_identifier(m_plan.newest_column);
        names.newer = " AND (s." + column + " > t." + column + " OR (s." + column + " IS NOT NULL AND t." +
                      column + " IS NULL))";
    }
    names.old_rows = "main." + quote_identifier(undo::old_rows(m_plan.migration, ordinal));
    names.new_rows = "main." + quote_identifier(undo::new_rows(m_plan.migration, ordinal));
    return names;
}

/// Where rows cannot be told by key or rowid, or triggers may change any, each is compared with what it was.
bool Merge::compares() const {
    return backend::triggers_fire(m_plan) ||
           std::any_of(m_plan.schema.tables.begin(), m_plan.schema.tables.end(), [](const Table& table) {
               return table.placement == Placement::load && backend::merge_key(table).empty() &&
                      table.properties.contains("without_rowid");
           });
}

std::int64_t Merge::count(const std::string& sql) const {
    return m_session.query_integer(sql, "merge into");
}

std::uint64_t Merge::run_counted(const std::string& sql, const std::string& doing) {
    m_session.execute(sql, doing);
    return static_cast<std::uint64_t>(sqlite3_changes64(m_session.handle()));
}

void Merge::run() {
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
    const std::int64_t orphans = count("SELECT count(*) FROM pragma_foreign_key_check");
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
    if (const auto now = count("SELECT count(*) FROM pragma_foreign_key_check"); now > orphans) {
        refuse_rows(m_session.query_text("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1"),
                    "would get rows that reference rows that do not exist, " + std::to_string(now - orphans) +
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
    std::vector<std::string> reachable;
    while (tables.step()) {
        const std::string name(tables.text(0));
        const bool is_known = std::any_of(m_changed.begin(), m_changed.end(), [&](const Changed& changed) {
            return util::equals_ignore_case(changed.log.name, name);
        });
        const std::string lower = util::lower_ascii(name);
        if (!is_known && names.contains(lower) && !lower.starts_with("sqlite_") &&
            !lower.starts_with("_migrate_")) {
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

std::string Merge::overwrite_sql(const Table& table, const Names& names) const {
    std::string set;
    for (const std::string& column : copied_names(table)) {
        const std::string name = quote_identifier(column);
        set += (set.empty() ? "" : ", ") + name + " = s." + name;
    }
    return "UPDATE " + names.target + " AS t SET " + set + " FROM " + names.staged + " AS s WHERE " +
           names.match + names.newer;
}

std::string Merge::insert_sql(const Names& names) const {
    const bool skips = m_plan.on_conflict == ConflictHandling::skip;
    const std::string where = names.match.empty() ? ""
                                                  : " WHERE NOT EXISTS (SELECT 1 FROM " + names.target +
                                                        " AS t WHERE " + names.match + ")";
    return std::string("INSERT ") + (skips ? "OR IGNORE " : "") + "INTO " + names.target + " (" +
           listed(names.columns, "") + ") SELECT " + listed(names.columns, "s") + " FROM " + names.staged +
           " AS s" + where;
}

void Merge::refuse_conflicts(const Table& table, const Names& names) {
    if (names.match.empty() || m_plan.on_conflict == ConflictHandling::skip) {
        return;
    }
    const std::string key = listed(names.key, "");
    const auto repeated =
        count("SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM " + names.staged + " WHERE " +
              [&] {
                  std::string out;
                  for (const std::string& column : names.key) {
                      out += (out.empty() ? "" : " AND ") + quote_identifier(column) + " IS NOT NULL";
                  }
                  return out;
              }() +
              " GROUP BY " + key + " HAVING count(*) > 1)");
    if (repeated > 0) {
        refuse_rows(table.name.display(),
                    "would get " + std::to_string(repeated) + " rows that repeat another's key",
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
    if (backend::overwrites(m_plan, table) && !names.match.empty()) {
        const std::string joined =
            " FROM " + names.staged + " AS s CROSS JOIN " + names.target + " AS t ON " + names.match;
        m_session.execute(
            "CREATE TEMP TABLE _migrate_keys AS SELECT " + listed(names.key, "t") + joined + names.newer,
            doing);
        m_session.execute("INSERT INTO " + names.old_rows + " SELECT t.*" + joined + names.newer, doing);
        merged.overwritten = run_counted(overwrite_sql(table, names), doing);
        m_session.execute("INSERT INTO " + names.new_rows +
                              " SELECT t.* FROM temp._migrate_keys AS s CROSS JOIN " + names.target +
                              " AS t ON " + names.match + "; DROP TABLE temp._migrate_keys",
                          doing);
    }
    if (names.match.empty()) {
        const bool keyed = table.properties.contains("without_rowid");
        const auto last = keyed ? 0 : count("SELECT coalesce(max(rowid), 0) FROM " + names.target);
        merged.inserted = run_counted(insert_sql(names), doing);
        m_session.execute("INSERT INTO " + names.new_rows + " SELECT * FROM " + names.target +
                              (keyed ? "" : " WHERE rowid > " + std::to_string(last)),
                          doing);
    } else {
        m_session.execute("CREATE TEMP TABLE _migrate_keys AS SELECT DISTINCT " + listed(names.key, "s") +
                              " FROM " + names.staged + " AS s WHERE NOT EXISTS (SELECT 1 FROM " +
                              names.target + " AS t WHERE " + names.match + ")",
                          doing);
        merged.inserted = run_counted(insert_sql(names), doing);
        m_session.execute("INSERT INTO " + names.new_rows +
                              " SELECT t.* FROM temp._migrate_keys AS s CROSS JOIN " + names.target +
                              " AS t ON " + names.match + "; DROP TABLE temp._migrate_keys",
                          doing);
    }
    const std::uint64_t taken = merged.inserted + merged.overwritten;
    merged.skipped = staged > taken ? staged - taken : 0;
    m_merged.push_back(merged);
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
        out.push_back(insert_sql(names));
    }
    return out;
}

}  // namespace migrate::backends::sqlite
