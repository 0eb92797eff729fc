#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace migrate::bench {

/// A stream of numbers that is the same on every machine (SplitMix64), unlike the standard library's
/// distributions.
class Random {
  public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t next() noexcept {
        m_state += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    /// first … last, both included.
    std::int64_t between(std::int64_t first, std::int64_t last) noexcept {
        return first + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(last - first + 1));
    }

  private:
    std::uint64_t m_state;
};

/// Rows of each table of an order system at a scale: 1 is six million order lines, about.
struct OrderSizes {
    explicit OrderSizes(double scale);
    std::int64_t suppliers;
    std::int64_t customers;
    std::int64_t parts;
    std::int64_t orders;
};

/// "2 to 8 words" of a fixed vocabulary, at most `longest` bytes.
std::string words(Random& random, std::size_t longest);
/// Days since 1992-01-01 as YYYY-MM-DD.
std::string date(std::int64_t day);
/// One of these.
template <std::size_t N>
std::string_view pick(Random& random, const std::string_view (&from)[N]) {
    return from[random.next() % N];
}

/// Eight tables with primary keys, three further indexes and eight foreign keys, into a new SQLite file.
/// Throws: std::runtime_error.
void write_order_database(const std::string& path, double scale);

/// Orders as one JSON object a line, with a nested ship address and a list of tags. Throws:
/// std::runtime_error.
void write_order_records(const std::string& path, std::int64_t records);

/// Reads one JSON value after another with a parser that keeps nothing; returns how many there are. The floor
/// of whatever reads the file. Throws: std::runtime_error.
std::uint64_t parse_records(const std::string& path);

/// A database of many small tables. Throws: std::runtime_error.
void write_small_tables(const std::string& path, std::int64_t tables, std::int64_t rows);

}  // namespace migrate::bench
