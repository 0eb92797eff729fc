#include "backends/sqlite/profile_parts.hpp"

#include <utility>

namespace migrate::backends::sqlite {
namespace {

std::vector<ColumnProfile> fork_of(const std::vector<ColumnProfile>& profiles) {
    std::vector<ColumnProfile> forks;
    forks.reserve(profiles.size());
    for (const ColumnProfile& profile : profiles) {
        forks.push_back(profile.fork());
    }
    return forks;
}

}  // namespace

ProfileParts::ProfileParts(std::vector<ColumnProfile> first, FirstRows rows)
    : m_first(std::move(first)),
      m_whole(rows == FirstRows::counted ? m_first : fork_of(m_first)),
      m_settling(m_first.size()) {}

std::vector<ColumnProfile> ProfileParts::fork() const {
    return fork_of(m_first);
}

void ProfileParts::add(const std::vector<ColumnProfile>& part) {
    const std::scoped_lock lock(m_mutex);
    for (std::size_t i = 0; i < m_whole.size(); ++i) {
        m_settling[i] += !m_first[i].is_settled() && part[i].is_settled() ? 1U : 0U;
        m_whole[i].merge(part[i]);
    }
}

std::vector<std::size_t> ProfileParts::late() const {
    const std::scoped_lock lock(m_mutex);
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < m_settling.size(); ++i) {
        if (m_settling[i] > 1) {
            columns.push_back(i);
        }
    }
    return columns;
}

std::vector<ColumnProfile> ProfileParts::whole() const {
    const std::scoped_lock lock(m_mutex);
    return m_whole;
}

}  // namespace migrate::backends::sqlite
