#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Opens sessions on one endpoint with one set of options.
class SessionFactory {
  public:
    SessionFactory(Endpoint endpoint, const backend::OpenContext& context, session::PostgresqlUse use);
    [[nodiscard]] std::shared_ptr<session::PostgresqlSession> open() const;
    [[nodiscard]] const Endpoint& endpoint() const noexcept { return m_endpoint; }
    [[nodiscard]] const backend::OpenContext& context() const noexcept { return m_context; }

  private:
    Endpoint m_endpoint;
    backend::OpenContext m_context;
    session::PostgresqlUse m_use;
};

/// Sessions that stand in one snapshot, used again from reader to reader. Safe from several threads.
class ReaderSessions {
  public:
    explicit ReaderSessions(const SessionFactory& factory) : m_factory(factory) {}

    /// A session in a read-only transaction on the snapshot.
    std::shared_ptr<session::PostgresqlSession> take(const std::string& snapshot);
    /// For another reader of the same snapshot. Only sessions with nothing left to read.
    void put_back(const std::string& snapshot, std::shared_ptr<session::PostgresqlSession> session);
    void close();

  private:
    struct Idle {
        std::string snapshot;
        std::shared_ptr<session::PostgresqlSession> session;
    };
    const SessionFactory& m_factory;
    std::mutex m_mutex;
    std::vector<Idle> m_idle;
};

}  // namespace migrate::backends::postgresql
