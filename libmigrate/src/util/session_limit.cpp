#include "util/session_limit.hpp"

#include <string>
#include <utility>

#include <migrate/error.hpp>

namespace migrate::util {

void SessionLimit::set_most(unsigned most) {
    const std::scoped_lock lock(m_mutex);
    m_most = most;
}

unsigned SessionLimit::open() const {
    const std::scoped_lock lock(m_mutex);
    return m_open;
}

SessionLimit::Lease::Lease(std::shared_ptr<SessionLimit> limit) : m_limit(std::move(limit)) {
    if (m_limit == nullptr) {
        return;
    }
    const std::scoped_lock lock(m_limit->m_mutex);
    if (m_limit->m_open >= m_limit->m_most) {
        ErrorFacts facts;
        facts.code = ErrorCode::resource;
        facts.next_step = "allow one more with --max-connections";
        throw Error(std::move(facts), "one more session is needed than the " +
                                          std::to_string(m_limit->m_most) + " that may be open at once here");
    }
    ++m_limit->m_open;
}

SessionLimit::Lease::~Lease() {
    if (m_limit != nullptr) {
        const std::scoped_lock lock(m_limit->m_mutex);
        --m_limit->m_open;
    }
}

}  // namespace migrate::util
