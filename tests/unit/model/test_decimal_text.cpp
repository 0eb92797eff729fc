#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/random.hpp"
#include "util/hex.hpp"

using namespace migrate;

namespace {

std::string hex_of(std::string_view text) {
    std::string numeric;
    return model::read_decimal(text, numeric) ? util::to_hex(numeric) : "refused";
}

std::string again(std::string_view text) {
    std::string numeric;
    std::string out;
    if (!model::read_decimal(text, numeric)) {
        return "refused";
    }
    model::append_decimal(numeric, out);
    return out;
}

std::string fitted(std::string_view text, int precision, int scale) {
    std::string numeric;
    std::string out;
    REQUIRE(model::read_decimal(text, numeric));
    if (!model::fit_decimal(precision, scale, numeric.data(), numeric.size())) {
        return "refused";
    }
    model::append_decimal(numeric, out);
    return out;
}

std::string trimmed(std::string_view text) {
    std::string numeric;
    std::string out;
    REQUIRE(model::read_decimal(text, numeric));
    model::trim_decimal(numeric.data(), numeric.size());
    model::append_decimal(numeric, out);
    // Not only shown so: the bytes, which digests are made of, are those of the shorter spelling.
    CHECK(hex_of(out) == util::to_hex(numeric));
    return out;
}

}  // namespace

TEST_CASE("decimal: bytes are numeric_send's", "[value][decimal]") {
    CHECK(hex_of("0") == "0000000000000000");
    CHECK(hex_of("0.00") == "0000000000000002");
    CHECK(hex_of("-0.00") == "0000000000000002");
    CHECK(hex_of("1") == "00010000000000000001");
    CHECK(hex_of("-1") == "00010000400000000001");
    CHECK(hex_of("10.10") == "0002000000000002000a03e8");
    CHECK(hex_of("10000") == "00010001000000000001");
    CHECK(hex_of("100000000.0001") == "00040002000000040001000000000001");
    CHECK(hex_of("0.0001") == "0001ffff000000040001");
    CHECK(hex_of("0.00001") == "0001fffe0000000503e8");
    CHECK(hex_of("12345678.9") == "000300010000000104d2162e2328");
    CHECK(hex_of("NaN") == "00000000c0000000");
    CHECK(hex_of("Infinity") == "00000000d0000020");
    CHECK(hex_of("-Infinity") == "00000000f0000020");
}

TEST_CASE("decimal: exponents move the point and shrink the scale", "[value][decimal]") {
    CHECK(again("1.50e3") == "1500");
    CHECK(again("1.5e0") == "1.5");
    CHECK(again("15e-1") == "1.5");
    CHECK(again("123.4500E-2") == "1.234500");
    CHECK(again("1e+2") == "100");
    CHECK(again("0e20000") == "0");
    CHECK(again("1e-5") == "0.00001");
    CHECK(again(".5") == "0.5");
    CHECK(again("5.") == "5");
    CHECK(again("007") == "7");
}

TEST_CASE("decimal: PostgreSQL's limits hold", "[value][decimal]") {
    CHECK(again("1e131071") == "1" + std::string(131071, '0'));
    CHECK(again("1e131072") == "refused");
    CHECK(again("9" + std::string(131071, '9')) == "9" + std::string(131071, '9'));
    CHECK(again("1e-16383") == "0." + std::string(16382, '0') + "1");
    CHECK(again("1e-16384") == "refused");
    CHECK(again("0e-16384") == "refused");
    CHECK(again("1e99999999999999999999") == "refused");
    CHECK(again("1e-99999999999999999999") == "refused");
}

TEST_CASE("decimal: what is no number is refused", "[value][decimal]") {
    for (const char* const text : {"", "-", "+1", " 1", "1 ", "1e", "e5", ".", "-.", "1..2", "1,5", "0x1",
                                   "nan", "inf", "+Infinity", "-NaN", "1_000", "1e5.0", "--1"}) {
        CAPTURE(text);
        CHECK(again(text) == "refused");
    }
}

TEST_CASE("decimal: any digits come back with their scale", "[value][decimal][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 20'000; ++i) {
        std::string whole = random.digits(random.between(0, 30));
        whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
        const std::string fraction = random.chance(70) ? random.digits(random.between(1, 30)) : "";
        std::string text = (whole.empty() ? "0" : whole) + (fraction.empty() ? "" : "." + fraction);
        if (random.chance(40) && text.find_first_of("123456789") != std::string::npos) {
            text.insert(0, "-");
        }
        CAPTURE(text);
        REQUIRE(again(text) == text);
    }
}

TEST_CASE("decimal: fitting gives the column's scale and never takes a digit", "[value][decimal]") {
    CHECK(fitted("9.9", 10, 2) == "9.90");
    CHECK(fitted("9.99", 10, 2) == "9.99");
    CHECK(fitted("9.999", 10, 2) == "refused");
    CHECK(fitted("9.990", 10, 2) == "refused");
    CHECK(fitted("0", 10, 2) == "0.00");
    CHECK(fitted("12345678.9", 10, 5) == "refused");
    CHECK(fitted("12345.9", 10, 5) == "12345.90000");
    CHECK(fitted("99999", 5, 0) == "99999");
    CHECK(fitted("100000", 5, 0) == "refused");
    CHECK(fitted("-99999999.99", 10, 2) == "-99999999.99");
    CHECK(fitted("100000000", 10, 2) == "refused");
    CHECK(fitted("0.00999", 3, 5) == "0.00999");
    CHECK(fitted("0.01", 3, 5) == "refused");
    CHECK(fitted("12300", 3, -2) == "12300");
    CHECK(fitted("12310", 3, -2) == "refused");
    CHECK(fitted("100000", 3, -2) == "refused");
    CHECK(fitted("NaN", 10, 2) == "NaN");
    CHECK(fitted("Infinity", 10, 2) == "refused");
}

TEST_CASE("decimal: trimming takes the zeros from the end of a fraction and nothing else",
          "[value][decimal]") {
    CHECK(trimmed("5.00") == "5");
    CHECK(trimmed("10.10") == "10.1");
    CHECK(trimmed("10.01") == "10.01");
    CHECK(trimmed("-2.50") == "-2.5");
    CHECK(trimmed("100") == "100");
    CHECK(trimmed("1000000.000000") == "1000000");
    CHECK(trimmed("0.000") == "0");
    CHECK(trimmed("0.00010") == "0.0001");
    CHECK(trimmed("0.00001000") == "0.00001");
    CHECK(trimmed("123456789.1234500000") == "123456789.12345");
    CHECK(trimmed("NaN") == "NaN");
    CHECK(trimmed("-Infinity") == "-Infinity");
}

TEST_CASE("decimal: any digits trimmed are the same number without zeros at its end",
          "[value][decimal][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 20'000; ++i) {
        const std::string zeros(static_cast<std::size_t>(random.between(0, 9)), '0');
        const std::string whole = std::to_string(random.between(0, 100'000)) + zeros;
        std::string fraction = random.chance(20) ? "" : random.digits(random.between(1, 12));
        const std::string text = whole + (fraction.empty() ? "" : "." + fraction + zeros);
        fraction.resize(fraction.find_last_not_of('0') + 1);
        const std::size_t first = std::min(whole.find_first_not_of('0'), whole.size() - 1);
        CAPTURE(text);
        REQUIRE(trimmed(text) == whole.substr(first) + (fraction.empty() ? "" : "." + fraction));
    }
}
