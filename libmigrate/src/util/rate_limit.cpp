#include "util/rate_limit.hpp"

#include <algorithm>
#include <utility>

namespace migrate::util {
namespace {

/// The part of a second whose share is read at once.
constexpr std::uint64_t k_steps_per_second = 10;

std::optional<TokenBucket> bucket_of(std::uint64_t per_second) {
    return per_second > 0 ? std::optional(TokenBucket(static_cast<double>(per_second))) : std::nullopt;
}

std::size_t share_of(std::uint64_t per_second, std::size_t most) {
    const std::uint64_t share = std::max<std::uint64_t>(per_second / k_steps_per_second, 1);
    return per_second > 0 ? static_cast<std::size_t>(std::min<std::uint64_t>(share, most)) : most;
}

}  // namespace

RateLimit::RateLimit(std::uint64_t rows_per_second, std::uint64_t bytes_per_second,
                     std::function<Clock::time_point()> now)
    : m_rows_per_second(rows_per_second),
      m_bytes_per_second(bytes_per_second),
      m_now(std::move(now)),
      m_rows(bucket_of(rows_per_second)),
      m_bytes(bucket_of(bytes_per_second)) {}

RateLimit::Clock::duration RateLimit::count(std::uint64_t rows, std::uint64_t bytes) {
    const std::scoped_lock lock(m_mutex);
    const auto now = m_now();
    const auto for_rows = m_rows ? m_rows->take(rows, now) : Clock::duration::zero();
    const auto for_bytes = m_bytes ? m_bytes->take(bytes, now) : Clock::duration::zero();
    return std::max(for_rows, for_bytes);
}

bool RateLimit::pass(std::uint64_t rows, std::uint64_t bytes, const std::stop_token& stop) {
    const auto wait = count(rows, bytes);
    if (wait <= Clock::duration::zero()) {
        return false;
    }
    std::unique_lock lock(m_mutex);
    m_never.wait_for(lock, stop, wait, [] { return false; });
    return true;
}

std::size_t RateLimit::rows_at_once(std::size_t most) const {
    return share_of(m_rows_per_second, most);
}

std::size_t RateLimit::bytes_at_once(std::size_t most) const {
    return share_of(m_bytes_per_second, most);
}

}  // namespace migrate::util
