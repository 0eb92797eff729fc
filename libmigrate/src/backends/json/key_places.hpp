#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/file.hpp"

namespace migrate::backends::json {

/// Finds a number by a text, among any number of them, in bounded memory: of each text its hash is kept, in
/// sorted runs that wait in a temporary file. Two texts are taken for equal with a probability of 2^-128 for
/// each pair. Not thread-safe.
class KeyPlaces {
  public:
    static constexpr std::size_t k_large_run = std::size_t{1} << 20U;
    static constexpr std::size_t k_recent = std::size_t{1} << 16U;

    /// `directory`: where the temporary file is made. `run_length`: entries (of 24 bytes) that wait in memory
    /// before the first find(); `recent`: of about 64 bytes, afterwards.
    explicit KeyPlaces(std::string directory, std::size_t run_length = k_large_run,
                       std::size_t recent = k_recent);

    void add(std::string_view key, std::uint64_t place);
    /// Of equal keys the place that was added last, unless both came before the first find(): then either.
    [[nodiscard]] std::optional<std::uint64_t> find(std::string_view key);

  private:
    struct Hash {
        std::uint64_t high;
        std::uint64_t low;
        auto operator<=>(const Hash&) const = default;
    };
    struct Entry {
        Hash hash;
        std::uint64_t place;
    };
    struct HashOfHash {
        std::size_t operator()(const Hash& hash) const noexcept { return hash.low; }
    };

    static Hash hash_of(std::string_view key);
    void spill();
    void settle();
    [[nodiscard]] Entry entry_at(std::uint64_t index) const;
    [[nodiscard]] std::optional<std::uint64_t> find_in(std::uint64_t first, std::uint64_t last,
                                                       const Hash& hash) const;

    std::string m_directory;
    std::size_t m_run_length;
    std::size_t m_most_recent;
    std::vector<Entry> m_run;
    std::unordered_map<Hash, std::uint64_t, HashOfHash> m_recent;  // once there was a find()
    bool m_is_asked = false;
    std::optional<io::File> m_file;
    std::vector<std::uint64_t> m_run_ends;  // in entries
};

}  // namespace migrate::backends::json
