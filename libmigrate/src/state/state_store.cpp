#include "state/state_store.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>
#include <migrate/version.hpp>

#include "io/directory.hpp"
#include "io/file.hpp"
#include "session/sqlite_session.hpp"
#include "session/sqlite_statement.hpp"
#include "state/checkpoints.hpp"
#include "state/state_schema.hpp"
#include "util/clock.hpp"
#include "util/printable.hpp"
#include "util/redact.hpp"

namespace migrate::state {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_select_migration =
    "SELECT id, state, from_display, to_display, started_at, finished_at, row_count, exit_code, message "
    "FROM migration ";

/// Small ones among them tell nothing of speeds and are passed over.
constexpr std::size_t k_most_past_runs = 50;

/// A transaction of its own; rolled back unless it was committed.
class Transaction {
  public:
    explicit Transaction(SqliteSession& session) : m_session(session) {
        m_session.execute("BEGIN IMMEDIATE", "write");
    }
    ~Transaction() {
        if (m_session.in_transaction()) {
            try {
                m_session.execute("ROLLBACK", "undo a write of");
            } catch (const Error&) {
                // The file is not reachable; SQLite rolls back when it is opened next.
            }
        }
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() { m_session.execute("COMMIT", "write"); }

  private:
    SqliteSession& m_session;
};

MigrationState parse_state(std::string_view text) {
    constexpr std::array k_states{MigrationState::planned,     MigrationState::loading,
                                  MigrationState::verifying,   MigrationState::ready,
                                  MigrationState::done,        MigrationState::failed,
                                  MigrationState::interrupted, MigrationState::abandoned,
                                  MigrationState::finalized,   MigrationState::rolled_back};
    for (const MigrationState state : k_states) {
        if (to_string(state) == text) {
            return state;
        }
    }
    throw Error(ErrorCode::corrupt,
                fmt::format("The index of migrations holds an unknown state \"{}\".", util::printable(text)));
}

MigrationRecord read_record(const SqliteStatement& row) {
    MigrationRecord record;
    record.id = row.text(0);
    record.state = parse_state(row.text(1));
    record.from = row.text(2);
    record.to = row.text(3);
    record.started_at = row.text(4);
    record.finished_at = row.text(5);
    record.rows = static_cast<std::uint64_t>(row.integer(6));
    record.exit_code = static_cast<int>(row.integer(7));
    record.message = row.text(8);
    return record;
}

void make_file(const std::string& path) {
    io::make_directories(io::parent_of(path));
    if (io::kind_of(path) != io::PathKind::absent) {
        return;
    }
    try {
        io::File::create_new(path).close();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::exists) {
            throw;
        }
    }
}

/// Readers and one writer side by side. Not on every file system, and not while another command holds the
/// file: the index works without as well.
void prefer_wal(SqliteSession& session) {
    try {
        session.execute("PRAGMA journal_mode=WAL", "set the journal of");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::transient && error.code() != ErrorCode::locked) {
            throw;
        }
    }
}

void write_endpoint(SqliteSession& session, const std::string& id, std::string_view side,
                    const Endpoint& endpoint) {
    SqliteStatement(session, "INSERT INTO endpoint (migration, side, engine, location) VALUES (?, ?, ?, ?)",
                    "write")
        .bind(1, id)
        .bind(2, side)
        .bind(3, endpoint.engine)
        .bind(4, util::redact(endpoint.location))
        .run();
    for (const auto& [name, value] : endpoint.options) {
        SqliteStatement(session,
                        "INSERT INTO endpoint_option (migration, side, name, value) VALUES (?, ?, ?, ?)",
                        "write")
            .bind(1, id)
            .bind(2, side)
            .bind(3, name)
            .bind(4, value)
            .run();
    }
}

Endpoint read_endpoint(SqliteSession& session, const std::string& id, std::string_view side) {
    Endpoint endpoint;
    SqliteStatement place(session, "SELECT engine, location FROM endpoint WHERE migration = ? AND side = ?");
    place.bind(1, id).bind(2, side);
    if (!place.step()) {
        throw Error(ErrorCode::corrupt,
                    fmt::format("The index of migrations has lost the endpoints of {}.", id));
    }
    endpoint.engine = place.text(0);
    endpoint.location = place.text(1);
    SqliteStatement options(session,
                            "SELECT name, value FROM endpoint_option WHERE migration = ? AND side = ?");
    options.bind(1, id).bind(2, side);
    while (options.step()) {
        endpoint.options.emplace(options.text(0), options.text(1));
    }
    return endpoint;
}

void require_changed(SqliteSession& session, const std::string& id) {
    if (session.query_integer("SELECT changes()") == 0) {
        throw Error(ErrorCode::not_found, fmt::format("Migration {} is not in the index.", id));
    }
}

/// 0 where the migration is not in the index.
std::int64_t number_of(const SqliteSession& session, const std::string& id) {
    SqliteStatement row(session, "SELECT number FROM migration WHERE id = ?");
    row.bind(1, id);
    return row.step() ? row.integer(0) : 0;
}

[[noreturn]] void fail_unknown(const std::string& id) {
    ErrorFacts facts{.code = ErrorCode::not_found};
    facts.next_step = "See the known ones with `history`, or name the target: it has its own record.";
    throw Error(facts, fmt::format("No migration \"{}\" is in the index.", util::printable(id)));
}

}  // namespace

StateStore::StateStore(std::string path, StateOptions options)
    : m_path(std::move(path)), m_options(std::move(options)) {}
StateStore::~StateStore() = default;
StateStore::StateStore(StateStore&&) noexcept = default;
StateStore& StateStore::operator=(StateStore&&) noexcept = default;

std::string StateStore::now() const {
    return util::iso_utc(m_options.clock ? m_options.clock() : std::chrono::system_clock::now());
}

SqliteSession& StateStore::open() const {
    if (m_session == nullptr) {
        try {
            m_session = std::make_unique<SqliteSession>(SqliteSession::open(
                m_path, SqliteSession::Access::write, static_cast<unsigned>(m_options.busy_timeout.count())));
            m_current = is_current(*m_session, schema_versions());
        } catch (const Error& error) {
            m_session.reset();
            if (error.code() != ErrorCode::corrupt) {
                throw;
            }
            ErrorFacts facts = error.facts();
            facts.next_step = "Move the file away: a new one is made, and targets keep what they need.";
            throw Error(facts, fmt::format("The index of migrations is damaged: {}", error.what()));
        }
    }
    return *m_session;
}

SqliteSession* StateStore::reading() const {
    if (m_session == nullptr && io::kind_of(m_path) == io::PathKind::absent) {
        return nullptr;
    }
    SqliteSession& session = open();
    // What is read this way is there in every version; whoever writes upgrades.
    return m_current || session.query_integer("PRAGMA user_version") > 0 ? &session : nullptr;
}

SqliteSession& StateStore::writing() {
    if (m_session == nullptr) {
        make_file(m_path);
    }
    SqliteSession& session = open();
    if (!m_current) {
        prefer_wal(session);
        upgrade_schema(session, schema_versions());
        m_current = true;
    }
    return session;
}

void StateStore::record_start(const MigrationRecord& record, const std::string& plan_json,
                              const RecordedEndpoints& endpoints) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    for (const char* sql :
         {"DELETE FROM endpoint_option WHERE migration = ?", "DELETE FROM endpoint WHERE migration = ?"}) {
        SqliteStatement(session, sql, "write").bind(1, record.id).run();
    }
    SqliteStatement(session,
                    "INSERT INTO migration (id, state, from_display, to_display, started_at, tool_version, "
                    "plan, number) VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM "
                    "migration)) ON CONFLICT (id) DO UPDATE SET state = "
                    "excluded.state, from_display = excluded.from_display, to_display = excluded.to_display, "
                    "started_at = excluded.started_at, finished_at = '', row_count = 0, exit_code = -1, "
                    "message = '', tool_version = excluded.tool_version, plan = excluded.plan, number = "
                    "excluded.number",
                    "write")
        .bind(1, record.id)
        .bind(2, to_string(record.state))
        .bind(3, util::redact(record.from))
        .bind(4, util::redact(record.to))
        .bind(5, record.started_at.empty() ? now() : record.started_at)
        .bind(6, MIGRATE_VERSION_STRING)
        .bind(7, plan_json)
        .run();
    write_endpoint(session, record.id, "from", endpoints.from);
    write_endpoint(session, record.id, "to", endpoints.to);
    const std::int64_t number = number_of(session, record.id);
    transaction.commit();
    m_started[record.id] = number;
}

void StateStore::record_taken_up(const std::string& id) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    SqliteStatement(session,
                    "UPDATE migration SET number = (SELECT max(number) + 1 FROM migration) WHERE id = ?",
                    "write")
        .bind(1, id)
        .run();
    require_changed(session, id);
    transaction.commit();
}

/// Requires: a transaction is open.
bool StateStore::is_superseded(const std::string& id) const {
    const auto started = m_started.find(id);
    // Of an index that was replaced meanwhile, that it does not know the run is told elsewhere.
    return started != m_started.end() && number_of(*m_session, id) > started->second;
}

void StateStore::record_event(const std::string& id, Phase phase, const std::string& text) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    if (is_superseded(id)) {
        return;
    }
    SqliteStatement(session,
                    "INSERT INTO event (migration, at, phase, message) SELECT id, ?, ?, ? FROM migration "
                    "WHERE id = ?",
                    "write")
        .bind(1, now())
        .bind(2, to_string(phase))
        .bind(3, util::redact(text))
        .bind(4, id)
        .run();
    require_changed(session, id);
    transaction.commit();
}

void StateStore::record_state(const std::string& id, MigrationState state) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    if (is_superseded(id)) {
        return;
    }
    SqliteStatement(session, "UPDATE migration SET state = ? WHERE id = ?", "write")
        .bind(1, to_string(state))
        .bind(2, id)
        .run();
    require_changed(session, id);
    transaction.commit();
}

void StateStore::record_end(const std::string& id, MigrationState state, int exit_code, std::uint64_t rows,
                            const std::string& message) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    if (is_superseded(id)) {
        return;
    }
    SqliteStatement(session,
                    "UPDATE migration SET state = ?, exit_code = ?, row_count = ?, message = ?, finished_at "
                    "= ? WHERE id = ?",
                    "write")
        .bind(1, to_string(state))
        .bind(2, std::int64_t{exit_code})
        .bind(3, static_cast<std::int64_t>(rows))
        .bind(4, util::redact(message))
        .bind(5, now())
        .bind(6, id)
        .run();
    require_changed(session, id);
    transaction.commit();
}

void StateStore::record_run(const std::string& id, const RunKind& kind, const plan::PastRun& run,
                            std::chrono::milliseconds estimated) {
    SqliteSession& session = writing();
    Transaction transaction(session);
    if (!write_run(session, id, kind, run, estimated)) {
        fail_unknown(id);
    }
    transaction.commit();
}

std::vector<plan::PastRun> StateStore::past_runs(const RunKind& kind) const {
    if (m_session == nullptr && io::kind_of(m_path) == io::PathKind::absent) {
        return {};
    }
    if (m_session != nullptr) {
        return m_current ? read_runs(*m_session, kind, k_most_past_runs) : std::vector<plan::PastRun>();
    }
    // For a plan, which writes nothing: a session that may write would, when it is closed, bring over what a
    // killed command has left in the WAL.
    SqliteSession session = SqliteSession::open(m_path, SqliteSession::Access::read,
                                                static_cast<unsigned>(m_options.busy_timeout.count()));
    return is_current(session, schema_versions()) ? read_runs(session, kind, k_most_past_runs)
                                                  : std::vector<plan::PastRun>();
}

std::vector<MigrationRecord> StateStore::list() const {
    std::vector<MigrationRecord> records;
    if (SqliteSession* session = reading()) {
        // Of an earlier version there are only the times.
        const char* const order = m_current ? "ORDER BY number DESC" : "ORDER BY started_at DESC, rowid DESC";
        SqliteStatement rows(*session, std::string(k_select_migration) + order);
        while (rows.step()) {
            records.push_back(read_record(rows));
        }
    }
    return records;
}

std::string StateStore::resolve(const std::string& id_or_prefix) const {
    SqliteSession* session = reading();
    if (session == nullptr || id_or_prefix.empty()) {
        fail_unknown(id_or_prefix);
    }
    SqliteStatement rows(*session,
                         "SELECT id FROM migration WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id <> ?1 "
                         "LIMIT 2");
    rows.bind(1, id_or_prefix);
    if (!rows.step()) {
        fail_unknown(id_or_prefix);
    }
    std::string id(rows.text(0));
    if (id != id_or_prefix && rows.step()) {
        ErrorFacts facts{.code = ErrorCode::usage};
        facts.next_step = "Give more of its characters.";
        throw Error(facts,
                    fmt::format("Several migrations begin with \"{}\".", util::printable(id_or_prefix)));
    }
    return id;
}

MigrationRecord StateStore::find(const std::string& id_or_prefix) const {
    const std::string id = resolve(id_or_prefix);
    SqliteStatement row(*reading(), std::string(k_select_migration) + "WHERE id = ?");
    row.bind(1, id);
    if (!row.step()) {
        fail_unknown(id);
    }
    MigrationRecord record = read_record(row);
    SqliteStatement events(*reading(),
                           "SELECT at, phase, message FROM event WHERE migration = ? ORDER BY number");
    events.bind(1, id);
    record.checkpoints = no_checkpoints();
    while (events.step()) {
        add_event(record.checkpoints, events.text(0), events.text(1), events.text(2));
        record.events.push_back(
            fmt::format("{} {}: {}", events.text(0), events.text(1), util::printable(events.text(2))));
    }
    if (record.state == MigrationState::done || record.state == MigrationState::finalized) {
        record.checkpoints.back().ended_at = record.finished_at;
    }
    return record;
}

std::string StateStore::plan_json(const std::string& id_or_prefix) const {
    const std::string id = resolve(id_or_prefix);
    SqliteStatement row(*reading(), "SELECT plan FROM migration WHERE id = ?");
    row.bind(1, id);
    return row.step() ? std::string(row.text(0)) : std::string();
}

RecordedEndpoints StateStore::endpoints(const std::string& id_or_prefix) const {
    const std::string id = resolve(id_or_prefix);
    return {read_endpoint(*reading(), id, "from"), read_endpoint(*reading(), id, "to")};
}

}  // namespace migrate::state
