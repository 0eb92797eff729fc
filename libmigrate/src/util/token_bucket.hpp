#pragma once

#include <chrono>
#include <cstdint>

namespace migrate::util {

/// An average rate, kept by waiting after what was taken. Time comes from the caller. Not thread-safe.
class TokenBucket {
  public:
    using Clock = std::chrono::steady_clock;

    /// Requires: per_second > 0. What is not taken is saved up for as long as `burst`.
    explicit TokenBucket(double per_second, Clock::duration burst = std::chrono::milliseconds(100))
        : m_per_second(per_second), m_burst(burst) {}

    /// Takes the amount, whether it is there yet or not; returns how long to wait until it would have been.
    Clock::duration take(std::uint64_t amount, Clock::time_point now);

  private:
    double m_per_second;
    Clock::duration m_burst;
    Clock::time_point m_paid_until =
        Clock::time_point::min();  ///< When all that was taken will have been there.
};

}  // namespace migrate::util
