#include "backends/sqlite/replace.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::quote_literal;
using session::SqliteSession;
using session::SqliteStatement;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.backend = "sqlite";
    facts.next_step = "Drop it, or change it so that it fits the new table, and migrate again.";
    throw Error(std::move(facts), what + " does not fit the table that takes another's place: " + why);
}

}  // namespace

Replacement::Replacement(const SqliteSession& session, const backend::TargetPlan& plan)
    : m_session(session), m_plan(plan) {
    for (const Table& table : plan.schema.tables) {
        if (table.placement == Placement::replace) {
            OldTable old;
            old.table = &table;
            old.kept = undo::kept_name(plan.migration, m_tables.size());
            m_tables.push_back(std::move(old));
        }
    }
}

std::vector<std::string> Replacement::definitions(const std::string& type, const std::string& table) const {
    SqliteStatement list(
        m_session,
        "SELECT sql FROM main.sqlite_schema WHERE type=?1 AND tbl_name=?2 COLLATE NOCASE AND sql "
        "IS NOT NULL ORDER BY rowid",
        "read the catalog of");
    list.bind(1, type).bind(2, table);
    std::vector<std::string> found;
    while (list.step()) {
        found.emplace_back(list.text(0));
    }
    return found;
}

std::vector<std::string> Replacement::working_views() const {
    SqliteStatement list(m_session, "SELECT name FROM main.sqlite_schema WHERE type='view'");
    std::vector<std::string> working;
    while (list.step()) {
        const std::string name(list.text(0));
        try {
            const SqliteStatement view(m_session, "SELECT * FROM main." + quote_identifier(name));
            working.push_back(name);
        } catch (const Error& error) {
            if (error.retryable()) {
                throw;
            }
        }
    }
    return working;
}

void Replacement::step_aside() {
    if (m_tables.empty()) {
        return;
    }
    m_views = working_views();
    std::vector<std::string> replaced;
    replaced.reserve(m_tables.size());
    for (const OldTable& old : m_tables) {
        replaced.push_back(old.table->name.name);
    }
    m_orphans = std::make_unique<OrphanSet>(m_session, std::move(replaced));
    for (OldTable& old : m_tables) {
        const std::string& name = old.table->name.name;
        old.log.name = name;
        old.log.placement = Placement::replace;
        old.log.before = undo::digest_of(m_session, name);
        old.log.sequence_before = undo::sequence_of(m_session, name);
        old.definition = definitions("table", name).front();
        old.indexes = definitions("index", name);
        old.triggers = definitions("trigger", name);
        std::vector<std::string> drops;
        {
            SqliteStatement parts(
                m_session,
                "SELECT type, name FROM main.sqlite_schema WHERE type IN ('index', 'trigger') AND "
                "tbl_name=?1 COLLATE NOCASE AND sql IS NOT NULL");
            parts.bind(1, name);
            while (parts.step()) {
                drops.push_back((parts.text(0) == "index" ? "DROP INDEX main." : "DROP TRIGGER main.") +
                                quote_identifier(parts.text(1)));
            }
        }
        for (const std::string& drop : drops) {
            m_session.execute(drop, "set a table aside in");
        }
        m_session.execute(
            "ALTER TABLE main." + quote_identifier(name) + " RENAME TO " + quote_identifier(old.kept),
            "set table " + name + " aside in");
    }
}

void Replacement::connect() {
    for (const OldTable& old : m_tables) {
        for (const std::string& trigger : old.triggers) {
            m_session.execute(trigger, "make a trigger of " + old.log.name + " anew in");
        }
    }
    if (m_tables.empty()) {
        return;
    }
    const std::vector<std::string> now = working_views();
    for (const std::string& view : m_views) {
        if (std::find(now.begin(), now.end(), view) == now.end()) {
            refuse("view " + view, "a column that it names is not there");
        }
    }
    std::vector<std::string> kept;
    kept.reserve(m_tables.size());
    for (const OldTable& old : m_tables) {
        kept.push_back(old.kept);
    }
    if (const auto appeared = m_orphans->appeared(kept); appeared.rows > 0) {
        refuse("a foreign key of table " + appeared.table, "rows reference rows that the new table has not");
    }
}

void Replacement::log() {
    const auto add = [&](const std::string& statement) {
        undo::add_step(m_session, m_plan.migration, statement);
    };
    std::int64_t ordinal = undo::k_first_replaced;
    for (OldTable& old : m_tables) {
        const std::string name = quote_identifier(old.log.name);
        add("DROP TABLE main." + name);
        add("ALTER TABLE main." + quote_identifier(old.kept) + " RENAME TO " + name);
        // Renaming has written the name anew; the definition is again what it was, letter for letter.
        add("UPDATE main.sqlite_schema SET sql=" + quote_literal(old.definition) +
            " WHERE type='table' AND name=" + quote_literal(old.log.name));
        for (const auto* parts : {&old.indexes, &old.triggers}) {
            for (const std::string& part : *parts) {
                add(part);
            }
        }
        old.log.ordinal = ordinal++;
        const auto verified = undo::verified_digest(m_session, "staging", m_plan.migration, old.log.name);
        old.log.after = verified ? *verified : undo::digest_of(m_session, old.log.name);
        old.log.columns = undo::columns_of(m_session, old.log.name);
        old.log.sequence_after = undo::sequence_of(m_session, old.log.name);
        undo::add_table(m_session, m_plan.migration, old.log);
    }
}

}  // namespace migrate::backends::sqlite
