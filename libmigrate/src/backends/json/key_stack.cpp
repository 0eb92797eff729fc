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
// What is remembered of an object: so many names of so many bytes, at so many levels.
constexpr std::size_t k_most_noted = 128;
constexpr std::size_t k_longest_noted = 256;
constexpr std::size_t k_noted_levels = 32;

}  // namespace

void KeyStack::open_object() {
    if (m_depth == m_levels.size()) {
        m_levels.emplace_back();
    }
    Level& level = m_levels[m_depth++];
    level.known_at = 0;
    level.in_step = m_depth <= k_noted_levels;
    level.is_noted = false;
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
    Level& level = m_levels[m_depth - 1];
    if (level.in_step) {
        if (level.known_at != level.known.ends.size() && level.known.at(level.known_at) == key) {
            ++level.known_at;
            return true;
        }
        leave_step(level);
    }
    const bool is_new = insert_hash(level, hash_of(key));
    level.is_noted =
        level.is_noted && is_new && level.known.ends.size() < k_most_noted && key.size() <= k_longest_noted;
    if (level.is_noted) {
        level.known.add(key);
    }
    return is_new;
}

// From here on the members are others: those that were passed are hashed now.
void KeyStack::leave_step(Level& level) {
    for (std::size_t i = 0; i < level.known_at; ++i) {
        insert_hash(level, hash_of(level.known.at(i)));
    }
    level.known.keep(level.known_at);
    level.in_step = false;
    level.is_noted = true;
}

KeyStack::Hash KeyStack::hash_of(std::string_view key) {
    const XXH128_hash_t full = XXH3_128bits(key.data(), key.size());
    // The all-zero hash marks an empty slot, so a key that really hashes to it is moved aside.
    return {full.low64, full.high64 == 0 ? 1 : full.high64};
}

bool KeyStack::insert_hash(Level& level, Hash hash) {
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
