#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace migrate::backends::json {

/// The keys seen in each object that is still open, so that a second member of the same name is noticed.
///
/// Keys are held as 128-bit hashes: two equal keys always meet, and two different ones are taken for equal
/// with a probability of 2^-128 each, which would refuse a good file and never accept a bad one.
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
    struct Level {
        std::vector<Hash> keys;   // in order, while few
        std::vector<Hash> slots;  // open addressing, once many; an all-zero slot is empty
        std::size_t used = 0;
    };

    static bool insert_slot(Level& level, Hash hash);
    static void grow(Level& level);

    std::vector<Level> m_levels;
    std::size_t m_depth = 0;
};

}  // namespace migrate::backends::json
