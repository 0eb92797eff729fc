#include "backend/staged_digests.hpp"

namespace migrate::backend {

void StagedDigests::begin(const QualifiedName& table, std::size_t parts) {
    const std::lock_guard lock(m_mutex);
    m_parts[table].assign(parts, std::nullopt);
}

void StagedDigests::add(const QualifiedName& table, std::size_t part, const Digest& digest) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_parts.find(table);
    if (found != m_parts.end() && part < found->second.size()) {
        found->second[part] = digest;
    }
}

void StagedDigests::add_written(const QualifiedName& table, const Digest& digest) {
    const std::lock_guard lock(m_mutex);
    m_written[table].merge(digest);
}

std::optional<Digest> StagedDigests::written(const QualifiedName& table) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_written.find(table);
    return found == m_written.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Digest> StagedDigests::of(const QualifiedName& table) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_parts.find(table);
    if (found == m_parts.end() || found->second.empty()) {
        return std::nullopt;
    }
    Digest all;
    for (const std::optional<Digest>& part : found->second) {
        if (!part) {
            return std::nullopt;
        }
        all.merge(*part);
    }
    return all;
}

}  // namespace migrate::backend
