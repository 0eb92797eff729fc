#include <limits>
#include <stop_token>

#include <catch2/catch.hpp>

#include "util/rate_limit.hpp"
#include "util/token_bucket.hpp"

using namespace std::chrono_literals;
using migrate::util::RateLimit;
using migrate::util::TokenBucket;

namespace {

using Time = TokenBucket::Clock::time_point;

const Time k_start = Time() + 1000h;

}  // namespace

TEST_CASE("token bucket: what is taken has to be waited for at the rate", "[rate]") {
    TokenBucket bucket(1000, 0ms);
    CHECK(bucket.take(500, k_start) == 500ms);
    CHECK(bucket.take(250, k_start) == 750ms);
    // Who has waited is as far as the rate.
    CHECK(bucket.take(1000, k_start + 750ms) == 1000ms);
    CHECK(bucket.take(0, k_start + 1750ms) == 0ms);
}

TEST_CASE("token bucket: no more is saved up than the burst", "[rate]") {
    TokenBucket bucket(1000, 100ms);
    CHECK(bucket.take(100, k_start) == 0ms);
    CHECK(bucket.take(1, k_start) == 1ms);
    // An hour of idleness is worth a tenth of a second.
    CHECK(bucket.take(100, k_start + 1h) == 0ms);
    CHECK(bucket.take(1000, k_start + 1h) == 1000ms);
}

TEST_CASE("token bucket: over any time the rate is kept, however it is taken", "[rate]") {
    TokenBucket bucket(5000, 100ms);
    Time now = k_start;
    std::uint64_t taken = 0;
    for (std::uint64_t amount = 1; now < k_start + 1h; amount = amount * 7 % 4099 + 1) {
        taken += amount;
        now += bucket.take(amount, now);
    }
    const double seconds = std::chrono::duration<double>(now - k_start).count();
    CHECK(static_cast<double>(taken) <= 5000 * (seconds + 0.1) + 1);
    CHECK(static_cast<double>(taken) > 5000 * seconds - 1);
}

TEST_CASE("token bucket: an amount that takes for ever is waited for without an overflow", "[rate]") {
    TokenBucket bucket(1);
    const auto wait = bucket.take(std::numeric_limits<std::uint64_t>::max(), k_start);
    CHECK(wait > 24h);
    CHECK(bucket.take(std::numeric_limits<std::uint64_t>::max(), k_start) > wait);
}

TEST_CASE("rate limit: rows and bytes are limited by whichever is slower", "[rate]") {
    Time now = k_start;
    RateLimit limit(1000, 1'000'000, [&] { return now; });
    CHECK(limit.count(100, 0) == 0ms);
    CHECK(limit.count(1000, 10) == 1000ms);
    now += 1h;
    CHECK(limit.count(100, 2'100'000) == 2000ms);
    now += 1h;
    RateLimit rows_only(1000, 0, [&] { return now; });
    CHECK(rows_only.count(100, 1'000'000'000) == 0ms);
    RateLimit bytes_only(0, 1000, [&] { return now; });
    CHECK(bytes_only.count(1'000'000'000, 100) == 0ms);
}

TEST_CASE("rate limit: all readers share it", "[rate]") {
    const Time now = k_start;
    RateLimit limit(1000, 0, [&] { return now; });
    CHECK(limit.count(600, 0) == 500ms);
    CHECK(limit.count(600, 0) == 1100ms);
}

TEST_CASE("rate limit: little is read at once where the rate is low", "[rate]") {
    const RateLimit low(500, 20'000);
    CHECK(low.rows_at_once(4096) == 50);
    CHECK(low.bytes_at_once(1'000'000) == 2000);
    const RateLimit lowest(1, 0);
    CHECK(lowest.rows_at_once(4096) == 1);
    CHECK(lowest.bytes_at_once(1'000'000) == 1'000'000);
    const RateLimit high(10'000'000, 0);
    CHECK(high.rows_at_once(4096) == 4096);
}

TEST_CASE("rate limit: a stop ends the waiting", "[rate]") {
    RateLimit limit(1, 0);
    std::stop_source stop;
    stop.request_stop();
    CHECK(limit.pass(1'000'000, 0, stop.get_token()));
    CHECK_FALSE(RateLimit(1'000'000'000, 0).pass(1, 0, {}));
}
