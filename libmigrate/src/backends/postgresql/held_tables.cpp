#include "backends/postgresql/held_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/holdable.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr int k_attempts = 5;
constexpr std::size_t k_tables_at_once = 200;
constexpr const char* k_begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

}  // namespace

HeldTables::HeldTables(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
                       backend::TableChoice wanted)
    : m_session(session), m_wanted(std::move(wanted)) {
    if (!schemas.empty()) {
        m_schemas = session::array_literal(schemas);
    }
}

/// A table is locked before the snapshot is taken, so what the snapshot sees of it stays. Which tables there
/// are is asked in another snapshot before, and once more in the one that was taken.
void HeldTables::begin_snapshot() {
    for (int attempt = 0; attempt < k_attempts; ++attempt) {
        const std::vector<Held> tables = list();
        m_session.execute(k_begin, "pinning a snapshot");
        try {
            lock(tables);
            read_nothing_of(tables);
            if (list() == tables && !m_rewritten) {
                return;
            }
        } catch (const Error& error) {
            if (!m_session.alive() || error.code() == ErrorCode::cancelled) {
                throw;
            }
            m_session.execute("ROLLBACK", "giving the snapshot up");
            if (error.facts().sqlstate == "55P03") {
                name_holder(tables, error);
            }
            // 42P01, 3F000, 42809: dropped, or made anew as something else, since they were listed.
            const std::string& state = error.facts().sqlstate;
            if (state != "42P01" && state != "3F000" && state != "42809") {
                throw;
            }
            continue;
        }
        m_session.execute("ROLLBACK", "giving the snapshot up");
    }
    ErrorFacts facts{.code = ErrorCode::transient, .backend = "postgresql"};
    facts.next_step = "Wait until the schema is at rest, or choose tables.";
    throw Error(facts, "PostgreSQL: tables are made, dropped or rewritten all the time: no snapshot holds.");
}

std::vector<HeldTables::Held> HeldTables::list() {
    const auto rows = m_session.query(sql::holdable, {m_schemas}, "listing the tables to hold");
    std::vector<Held> tables;
    m_rewritten = false;
    for (int row = 0; row < rows.size(); ++row) {
        if (m_wanted({rows.text(row, 3), rows.text(row, 4)})) {
            tables.push_back(
                {rows.text(row, 0), quote_name(rows.view(row, 1), rows.view(row, 2)), rows.boolean(row, 5)});
            m_rewritten = m_rewritten || !rows.boolean(row, 6);
        }
    }
    return tables;
}

void HeldTables::lock(const std::vector<Held>& tables) {
    std::string names;
    std::size_t count = 0;
    const auto send = [&] {
        if (count > 0) {
            m_session.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE", "holding the tables");
        }
        names.clear();
        count = 0;
    };
    for (const Held& table : tables) {
        if (table.lockable) {
            names += (count == 0 ? "ONLY " : ", ONLY ") + table.name;
            if (++count == k_tables_at_once) {
                send();
            }
        }
    }
    send();
}

/// A role that may read columns only may not lock, but holds what it has read from. That is after the
/// snapshot: whether the storage is the one that the snapshot sees is looked at afterwards.
void HeldTables::read_nothing_of(const std::vector<Held>& tables) {
    for (const Held& table : tables) {
        if (!table.lockable) {
            m_session.execute("SELECT FROM ONLY " + table.name + " LIMIT 0", "holding table " + table.name);
        }
    }
}

void HeldTables::name_holder(const std::vector<Held>& tables, const Error& error) {
    std::vector<std::string> oids;
    oids.reserve(tables.size());
    for (const Held& table : tables) {
        oids.push_back(table.oid);
    }
    const auto rows = m_session.query(
        "SELECT n.nspname, c.relname, l.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = "
        "l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE l.granted AND l.mode = "
        "'AccessExclusiveLock' AND l.relation = ANY ($1::pg_catalog.oid[]) AND l.database = (SELECT oid FROM "
        "pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) ORDER BY 1, 2 LIMIT 1",
        {session::array_literal(oids)}, "asking who holds the tables");
    ErrorFacts facts = error.facts();
    facts.code = ErrorCode::locked;
    facts.next_step = "Wait until it is done.";
    std::string who = "a table of the source is being rewritten, truncated or changed by another session";
    if (rows.size() > 0) {
        facts.table = QualifiedName{rows.text(0, 0), rows.text(0, 1)}.display();
        who =
            fmt::format("table {} is being rewritten, truncated or changed by the session with process id {}",
                        facts.table, rows.view(0, 2));
    }
    throw Error(facts, "PostgreSQL: " + who + "; it cannot be read meanwhile.");
}

}  // namespace migrate::backends::postgresql
