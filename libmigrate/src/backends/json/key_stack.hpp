#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::backends::json {

/// The keys seen in each object that is still open, so that a second member of the same name is noticed.
///
/// Keys are held as 128-bit hashes: two equal keys always meet, and two different ones are taken for equal
/// with a probability of 2^-128 each, which would refuse a good file and never accept a bad one. While an
/// object has the members of the one before at its depth, in their order, nothing needs to be hashed.
class KeyStack {
  public:
    void open_object();
    void close_object();
    void clear() { m_depth = 0; }

    /// False if the innermost open object already has this key.
    bool insert(std::string_view key);

  private:
    struct Hash {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        bool operator==(const Hash&) const = default;
    };
    /// Names of members, all different, in the order of an object that had them.
    struct Names {
        std::string text;
        std::vector<std::size_t> ends;
        std::string_view at(std::size_t index) const {
            const std::size_t begin = index == 0 ? 0 : ends[index - 1];
            return std::string_view(text).substr(begin, ends[index] - begin);
        }
        void add(std::string_view name) {
            text += name;
            ends.push_back(text.size());
        }
        void keep(std::size_t count) {
            ends.resize(count);
            text.resize(count == 0 ? 0 : ends.back());
        }
    };
    struct Level {
        Names known;  // of an object before this one
        std::size_t known_at = 0;
        bool in_step = false;     // so far the members are the known ones
        bool is_noted = false;    // they are in `known` up to here, whose rest no longer counts
        std::vector<Hash> keys;   // in order, while few
        std::vector<Hash> slots;  // open addressing, once many; an all-zero slot is empty
        std::size_t used = 0;
    };

    static Hash hash_of(std::string_view key);
    static void leave_step(Level& level);
    static bool insert_hash(Level& level, Hash hash);
    static bool insert_slot(Level& level, Hash hash);
    static void grow(Level& level);

    std::vector<Level> m_levels;
    std::size_t m_depth = 0;
};

}  // namespace migrate::backends::json
