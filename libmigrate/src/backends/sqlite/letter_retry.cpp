#include "backends/sqlite/letter_retry.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/row_rewrite.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/table_writer.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "backends/sqlite/writer.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_doing = "retry dead letters in";

[[noreturn]] void refuse_row(const Table& table, const std::string& why) {
    ErrorFacts facts;
    facts.code = ErrorCode::row;
    facts.backend = "sqlite";
    facts.table = table.name.display();
    throw Error(std::move(facts), why);
}

class SqliteLetterRetry final : public backend::LetterRetry {
  public:
    SqliteLetterRetry(SqliteSession session, backend::TargetPlan plan)
        : m_session(std::move(session)), m_plan(std::move(plan)) {
        create_state_tables(m_session, k_doing);
        // Only where a transaction has not begun. Triggers stay off, as they were for the other rows.
        sqlite3_db_config(m_session.handle(), SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
        m_session.execute("PRAGMA synchronous=FULL; BEGIN IMMEDIATE", k_doing);
        m_logged = undo::tables(m_session, m_plan.migration);
    }
    SqliteLetterRetry(const SqliteLetterRetry&) = delete;
    SqliteLetterRetry& operator=(const SqliteLetterRetry&) = delete;
    ~SqliteLetterRetry() override {
        m_writer.reset();
        if (m_session.in_transaction()) {
            sqlite3_exec(m_session.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

    std::vector<DeadLetter> letters(std::size_t table, const std::optional<Place>& after,
                                    std::size_t most) override {
        return read_dead_letters(m_session, m_plan.migration, name_of(table), after, most);
    }

    void insert(std::size_t table, const RowBatch& row) override {
        prepare(table);
        in_savepoint([&] {
            m_writer->write(row);
            note_inserted(table, row);
        });
    }

    void fill(std::size_t table, const RowBatch& row, const std::vector<std::size_t>& columns) override {
        prepare(table);
        in_savepoint([&] { fill_row(table, row, columns); });
    }

    void remove(std::size_t table, const DeadLetter& letter) override {
        delete_dead_letter(m_session, m_plan.migration, name_of(table), letter);
    }

    void refuse(std::size_t table, const DeadLetter& letter) override {
        update_dead_letter(m_session, m_plan.migration, name_of(table), letter);
    }

    void commit(const std::string& plan_json) override {
        m_writer.reset();
        for (const auto& [table, log] : m_own) {
            undo::LoggedTable now = log;
            now.after = undo::digest_of(m_session, now.name);
            if (m_same_sequence[table]) {
                now.sequence_after = undo::sequence_of(m_session, now.name);
            }
            now.columns.clear();  // They are in the log, and stay.
            undo::add_table(m_session, m_plan.migration, now);
        }
        set_migration_plan(m_session, m_plan.migration, plan_json);
        m_session.execute("COMMIT", "commit to");
    }

  private:
    [[nodiscard]] const Table& table_at(std::size_t table) const { return m_plan.schema.tables.at(table); }
    [[nodiscard]] const std::string& name_of(std::size_t table) const { return table_at(table).name.name; }

    [[nodiscard]] const undo::LoggedTable* log_of(std::size_t table) const {
        const auto log = std::find_if(m_logged.begin(), m_logged.end(),
                                      [&](const auto& one) { return one.name == name_of(table); });
        return log == m_logged.end() ? nullptr : &*log;
    }

    /// Before the first row of a table: what is there must be known, so that the row can be told from what
    /// others have changed.
    void prepare(std::size_t table) {
        if (m_table == table && m_writer) {
            return;
        }
        refuse_triggers(table_at(table));
        m_writer.reset();
        if (!m_seen.contains(table)) {
            if (!has_table(m_session, name_of(table))) {
                refuse_row(table_at(table), "its table is not there any more");
            }
            const undo::LoggedTable* log = log_of(table);
            if (log != nullptr && undo::digest_of(m_session, log->name) == log->after) {
                m_own.emplace(table, *log);
                m_same_sequence[table] = undo::sequence_of(m_session, log->name) == log->sequence_after;
            }
            m_seen[table] = true;
        }
        m_writer.emplace(m_session, table_at(table));
        m_table = table;
    }

    /// What triggers of a table of others do, a rollback would have to know.
    void refuse_triggers(const Table& table) const {
        if (table.placement != Placement::load || m_plan.disable_triggers) {
            return;
        }
        SqliteStatement find(m_session,
                             "SELECT 1 FROM main.sqlite_schema WHERE type='trigger' AND tbl_name=?1 "
                             "COLLATE NOCASE");
        if (find.bind(1, table.name.name).step()) {
            refuse_row(table, "its table has triggers of its own, whose doings a retry cannot take back");
        }
    }

    /// Requires of the body: errors of rows only where the row is at fault.
    template <class Body>
    void in_savepoint(Body body) {
        m_session.execute("SAVEPOINT letter", k_doing);
        try {
            body();
            refuse_deferred();
        } catch (...) {
            if (m_session.in_transaction()) {
                m_session.execute("ROLLBACK TO letter; RELEASE letter", k_doing);
            }
            throw;
        }
        m_session.execute("RELEASE letter", k_doing);
    }

    /// Keys that are deferred would only be looked at by the commit, for all rows together.
    void refuse_deferred() const {
        int violations = 0;
        int highest = 0;
        sqlite3_db_status(m_session.handle(), SQLITE_DBSTATUS_DEFERRED_FKS, &violations, &highest, 0);
        if (violations != 0) {
            refuse_row(table_at(m_table), "a row does not fit table " + table_at(m_table).name.display() +
                                              ": FOREIGN KEY constraint failed");
        }
    }

    /// A rollback takes the rows of a table that was there out by this list.
    void note_inserted(std::size_t table, const RowBatch& row) {
        const undo::LoggedTable* log = log_of(table);
        if (log == nullptr || log->placement != Placement::load) {
            return;
        }
        const std::string into = "INSERT INTO main." +
                                 quote_identifier(undo::new_rows(m_plan.migration, log->ordinal)) +
                                 " SELECT t.* FROM main." + quote_identifier(log->name) + " AS t";
        const std::string rowid = rowid_of(m_session, log->name);
        if (!rowid.empty()) {
            m_session.execute(into + " WHERE t." + rowid + " = last_insert_rowid()", k_doing);
            return;
        }
        if (!table_at(table).primary_key) {
            refuse_row(table_at(table), "its table has neither a row number nor a key to find the row by");
        }
        SqliteStatement note(m_session, into + ", " + quote_identifier(m_writer->batch_name()) +
                                            " AS s WHERE " + same_key(table_at(table)));
        m_writer->run(note, row);
    }

    static std::string column_of(const Table& table, const std::string& name) {
        const auto columns = copied_columns(table);
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const Column* column) { return column->name == name; });
        return "c" + std::to_string(found - columns.begin());
    }

    static std::string same_key(const Table& table) {
        std::string same;
        for (const std::string& name : table.primary_key->columns) {
            same +=
                (same.empty() ? "t." : " AND t.") + quote_identifier(name) + " = s." + column_of(table, name);
        }
        return same;
    }

    void fill_row(std::size_t index, const RowBatch& row, const std::vector<std::size_t>& columns) {
        const Table& table = table_at(index);
        const auto copied = copied_columns(table);
        std::string set;
        std::string null;
        for (const std::size_t column : columns) {
            const std::string name = quote_identifier(copied.at(column)->name);
            set += (set.empty() ? "" : ", ") + name + " = s.c" + std::to_string(column);
            null += " AND t." + name + " IS NULL";
        }
        null += is_own(index);
        const std::string target = "main." + quote_identifier(table.name.name) + " AS t";
        const std::string batch = quote_identifier(m_writer->batch_name()) + " AS s";
        SqliteStatement update(m_session, "UPDATE OR ABORT " + target + " SET " + set + " FROM " + batch +
                                              " WHERE " + same_key(table) + null);
        if (m_writer->run(update, row) == 1) {
            return;
        }
        SqliteStatement find(m_session,
                             "SELECT count(*) FROM " + target + ", " + batch + " WHERE " + same_key(table));
        find.step();
        refuse_row(table, find.integer(0) == 0
                              ? "the row is not in its table any more"
                              : "the row has another value there by now, or is not the migration's");
    }

    /// A condition: of a table that was there, rows of others may have the key of a row that was skipped for
    /// them. A rollback would not know what was done to those.
    [[nodiscard]] std::string is_own(std::size_t table) const {
        const undo::LoggedTable* log = log_of(table);
        if (log == nullptr || log->placement != Placement::load) {
            return {};
        }
        std::string same;
        for (const std::string& column : table_at(table).primary_key->columns) {
            const std::string name = quote_identifier(column);
            same += (same.empty() ? "" : " AND ") + ("n." + name + " = t." + name);
        }
        return " AND EXISTS (SELECT 1 FROM main." +
               quote_identifier(undo::new_rows(m_plan.migration, log->ordinal)) + " AS n WHERE " + same + ")";
    }

    SqliteSession m_session;
    backend::TargetPlan m_plan;
    std::vector<undo::LoggedTable> m_logged;
    std::map<std::size_t, bool> m_seen;
    std::map<std::size_t, undo::LoggedTable> m_own;  ///< Tables that hold what the migration has left there.
    std::map<std::size_t, bool> m_same_sequence;
    std::optional<TableWriter> m_writer;  ///< Of m_table.
    std::size_t m_table = 0;
};

}  // namespace

std::unique_ptr<backend::LetterRetry> make_letter_retry(const std::string& path,
                                                        const backend::TargetPlan& plan,
                                                        unsigned busy_timeout_ms) {
    return std::make_unique<SqliteLetterRetry>(
        SqliteSession::open(path, SqliteSession::Access::write, busy_timeout_ms), plan);
}

}  // namespace migrate::backends::sqlite
