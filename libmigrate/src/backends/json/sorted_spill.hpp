#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace migrate::backends::json {

/// Pairs of a key and a text, given in any order and taken in the order of the keys (as bytes), equal ones as
/// they were given. What is more than fits in memory waits in a temporary file, in sorted runs.
/// Not thread-safe.
class SortedSpill {
  public:
    struct Item {
        std::string key;
        std::string text;
    };

    /// `memory_bytes`: what may wait in memory. `directory`: where the temporary file is made.
    explicit SortedSpill(std::string directory, std::size_t memory_bytes = std::size_t{8} << 20U);
    ~SortedSpill();
    SortedSpill(SortedSpill&&) noexcept;
    SortedSpill& operator=(SortedSpill&&) noexcept;

    void add(std::string key, std::string text);
    /// Nothing is added any more.
    void finish();
    /// Requires: finish(). The next item, left in its place; nullptr after the last.
    const Item* peek();
    void pop();
    bool was_empty() const { return m_count == 0; }

  private:
    class Run;
    void spill();

    std::string m_directory;
    std::size_t m_memory_bytes;
    std::size_t m_bytes = 0;
    std::uint64_t m_count = 0;
    std::vector<Item> m_items;
    std::size_t m_next = 0;
    std::unique_ptr<io::File> m_file;
    std::uint64_t m_file_size = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> m_bounds;
    std::vector<std::unique_ptr<Run>> m_runs;
    std::vector<std::size_t> m_heap;
};

}  // namespace migrate::backends::json
