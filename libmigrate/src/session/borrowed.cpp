#include "session/borrowed.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <migrate/error.hpp>

namespace migrate::session {
namespace {

/// How long a session of a pool may be out with the host before it counts as taken.
constexpr int k_pool_wait_ms = 5000;

BorrowedSessions& sessions_of(const Endpoint& endpoint) {
    auto* sessions = static_cast<BorrowedSessions*>(endpoint.borrowed.get());
    if (sessions == nullptr || (sessions->session == nullptr) == (sessions->pool == nullptr)) {
        throw Error(ErrorCode::internal, "This endpoint does not bring exactly one session or pool.");
    }
    if (sessions->engine != endpoint.engine) {
        ErrorFacts facts{.code = ErrorCode::usage, .backend = endpoint.engine};
        facts.next_step = "Make the endpoint with endpoint_from() and leave its engine as it is.";
        throw Error(facts, fmt::format("The host's session is one of {}, the endpoint says {}.",
                                       sessions->engine, endpoint.engine));
    }
    return *sessions;
}

[[noreturn]] void fail_all_out(const BorrowedSessions& sessions) {
    ErrorFacts facts{.code = ErrorCode::locked, .backend = sessions.engine};
    facts.next_step = "Use each of the host's sessions for one side of one call at a time, or lend a pool.";
    throw Error(facts, sessions.capacity == 1
                           ? fmt::format("The application's {} session is in use already.", sessions.engine)
                           : fmt::format("All {} of the application's {} sessions are in use.",
                                         sessions.capacity, sessions.engine));
}

}  // namespace

unsigned borrowed_capacity(const Endpoint& endpoint) {
    return endpoint.borrowed == nullptr ? 0 : sessions_of(endpoint).capacity;
}

SessionLease::SessionLease(const Endpoint& endpoint)
    : m_keep_alive(endpoint.borrowed), m_sessions(sessions_of(endpoint)) {
    {
        const std::lock_guard lock(m_sessions.mutex);
        if (m_sessions.in_use >= m_sessions.capacity) {
            fail_all_out(m_sessions);
        }
        ++m_sessions.in_use;
    }
    if (m_sessions.session != nullptr) {
        m_session = m_sessions.session;
        return;
    }
    if (!m_sessions.pool->try_lease(m_position, k_pool_wait_ms)) {
        const std::lock_guard lock(m_sessions.mutex);
        --m_sessions.in_use;
        fail_all_out(m_sessions);
    }
    m_session = &m_sessions.pool->at(m_position);
}

SessionLease::~SessionLease() {
    if (m_sessions.pool != nullptr) {
        m_sessions.pool->give_back(m_position);
    }
    const std::lock_guard lock(m_sessions.mutex);
    --m_sessions.in_use;
}

}  // namespace migrate::session
