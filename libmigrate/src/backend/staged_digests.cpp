#include "backend/staged_digests.hpp"

#include <algorithm>

namespace migrate::backend {

bool StagedDigests::is_whole(const Parts& parts) {
    return std::all_of(parts.begin(), parts.end(),
                       [](const std::optional<Digest>& part) { return part.has_value(); });
}

void StagedDigests::begin(const QualifiedName& table, std::size_t parts) {
    const std::lock_guard lock(m_mutex);
    Parts& known = m_parts[table];
    if (known.size() != parts || !is_whole(known)) {
        known.assign(parts, std::nullopt);
    }
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
    if (found == m_parts.end() || found->second.empty() || !is_whole(found->second)) {
        return std::nullopt;
    }
    Digest all;
    for (const std::optional<Digest>& part : found->second) {
        all.merge(*part);
    }
    return all;
}

}  // namespace migrate::backend
