#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "backends/postgresql/reader_sessions.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Sessions that build steps run in, used again from step to step: the target's own first. Safe from several
/// threads.
class BuildSessions {
  public:
    BuildSessions(const SessionFactory& factory, std::shared_ptr<session::PostgresqlSession> own)
        : m_factory(factory), m_idle{std::move(own)} {}

    std::shared_ptr<session::PostgresqlSession> take() {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_idle.empty()) {
                auto session = std::move(m_idle.back());
                m_idle.pop_back();
                return session;
            }
        }
        return m_factory.open();
    }

    void put_back(std::shared_ptr<session::PostgresqlSession> session) {
        const std::scoped_lock lock(m_mutex);
        m_idle.push_back(std::move(session));
    }

  private:
    const SessionFactory& m_factory;
    std::mutex m_mutex;
    std::vector<std::shared_ptr<session::PostgresqlSession>> m_idle;
};

}  // namespace migrate::backends::postgresql
