#include "backends/postgresql/reader_sessions.hpp"

#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql {

SessionFactory::SessionFactory(Endpoint endpoint, const backend::OpenContext& context,
                               session::PostgresqlUse use)
    : m_endpoint(std::move(endpoint)), m_context(context), m_use(use) {}

std::shared_ptr<session::PostgresqlSession> SessionFactory::open() const {
    session::PostgresqlOptions options;
    options.use = m_use;
    options.credentials = m_context.credentials;
    options.application_name = m_context.application_name;
    options.lock_timeout_ms = m_context.busy_timeout_ms;
    options.stop = m_context.stop;
    options.limit = m_context.sessions;
    return std::make_shared<session::PostgresqlSession>(m_endpoint, std::move(options));
}

std::shared_ptr<session::PostgresqlSession> ReaderSessions::take(const std::string& snapshot) {
    {
        const std::lock_guard lock(m_mutex);
        for (auto idle = m_idle.begin(); idle != m_idle.end(); ++idle) {
            if (idle->snapshot == snapshot) {
                auto session = std::move(idle->session);
                m_idle.erase(idle);
                return session;
            }
        }
    }
    auto session = m_factory.open();
    session->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT " +
                         quote_literal(snapshot),
                     "joining the snapshot");
    return session;
}

void ReaderSessions::put_back(const std::string& snapshot,
                              std::shared_ptr<session::PostgresqlSession> session) {
    if (!session->alive() || PQtransactionStatus(session->native()) != PQTRANS_INTRANS) {
        return;
    }
    const std::lock_guard lock(m_mutex);
    m_idle.push_back({snapshot, std::move(session)});
}

void ReaderSessions::close() {
    const std::lock_guard lock(m_mutex);
    m_idle.clear();
}

}  // namespace migrate::backends::postgresql
