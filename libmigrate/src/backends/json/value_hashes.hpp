#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace migrate::backends::json {

/// Hashes of any number of values, in bounded memory: they are sorted in runs, and runs go to a temporary
/// file. Tells whether all of the values differ, and whether another's are among them. Two different values
/// are taken for equal with a probability of 2^-128 for each pair. Not thread-safe.
class ValueHashes {
  public:
    /// What they are for: once two are equal, a column that is only asked for uniqueness needs no more.
    enum class Use : std::uint8_t { uniqueness, membership };

    static constexpr std::size_t k_large_run = std::size_t{1} << 20U;
    /// `run_length`: hashes (of 16 bytes) that wait in memory. `first_run`: of the first run, so that equal
    /// values among many columns' are noticed early.
    explicit ValueHashes(Use use = Use::uniqueness, std::size_t run_length = k_large_run,
                         std::size_t first_run = k_large_run);

    void add(std::string_view value);
    /// As if every value of the other had been added. Requires: the other's are in memory.
    void add(const ValueHashes& other);
    [[nodiscard]] bool is_in_memory() const noexcept { return m_run_ends.empty(); }
    /// Values, equal ones too.
    std::uint64_t count() const { return m_count; }
    /// Two values are known to be equal; there may be such that are not known yet.
    bool has_known_equal() const { return m_has_equal; }
    /// Nothing may be added afterwards.
    bool all_differ();
    /// How many different values of the other are not among these. Nothing may be added to either afterwards.
    /// Requires: Use::membership of both.
    std::uint64_t count_missing(ValueHashes& other);

  private:
    struct Hash {
        std::uint64_t high;
        std::uint64_t low;
        auto operator<=>(const Hash&) const = default;
    };
    class Run;
    class Merge;

    void add_hash(const Hash& hash);
    void sort_run();
    void spill();
    void finish();

    Use m_use;
    std::size_t m_run_length;
    std::size_t m_first_run;
    std::uint64_t m_count = 0;
    bool m_has_equal = false;
    bool m_is_finished = false;
    std::vector<Hash> m_run;
    std::optional<io::File> m_file;
    std::vector<std::uint64_t> m_run_ends;  // in hashes
};

}  // namespace migrate::backends::json
