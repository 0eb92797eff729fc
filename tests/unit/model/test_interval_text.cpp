#include <cstdint>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/random.hpp"
#include "util/byte_order.hpp"

using namespace migrate;

namespace {

std::string interval(std::int64_t time, std::int32_t days, std::int32_t months) {
    std::string value;
    util::append_big(value, time);
    util::append_big(value, days);
    util::append_big(value, months);
    return value;
}

std::string text_of(const std::string& value) {
    std::string out;
    model::append_interval(value, out);
    return out;
}

}  // namespace

TEST_CASE("interval: every field has its own sign", "[value][interval]") {
    CHECK(text_of(interval(0, 0, 0)) == "PT0S");
    CHECK(text_of(interval(14706000007, -3, 14)) == "P1Y2M-3DT4H5M6.000007S");
    CHECK(text_of(interval(-500000, 0, 0)) == "PT-0.5S");
    CHECK(text_of(interval(-3'660'000'000, 1, -13)) == "P-1Y-1M1DT-1H-1M");
    CHECK(text_of(interval(0, 0, 11)) == "P11M");
    CHECK(text_of(interval(std::numeric_limits<std::int64_t>::min(), 0, 0)) == "PT-2562047788H-54.775808S");
}

TEST_CASE("interval: only the one spelling is read", "[value][interval]") {
    std::string value;
    for (const char* const text : {"",
                                   "P",
                                   "PT",
                                   "P0D",
                                   "P13M",
                                   "P1W",
                                   "PT60M",
                                   "PT0.50S",
                                   "P01D",
                                   "PT1H0S",
                                   "P1DT",
                                   "1D",
                                   "P1M1Y",
                                   "PT1S1M",
                                   "P+1D",
                                   "P1.5D",
                                   "PT1.0000001S",
                                   "P1D ",
                                   "P99999999999Y",
                                   "PT99999999999999999999H",
                                   "P-0D"}) {
        CAPTURE(text);
        value.clear();
        CHECK_FALSE(model::read_interval(text, value));
    }
}

TEST_CASE("interval: all bits come back through text", "[value][interval][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 20'000; ++i) {
        const auto time = static_cast<std::int64_t>(random.bits()) >> random.between(0, 63);
        const auto days =
            static_cast<std::int32_t>(static_cast<std::int64_t>(random.bits()) >> random.between(32, 63));
        const auto months =
            static_cast<std::int32_t>(static_cast<std::int64_t>(random.bits()) >> random.between(32, 63));
        const std::string value = interval(time, days, months);
        const std::string text = text_of(value);
        CAPTURE(text);
        std::string back;
        REQUIRE(model::read_interval(text, back));
        REQUIRE(back == value);
    }
}
