#pragma once

#include <mutex>
#include <string>

#include <migrate/endpoint.hpp>

namespace soci {
class session;
class connection_pool;
}  // namespace soci

namespace migrate::session {

/// What Endpoint::borrowed points to: sessions that belong to the host application. Only migrate/soci.hpp
/// makes one (std::make_shared<BorrowedSessions>), so the cast back from void is safe. Exactly one of session
/// and pool is set. The host keeps both alive for as long as a copy of the endpoint is.
///
/// The convention for a backend that is given such an endpoint:
///   - its session class holds a SessionLease where it would otherwise open a connection, and gives it back
///     unclosed, also when it throws;
///   - it refuses (Error{refused}) a session in the middle of the host's own transaction: SQLite's
///     sqlite3_get_autocommit() is 0, or PQtransactionStatus() is not PQTRANS_IDLE;
///   - every setting it changes is read before and put back after, whatever happens between;
///   - pin_snapshot promises no more readers than borrowed_capacity(), and nothing is used from two threads;
///   - the endpoint's location says where the session is connected, for people and for same_place(); it is
///     not opened a second time (an in-memory database has none but this session).
struct BorrowedSessions {
    std::string engine;  ///< "sqlite" or "postgresql".
    soci::session* session = nullptr;
    soci::connection_pool* pool = nullptr;
    unsigned capacity = 1;  ///< Sessions that may be out at once.
    std::mutex mutex;
    unsigned in_use = 0;
};

/// How many sessions the host lends for this endpoint; 0 when it lends none and the backend opens its own.
[[nodiscard]] unsigned borrowed_capacity(const Endpoint& endpoint);

/// One of the host's sessions, for as long as this lives. Used by one thread.
class SessionLease {
  public:
    /// Requires: borrowed_capacity(endpoint) > 0. Throws: Error{locked} when all are out, Error{usage} when
    /// the session is of another engine than the endpoint.
    explicit SessionLease(const Endpoint& endpoint);
    ~SessionLease();
    SessionLease(const SessionLease&) = delete;
    SessionLease& operator=(const SessionLease&) = delete;

    [[nodiscard]] soci::session& session() const noexcept { return *m_session; }

  private:
    std::shared_ptr<void> m_keep_alive;
    BorrowedSessions& m_sessions;
    soci::session* m_session = nullptr;
    std::size_t m_position = 0;
};

}  // namespace migrate::session
