#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace migrate::backends::json {

/// Tells whether all of any number of values differ, in bounded memory: hashes of 128 bits are sorted in
/// runs, and runs go to a temporary file. Two different values are taken for equal with a probability of
/// 2^-128 for each pair; then a column is not made a key that could have been one.
class UniqueCheck {
  public:
    explicit UniqueCheck(std::size_t run_length = std::size_t{1} << 20U) : m_run_length(run_length) {}

    void add(std::string_view value);
    std::uint64_t count() const { return m_count; }
    /// Merges the runs. Nothing may be added afterwards.
    bool all_differ();

  private:
    struct Hash {
        std::uint64_t high;
        std::uint64_t low;
        auto operator<=>(const Hash&) const = default;
    };
    class Run;

    void sort_run();
    void spill();

    std::size_t m_run_length;
    std::uint64_t m_count = 0;
    bool m_has_equal = false;
    std::vector<Hash> m_run;
    std::optional<io::File> m_file;
    std::vector<std::uint64_t> m_run_ends;  // in hashes
};

}  // namespace migrate::backends::json
