#include "backends/sqlite/snapshot.hpp"

#include <algorithm>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "session/sqlite_file.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;

/// How long a writer's lock is waited for before one reader has to do: a host that holds it in this very
/// thread would never let go.
constexpr int k_control_timeout_ms = 300;

/// The state that a transaction sees is that of its first read.
void read_first_page(const SqliteSession& session, std::string_view doing) {
    static_cast<void>(session.query_integer("SELECT count(*) FROM main.sqlite_schema", doing));
}

std::unique_ptr<session::SessionLease> lease_of(const Endpoint& endpoint) {
    return session::borrowed_capacity(endpoint) == 0 ? nullptr
                                                     : std::make_unique<session::SessionLease>(endpoint);
}

SqliteSession borrow_catalog(soci::session& host) {
    SqliteSession session = SqliteSession::borrow(host);
    if (session.in_transaction()) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.backend = "sqlite";
        facts.next_step = "Commit or roll back first, or name the file instead of the session.";
        throw Error(std::move(facts), "the session that was lent is in a transaction of its own");
    }
    return session;
}

SqliteSession open_catalog(const Endpoint& endpoint, const backend::OpenContext& context,
                           const session::SessionLease* lease) {
    if (lease != nullptr) {
        return borrow_catalog(lease->session());
    }
    session::require_database_file(endpoint.location);
    session::refuse_hot_journal(endpoint.location);
    return SqliteSession::open(endpoint.location, SqliteSession::Access::read, context.busy_timeout_ms);
}

}  // namespace

Snapshot::Snapshot(const Endpoint& endpoint, const backend::OpenContext& context)
    : m_context(context),
      m_lease(lease_of(endpoint)),  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the member owns it
      m_catalog(open_catalog(endpoint, context, m_lease.get())) {
    m_catalog.watch(context.stop);
    // The first page read tells whether it is a database at all.
    read_first_page(m_catalog, "open the database");
}

Snapshot::~Snapshot() {
    release();
}

SqliteSession Snapshot::open_reader() const {
    SqliteSession session =
        SqliteSession::open(m_catalog.path(), SqliteSession::Access::read, m_context.busy_timeout_ms);
    session.watch(m_context.stop);
    return session;
}

void Snapshot::begin_reading(const SqliteSession& session) {
    session.execute("BEGIN", "begin to read");
    read_first_page(session, "begin to read");
    session.execute("PRAGMA query_only=ON", "begin to read");
}

bool Snapshot::pin_several(unsigned readers) {
    if (m_catalog.is_borrowed() || m_catalog.is_read_only() || readers < 2) {
        return false;
    }
    try {
        // While this connection may write, nobody else can commit, so all that begin now see one state.
        const SqliteSession control = open_reader();
        sqlite3_busy_timeout(control.handle(), k_control_timeout_ms);
        control.execute("BEGIN IMMEDIATE", "hold back writers of");
        for (unsigned i = 0; i < readers; ++i) {
            m_readers.push_back(std::make_unique<SqliteSession>(open_reader()));
            begin_reading(*m_readers.back());
        }
        begin_reading(m_catalog);
    } catch (const Error& error) {
        m_readers.clear();
        if (m_catalog.in_transaction()) {
            m_catalog.execute("ROLLBACK");
        }
        if (error.code() != ErrorCode::locked) {
            throw;
        }
        return false;
    }
    m_began = true;
    return true;
}

unsigned Snapshot::pin(unsigned readers) {
    if (m_pinned) {
        return static_cast<unsigned>(std::max<std::size_t>(m_readers.size(), 1));
    }
    const std::string mode = m_catalog.query_text("PRAGMA main.journal_mode");
    if (pin_several(readers)) {
        for (const auto& reader : m_readers) {
            m_free.push_back(reader.get());
        }
        m_kind = std::to_string(readers) + " read transactions of one state, journal mode " + mode;
    } else {
        if (m_catalog.is_borrowed()) {
            m_catalog.execute("BEGIN", "begin to read");
            read_first_page(m_catalog, "begin to read");
        } else {
            begin_reading(m_catalog);
        }
        m_began = true;
        m_free.push_back(&m_catalog);
        m_kind = m_catalog.is_borrowed() ? "the application's own session"
                                         : "one read transaction, journal mode " + mode;
    }
    m_pinned = true;
    return static_cast<unsigned>(std::max<std::size_t>(m_readers.size(), 1));
}

void Snapshot::release() noexcept {
    if (!m_pinned) {
        return;
    }
    m_free.clear();
    m_readers.clear();
    if (m_began && m_catalog.in_transaction()) {
        sqlite3_exec(m_catalog.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    m_began = false;
    m_pinned = false;
}

Snapshot::Lease::Lease(Snapshot& snapshot) : m_snapshot(snapshot), m_session(nullptr) {
    const std::lock_guard<std::mutex> guard(snapshot.m_mutex);
    if (snapshot.m_free.empty()) {
        throw Error(ErrorCode::internal, snapshot.m_pinned
                                             ? "more readers were asked for than the snapshot has"
                                             : "a reader was asked for without a snapshot");
    }
    m_session = snapshot.m_free.back();
    // The catalog's connection may carry several readers of one thread.
    if (m_session != &snapshot.m_catalog) {
        snapshot.m_free.pop_back();
    }
}

Snapshot::Lease::~Lease() {
    const std::lock_guard<std::mutex> guard(m_snapshot.m_mutex);
    if (m_session != &m_snapshot.m_catalog) {
        m_snapshot.m_free.push_back(m_session);
    }
}

}  // namespace migrate::backends::sqlite
