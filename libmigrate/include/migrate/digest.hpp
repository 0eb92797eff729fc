#pragma once

#include <cstdint>
#include <string>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How rows are hashed. Persisted by name; do not change the values.
enum class DigestAlgorithm : std::uint8_t { xxh3 = 1, sha256 = 2 };

/// The digest of a set of rows: their count and the two 64-bit halves of each row's hash over its canonical
/// bytes, summed in 128 bits so that order does not matter and equal rows do not cancel. A plain value;
/// digests of parts add up to the digest of the whole. That of no rows is of any algorithm: it takes that of
/// the first it is merged with.
struct MIGRATE_EXPORT Digest {
    DigestAlgorithm algorithm = DigestAlgorithm::xxh3;
    std::uint64_t rows = 0;
    unsigned __int128 low = 0;
    unsigned __int128 high = 0;

    void add(std::uint64_t hash_low, std::uint64_t hash_high) noexcept {
        ++rows;
        low += hash_low;
        high += hash_high;
    }
    [[nodiscard]] bool is_of_nothing() const noexcept { return rows == 0 && low == 0 && high == 0; }
    /// Requires: the same algorithm, or no rows on either side. Throws: Error{internal} otherwise.
    void merge(const Digest& other);
    /// Takes rows out again that were added before, or will be. Requires and Throws: as merge.
    void subtract(const Digest& other);
    friend bool operator==(const Digest& a, const Digest& b) noexcept {
        return a.rows == b.rows && a.low == b.low && a.high == b.high &&
               (a.algorithm == b.algorithm || a.is_of_nothing());
    }

  private:
    void agree_with(const Digest& other, const char* doing);
};

/// "xxh3:ROWS:LOW:HIGH" or "sha256:…": rows in decimal, each sum as 32 hexadecimal digits; and back. parse
/// throws Error{malformed}.
MIGRATE_EXPORT std::string to_string(const Digest& digest);
MIGRATE_EXPORT Digest parse_digest(const std::string& text);

MIGRATE_NAMESPACE_END
