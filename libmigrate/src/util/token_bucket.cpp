#include "util/token_bucket.hpp"

#include <algorithm>

namespace migrate::util {
namespace {

/// A wait that nobody sees the end of, and that still fits into the clock's range many times.
constexpr double k_longest_wait_seconds = 1e8;

}  // namespace

TokenBucket::Clock::duration TokenBucket::take(std::uint64_t amount, Clock::time_point now) {
    const std::chrono::duration<double> cost(
        std::min(static_cast<double>(amount) / m_per_second, k_longest_wait_seconds));
    m_paid_until = std::max(m_paid_until, now - m_burst) + std::chrono::duration_cast<Clock::duration>(cost);
    return std::max(m_paid_until - now, Clock::duration::zero());
}

}  // namespace migrate::util
