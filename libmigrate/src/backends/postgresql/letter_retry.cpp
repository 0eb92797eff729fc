#include "backends/postgresql/letter_retry.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/column_operators.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/target_state.hpp"
#include "backends/postgresql/trigger_switch.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "backends/postgresql/writer.hpp"
#include "session/postgresql_error.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr std::string_view k_doing = "retrying dead letters";

[[noreturn]] void refuse_row(const Table& table, const std::string& why) {
    ErrorFacts facts{.code = ErrorCode::row, .backend = "postgresql", .table = table.name.display()};
    throw Error(std::move(facts), why);
}

std::vector<std::string> copied_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) {
        if (!column.generated && !column.hidden) {
            names.push_back(column.name);
        }
    }
    return names;
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + quote_identifier(name);
    }
    return out;
}

/// A row goes by COPY, as others have, into a temporary table of its columns, and from there into its table.
class PostgresqlLetterRetry final : public backend::LetterRetry {
  public:
    PostgresqlLetterRetry(std::shared_ptr<session::PostgresqlSession> session, backend::TargetPlan plan)
        : m_session(std::move(session)), m_plan(std::move(plan)), m_triggers(*m_session) {
        // Keys that are deferred are looked at row by row, not by the commit for all of them.
        m_session->execute("BEGIN; SET LOCAL synchronous_commit = on; SET CONSTRAINTS ALL IMMEDIATE",
                           k_doing);
        try {
            m_place = state::find_place(*m_session);
            state::upgrade(*m_session);
            if (undo::exists(*m_session)) {
                m_logged = undo::tables(*m_session, m_plan.migration);
            }
        } catch (...) {
            give_up();
            throw;
        }
    }
    PostgresqlLetterRetry(const PostgresqlLetterRetry&) = delete;
    PostgresqlLetterRetry& operator=(const PostgresqlLetterRetry&) = delete;
    ~PostgresqlLetterRetry() override { give_up(); }

    std::vector<DeadLetter> letters(std::size_t table, const std::optional<Place>& after,
                                    std::size_t most) override {
        return state::dead_letters(*m_session, m_plan.migration, table_at(table).name, after, most);
    }

    void insert(std::size_t table, const RowBatch& row) override {
        prepare(table);
        in_savepoint([&] {
            copy(table, row);
            insert_copied(table);
        });
    }

    void fill(std::size_t table, const RowBatch& row, const std::vector<std::size_t>& columns) override {
        prepare(table);
        in_savepoint([&] {
            copy(table, row);
            fill_from_copied(table, columns);
        });
    }

    void remove(std::size_t table, const DeadLetter& letter) override {
        state::delete_dead_letter(*m_session, m_plan.migration, table_at(table).name, letter);
    }

    void refuse(std::size_t table, const DeadLetter& letter) override {
        state::update_dead_letter(*m_session, m_plan.migration, table_at(table).name, letter);
    }

    void commit(const std::string& plan_json) override {
        m_triggers.on_all();
        for (undo::LoggedTable& log : m_own) {
            log.after = undo::digest_like(*m_session, log.name, log.after);
            log.columns.clear();  // They are in the log, and stay.
            undo::add_table(*m_session, m_plan.migration, log);
        }
        state::set_done(*m_session, m_plan.migration, plan_json);
        m_session->throw_if_stopped();
        const session::PostgresqlResult result(PQexec(m_session->native(), "COMMIT"));
        m_open = false;
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK &&
            std::string_view(PQcmdStatus(result.get())) == "COMMIT") {
            return;
        }
        if (session::is_lost(m_session->native())) {
            ErrorFacts facts{.code = ErrorCode::connection_lost, .backend = "postgresql"};
            facts.next_step = "Retry once more: what went in is no dead letter any more.";
            throw CommitUnknownError(facts, "PostgreSQL: the connection was lost during the commit.");
        }
        m_session->fail(result.get(), "committing the retry");
    }

  private:
    [[nodiscard]] const Table& table_at(std::size_t table) const { return m_plan.schema.tables.at(table); }

    static std::string copied_table(std::size_t table) { return fmt::format("_migrate_letter_{}", table); }
    static std::string copied_sql(std::size_t table) { return quote_name("pg_temp", copied_table(table)); }

    [[nodiscard]] const undo::LoggedTable* log_of(std::size_t table) const {
        const auto log = std::find_if(m_logged.begin(), m_logged.end(),
                                      [&](const auto& one) { return one.name == table_at(table).name; });
        return log == m_logged.end() ? nullptr : &*log;
    }

    /// Before the first row of a table: nobody else writes to it from here on, and what is there must be
    /// known, so that the rows can be told from what others have changed.
    void prepare(std::size_t index) {
        if (const auto known = m_refused.find(index); known != m_refused.end()) {
            if (!known->second.empty()) {
                refuse_row(table_at(index), known->second);
            }
            return;
        }
        const Table& table = table_at(index);
        std::string& refused = m_refused[index];
        const std::string name = quote_name(table.name);
        if (!m_session->query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {name}, k_doing)
                 .boolean(0, 0)) {
            refused = "its table is not there any more";
        } else if (table.placement == Placement::load && !m_plan.disable_triggers &&
                   !firing_triggers(*m_session, table.name).empty()) {
            refused = "its table has triggers of its own, whose doings a retry cannot take back";
        }
        if (!refused.empty()) {
            refuse_row(table, refused);
        }
        m_session->execute(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", name),
                           "locking " + table.name.display());
        m_triggers.off(table.name);
        const undo::LoggedTable* log = log_of(index);
        if (log != nullptr && undo::digest_like(*m_session, log->name, log->after) == log->after) {
            m_own.push_back(*log);
        }
        m_session->execute(
            fmt::format("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0",
                        quote_identifier(copied_table(index)), listed(copied_names(table)), name),
            k_doing);
    }

    void give_up() noexcept {
        if (m_open && m_session->alive()) {
            PQclear(PQexec(m_session->native(), "ROLLBACK"));
        }
    }

    template <class Body>
    void in_savepoint(Body body) {
        m_session->execute("SAVEPOINT letter", k_doing);
        try {
            body();
        } catch (...) {
            if (m_session->alive()) {
                PQclear(
                    PQexec(m_session->native(), "ROLLBACK TO SAVEPOINT letter; RELEASE SAVEPOINT letter"));
            }
            throw;
        }
        m_session->execute("RELEASE SAVEPOINT letter", k_doing);
    }

    void copy(std::size_t index, const RowBatch& row) {
        const Table& table = table_at(index);
        m_session->execute("DELETE FROM " + copied_sql(index), k_doing);
        CopyTransaction transaction(*m_session, table, {"pg_temp", copied_table(index)},
                                    m_physical.of(*m_session, table.name), {}, m_place, nullptr);
        // Whatever becomes of the row, the transaction is not this one's to end.
        transaction.let_go();
        transaction.write(row);
    }

    void insert_copied(std::size_t index) {
        const Table& table = table_at(index);
        const std::string columns = listed(copied_names(table));
        const std::string insert =
            fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}",
                        quote_name(table.name), columns, columns, copied_sql(index));
        const undo::LoggedTable* log = log_of(index);
        const bool listed_apart = log != nullptr && log->placement == Placement::load;
        const auto done = m_session->execute(
            listed_apart ? fmt::format("WITH added AS ({} RETURNING *) INSERT INTO {} SELECT * FROM added",
                                       insert, quote_name(undo::new_rows(m_plan.migration, log->ordinal)))
                         : insert,
            "writing table " + table.name.display());
        if (std::string_view(PQcmdTuples(done.get())) != "1") {
            refuse_row(table, "its table has not taken the row: a rule stands in the way");
        }
    }

    void fill_from_copied(std::size_t index, const std::vector<std::size_t>& columns) {
        const Table& table = table_at(index);
        const std::vector<std::string> names = copied_names(table);
        const ColumnOperators operators(*m_session, table.name);
        std::string key;
        for (const std::string& column : table.primary_key->columns) {
            key += fmt::format("{}t.{} {} s.{}", key.empty() ? "" : " AND ", quote_identifier(column),
                               operators.equal(column), quote_identifier(column));
        }
        std::string set;
        std::string null;
        for (const std::size_t column : columns) {
            const std::string name = quote_identifier(names.at(column));
            set += fmt::format("{}{} = s.{}", set.empty() ? "" : ", ", name, name);
            null += fmt::format(" AND t.{} IS NULL", name);
        }
        const undo::LoggedTable* log = log_of(index);
        if (log != nullptr && log->placement == Placement::load) {
            // Rows of others may have the key of a row that was skipped for them.
            std::string own;
            for (const std::string& column : table.primary_key->columns) {
                const std::string name = quote_identifier(column);
                own += fmt::format("{}n.{} {} t.{}", own.empty() ? "" : " AND ", name,
                                   operators.equal(column), name);
            }
            null += fmt::format(" AND EXISTS (SELECT FROM {} n WHERE {})",
                                quote_name(undo::new_rows(m_plan.migration, log->ordinal)), own);
        }
        const std::string from = copied_sql(index);
        const auto done = m_session->execute(fmt::format("UPDATE {} t SET {} FROM {} s WHERE {}{}",
                                                         quote_name(table.name), set, from, key, null),
                                             "writing table " + table.name.display());
        if (std::string_view(PQcmdTuples(done.get())) == "1") {
            return;
        }
        const auto rows = m_session->query(
            fmt::format("SELECT FROM {} t, {} s WHERE {}", quote_name(table.name), from, key), k_doing);
        refuse_row(table, rows.size() == 0
                              ? "the row is not in its table any more"
                              : "the row has another value there by now, or is not the migration's");
    }

    std::shared_ptr<session::PostgresqlSession> m_session;
    backend::TargetPlan m_plan;
    TriggerSwitch m_triggers;
    state::Place m_place;
    PhysicalColumns m_physical;
    std::vector<undo::LoggedTable> m_logged;
    std::vector<undo::LoggedTable> m_own;          ///< Tables that hold what the migration has left there.
    std::map<std::size_t, std::string> m_refused;  ///< Tables that were looked at, and why not, if so.
    bool m_open = true;
};

}  // namespace

std::unique_ptr<backend::LetterRetry> make_letter_retry(std::shared_ptr<session::PostgresqlSession> session,
                                                        const backend::TargetPlan& plan) {
    return std::make_unique<PostgresqlLetterRetry>(std::move(session), plan);
}

}  // namespace migrate::backends::postgresql
