#pragma once

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>

namespace migrate::test {

/// Random values that a failed test can be repeated with: CAPTURE(random.seed()) in the test, then run it
/// with MIGRATE_TEST_SEED set.
class Random {
  public:
    Random() : Random(choose_seed()) {}
    explicit Random(std::uint64_t seed) : m_seed(seed), m_engine(seed) {}

    [[nodiscard]] std::uint64_t seed() const { return m_seed; }
    std::uint64_t bits() { return m_engine(); }
    /// Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(m_engine);
    }
    /// One of a container's elements. Requires: it has some.
    template <typename Container>
    const auto& pick(const Container& from) {
        return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(std::size(from)) - 1))];
    }
    bool chance(int percent) { return between(1, 100) <= percent; }
    std::string digits(std::int64_t count) {
        std::string out;
        for (std::int64_t i = 0; i < count; ++i) {
            out += static_cast<char>('0' + between(0, 9));
        }
        return out;
    }
    std::string bytes(std::int64_t count) {
        std::string out;
        for (std::int64_t i = 0; i < count; ++i) {
            out += static_cast<char>(between(0, 255));
        }
        return out;
    }

  private:
    static std::uint64_t choose_seed() {
        if (const char* const given = std::getenv("MIGRATE_TEST_SEED")) {
            return std::strtoull(given, nullptr, 10);
        }
        return std::random_device()();
    }

    std::uint64_t m_seed;
    std::mt19937_64 m_engine;
};

}  // namespace migrate::test
