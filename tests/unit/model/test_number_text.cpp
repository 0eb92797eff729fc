#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/random.hpp"

using namespace migrate;

namespace {

std::string text_of(double value) {
    std::string out;
    model::append_float64(value, out);
    return out;
}

std::string text_of(float value) {
    std::string out;
    model::append_float32(value, out);
    return out;
}

}  // namespace

TEST_CASE("float64: the shortest text that reads back", "[value][float]") {
    CHECK(text_of(0.1) == "0.1");
    CHECK(text_of(-0.0) == "-0");
    CHECK(text_of(1.0) == "1");
    CHECK(text_of(5e-324) == "5e-324");
    CHECK(text_of(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
    CHECK(text_of(-std::numeric_limits<double>::infinity()) == "-Infinity");
    CHECK(text_of(std::numeric_limits<double>::quiet_NaN()) == "NaN");
    CHECK(text_of(-std::numeric_limits<double>::quiet_NaN()) == "NaN");
    CHECK(text_of(0.1F) == "0.1");
    CHECK(text_of(16777216.0F) == "16777216");
}

TEST_CASE("float: all bits come back through text", "[value][float][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 20'000; ++i) {
        const auto value = std::bit_cast<double>(random.bits());
        double back = 0;
        REQUIRE(model::read_float64(text_of(value), back));
        REQUIRE((std::isnan(value)
                     ? std::isnan(back)
                     : std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(back)));
        const auto small = std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
        float small_back = 0;
        REQUIRE(model::read_float32(text_of(small), small_back));
        REQUIRE((std::isnan(small)
                     ? std::isnan(small_back)
                     : std::bit_cast<std::uint32_t>(small) == std::bit_cast<std::uint32_t>(small_back)));
    }
}

TEST_CASE("float: numbers that would not come back are refused", "[value][float]") {
    double value = 0;
    for (const char* const text : {"", "1e400", "-1e400", "1e-400", "nan", "inf", "infinity", "+1", ".5",
                                   "1.", " 1", "1 ", "0x1p3", "01", "1e", "NaN ", "1,5"}) {
        CAPTURE(text);
        CHECK_FALSE(model::read_float64(text, value));
    }
    float small = 0;
    CHECK_FALSE(model::read_float32("1e39", small));
    CHECK_FALSE(model::read_float32("1e-60", small));
    CHECK(model::read_float64("0e-999", value));
    CHECK(value == 0);
    CHECK(model::read_float64("-0.0", value));
    CHECK(std::signbit(value));
}

TEST_CASE("int64: only the one spelling is read", "[value][integer]") {
    std::int64_t value = 0;
    CHECK(model::read_int64("-9223372036854775808", value));
    CHECK(value == std::numeric_limits<std::int64_t>::min());
    CHECK(model::read_int64("9223372036854775807", value));
    CHECK(value == std::numeric_limits<std::int64_t>::max());
    CHECK(model::read_int64("0", value));
    for (const char* const text : {"", "-", "-0", "+1", "01", "-01", " 1", "1 ", "1.0", "1e3",
                                   "9223372036854775808", "-9223372036854775809"}) {
        CAPTURE(text);
        CHECK_FALSE(model::read_int64(text, value));
    }
}
