#include "backends/json/key_places.hpp"

#define XXH_INLINE_ALL
#include <algorithm>
#include <utility>

#include <xxhash.h>

#include <migrate/error.hpp>

namespace migrate::backends::json {

KeyPlaces::KeyPlaces(std::string directory, std::size_t run_length, std::size_t recent)
    : m_directory(std::move(directory)), m_run_length(run_length), m_most_recent(recent) {}

KeyPlaces::Hash KeyPlaces::hash_of(std::string_view key) {
    const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
    return {hash.high64, hash.low64};
}

void KeyPlaces::add(std::string_view key, std::uint64_t place) {
    const Hash hash = hash_of(key);
    if (!m_is_asked) {
        m_run.push_back({hash, place});
        if (m_run.size() >= m_run_length) {
            spill();
        }
        return;
    }
    m_recent[hash] = place;
    if (m_recent.size() >= m_most_recent) {
        m_run.reserve(m_recent.size());
        for (const auto& [recent, at] : m_recent) {
            m_run.push_back({recent, at});
        }
        m_recent.clear();
        spill();
    }
}

void KeyPlaces::spill() {
    if (m_run.empty()) {
        return;
    }
    std::sort(m_run.begin(), m_run.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
    if (!m_file) {
        m_file = io::File::temporary(m_directory);
    }
    m_file->write({reinterpret_cast<const char*>(m_run.data()), m_run.size() * sizeof(Entry)});
    m_run_ends.push_back((m_run_ends.empty() ? 0 : m_run_ends.back()) + m_run.size());
    m_run.clear();
    m_run.shrink_to_fit();
}

/// Few need no file.
void KeyPlaces::settle() {
    if (m_run.size() >= m_most_recent) {
        spill();
        return;
    }
    for (const Entry& entry : m_run) {
        m_recent[entry.hash] = entry.place;
    }
    m_run = {};
}

std::optional<std::uint64_t> KeyPlaces::find(std::string_view key) {
    if (!std::exchange(m_is_asked, true)) {
        settle();
    }
    const Hash hash = hash_of(key);
    if (const auto recent = m_recent.find(hash); recent != m_recent.end()) {
        return recent->second;
    }
    for (std::size_t run = m_run_ends.size(); run > 0; --run) {
        const std::uint64_t first = run == 1 ? 0 : m_run_ends[run - 2];
        if (const auto place = find_in(first, m_run_ends[run - 1], hash)) {
            return place;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> KeyPlaces::find_in(std::uint64_t first, std::uint64_t last,
                                                const Hash& hash) const {
    const std::uint64_t end = last;
    while (first < last) {
        const std::uint64_t middle = first + (last - first) / 2;
        if (entry_at(middle).hash < hash) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    if (first == end) {
        return std::nullopt;
    }
    const Entry found = entry_at(first);
    return found.hash == hash ? std::optional(found.place) : std::nullopt;
}

KeyPlaces::Entry KeyPlaces::entry_at(std::uint64_t index) const {
    Entry entry{};
    std::size_t filled = 0;
    while (filled < sizeof(Entry)) {
        const std::size_t got = m_file->read_at(
            index * sizeof(Entry) + filled, reinterpret_cast<char*>(&entry) + filled, sizeof(Entry) - filled);
        if (got == 0) {
            throw Error(ErrorCode::io, "a temporary file ended too early");
        }
        filled += got;
    }
    return entry;
}

}  // namespace migrate::backends::json
