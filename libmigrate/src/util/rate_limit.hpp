#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "util/token_bucket.hpp"

namespace migrate::util {

/// How fast all readers of a call may read together. Thread-safe.
class RateLimit {
  public:
    using Clock = TokenBucket::Clock;

    /// 0 = no such limit. `now` replaces the steady clock.
    RateLimit(std::uint64_t rows_per_second, std::uint64_t bytes_per_second,
              std::function<Clock::time_point()> now = Clock::now);

    /// Counts what was read just now; returns how long its reader has to wait before it reads on.
    Clock::duration count(std::uint64_t rows, std::uint64_t bytes);
    /// The same, and waits, until a stop is requested; true where it did.
    bool pass(std::uint64_t rows, std::uint64_t bytes, const std::stop_token& stop);

    /// Rows and bytes to read at once so that no wait is long: `most`, or less where that is much of a
    /// second's share.
    [[nodiscard]] std::size_t rows_at_once(std::size_t most) const;
    [[nodiscard]] std::size_t bytes_at_once(std::size_t most) const;

  private:
    std::uint64_t m_rows_per_second;
    std::uint64_t m_bytes_per_second;
    std::function<Clock::time_point()> m_now;
    std::mutex m_mutex;  ///< Guards both buckets.
    std::condition_variable_any m_never;
    std::optional<TokenBucket> m_rows;
    std::optional<TokenBucket> m_bytes;
};

}  // namespace migrate::util
