#include "backends/json/key_stack.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace migrate::backends::json {

namespace {

// Most objects have few members; comparing sixteen 16-byte values in a row is quicker than hashing into a
// table.
constexpr std::size_t k_linear_keys = 16;
// A table this large is given back when its object closes, so that one odd object does not stay paid for.
constexpr std::size_t k_kept_slots = 4096;

}  // namespace

void KeyStack::open_object() {
    if (m_depth == m_levels.size()) {
        m_levels.emplace_back();
    }
    Level& level = m_levels[m_depth++];
    level.keys.clear();
    level.slots.clear();
    level.used = 0;
}

void KeyStack::close_object() {
    Level& level = m_levels[--m_depth];
    if (level.slots.capacity() > k_kept_slots) {
        level.slots = {};
    }
}

bool KeyStack::insert(std::string_view key) {
    const XXH128_hash_t full = XXH3_128bits(key.data(), key.size());
    // The all-zero hash marks an empty slot, so a key that really hashes to it is moved aside.
    const Hash hash{full.low64, full.high64 == 0 ? 1 : full.high64};
    Level& level = m_levels[m_depth - 1];
    if (!level.slots.empty()) {
        return insert_slot(level, hash);
    }
    for (const Hash& seen : level.keys) {
        if (seen == hash) {
            return false;
        }
    }
    level.keys.push_back(hash);
    if (level.keys.size() > k_linear_keys) {
        grow(level);
    }
    return true;
}

bool KeyStack::insert_slot(Level& level, Hash hash) {
    if ((level.used + 1) * 2 > level.slots.size()) {
        grow(level);
    }
    const std::size_t mask = level.slots.size() - 1;
    std::size_t at = hash.low & mask;
    while (level.slots[at] != Hash{}) {
        if (level.slots[at] == hash) {
            return false;
        }
        at = (at + 1) & mask;
    }
    level.slots[at] = hash;
    ++level.used;
    return true;
}

void KeyStack::grow(Level& level) {
    std::vector<Hash> old = std::move(level.slots);
    if (old.empty()) {
        old = std::move(level.keys);
    }
    level.keys.clear();
    level.slots.assign(old.size() < 2 * k_linear_keys ? 4 * k_linear_keys : old.size() * 2, Hash{});
    level.used = 0;
    for (const Hash& hash : old) {
        if (hash != Hash{}) {
            insert_slot(level, hash);
        }
    }
}

}  // namespace migrate::backends::json
