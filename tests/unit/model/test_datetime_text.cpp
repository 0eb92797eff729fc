#include <cstdint>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "model/calendar.hpp"
#include "model/value_text.hpp"
#include "support/random.hpp"
#include "util/hex.hpp"

using namespace migrate;

namespace {

constexpr std::int64_t k_refused = std::numeric_limits<std::int64_t>::min() + 1;

std::int64_t date(std::string_view text) {
    std::int64_t out = 0;
    return model::read_date(text, out) ? out : k_refused;
}

std::int64_t time_of(std::string_view text) {
    std::int64_t out = 0;
    return model::read_time(text, out) ? out : k_refused;
}

std::int64_t timestamp(std::string_view text, bool zone = false) {
    std::int64_t out = 0;
    return model::read_timestamp(text, zone, out) ? out : k_refused;
}

std::string date_text(std::int64_t days) {
    std::string out;
    model::append_date(days, out);
    return out;
}

std::string timestamp_text(std::int64_t value, char separator = 'T', bool utc = false, int digits = -1) {
    std::string out;
    model::append_timestamp(value, separator, utc, out, digits);
    return out;
}

std::string time_tz_again(std::string_view text) {
    std::string value;
    std::string out;
    if (!model::read_time_tz(text, value)) {
        return "refused";
    }
    model::append_time_tz(value, out);
    return out;
}

}  // namespace

TEST_CASE("date: days since 2000 over the whole range", "[value][date]") {
    CHECK(date("2000-01-01") == 0);
    CHECK(date("1970-01-01") == -10957);
    CHECK(date("2024-02-29") == 8825);
    CHECK(date("1900-02-29") == k_refused);
    CHECK(date("2000-02-29") == 59);
    CHECK(date("0001-01-01") == -730119);
    CHECK(date("0001-12-31 BC") == -730120);
    CHECK(date("0001-02-29 BC") == -730426);  // Year 0 of the calendar is a leap year.
    CHECK(date("4714-11-24 BC") == -2451545);
    CHECK(date("4714-11-23 BC") == k_refused);
    CHECK(date("5874897-12-31") == 2145031948);
    CHECK(date("5874898-01-01") == k_refused);
    CHECK(date("infinity") == std::numeric_limits<std::int32_t>::max());
    CHECK(date("-infinity") == std::numeric_limits<std::int32_t>::min());
}

TEST_CASE("date: other spellings are refused", "[value][date]") {
    for (const char* const text :
         {"", "2024-2-29", "2024-02-30", "2024-13-01", "2024-00-01", "2024-01-00", "0000-01-01", "24-01-01",
          "02024-01-01", "2024-01-01 ", " 2024-01-01", "2024/01/01", "20240101", "2024-01-01 AD",
          "2024-01-01 bc", "-2024-01-01", "Infinity", "2024-01-01T00:00:00", "99999999-01-01"}) {
        CAPTURE(text);
        CHECK(date(text) == k_refused);
    }
}

TEST_CASE("date: every day of the range is written as it is read", "[value][date][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 50'000; ++i) {
        const std::int64_t near = random.between(-2451545, 3'000'000);
        const std::int64_t far = random.between(-2451545, 2145031948);
        for (const std::int64_t day : {near, far}) {
            CAPTURE(day);
            REQUIRE(date(date_text(day)) == day);
        }
    }
}

TEST_CASE("date: days follow each other", "[value][date]") {
    model::CivilDate before = model::date_of(-2451545);
    for (std::int64_t day = -2451544; day < 3'000'000; ++day) {
        const model::CivilDate now = model::date_of(day);
        const bool next_day =
            now.month == before.month && now.year == before.year && now.day == before.day + 1;
        const bool next_month = now.day == 1 &&
                                before.day == model::days_of_month(before.year, before.month) &&
                                (now.month == before.month + 1 ||
                                 (now.month == 1 && before.month == 12 && now.year == before.year + 1));
        if (!(next_day || next_month) || model::days_of(now) != day) {
            CAPTURE(day);
            FAIL("a day is out of order");
        }
        before = now;
    }
}

TEST_CASE("time: from midnight to the end of the day", "[value][time]") {
    CHECK(time_of("00:00:00") == 0);
    CHECK(time_of("12:34:56.000001") == 45296000001);
    CHECK(time_of("23:59:59.999999") == 86399999999);
    CHECK(time_of("24:00:00") == 86400000000);
    CHECK(time_of("24:00:00.000000") == 86400000000);
    CHECK(time_of("12:34:56.5") == 45296500000);
    for (const char* const text :
         {"24:00:00.000001", "24:00:01", "24:00:00.", "23:59:60", "12:60:00", "25:00:00", "1:00:00", "12:34",
          "12:34:56.", "12:34:56.0000001", "12:34:56Z", ""}) {
        CAPTURE(text);
        CHECK(time_of(text) == k_refused);
    }
    std::string out;
    model::append_time(86400000000, out);
    CHECK(out == "24:00:00.000000");
    out.clear();
    model::append_time(45296000000, out, 0);
    CHECK(out == "12:34:56");
}

TEST_CASE("time_tz: zones to the second", "[value][time_tz]") {
    CHECK(time_tz_again("12:34:56.000001+05:30") == "12:34:56.000001+05:30");
    CHECK(time_tz_again("12:34:56-15:59:59") == "12:34:56.000000-15:59:59");
    CHECK(time_tz_again("24:00:00+00") == "24:00:00.000000+00:00");
    CHECK(time_tz_again("00:00:00-00:00:01") == "00:00:00.000000-00:00:01");
    std::string value;
    REQUIRE(model::read_time_tz("00:00:00+01:00", value));
    CHECK(util::to_hex(value) == "0000000000000000fffff1f0");
    CHECK(time_tz_again("12:34:56Z") == "refused");
    CHECK(time_tz_again("12:34:56+16:00") == "refused");
    CHECK(time_tz_again("12:34:56+05:60") == "refused");
    CHECK(time_tz_again("12:34:56") == "refused");
}

TEST_CASE("timestamp: microseconds since 2000 over the whole range", "[value][timestamp]") {
    CHECK(timestamp("2000-01-01T00:00:00.000000") == 0);
    CHECK(timestamp("2000-01-01 00:00:00.000001") == 1);
    CHECK(timestamp("1999-12-31T23:59:59.999999") == -1);
    CHECK(timestamp("4714-11-24T00:00:00.000000 BC") == -211813488000000000);
    CHECK(timestamp("4714-11-23T23:59:59.999999 BC") == k_refused);
    CHECK(timestamp("294276-12-31T23:59:59.999999") == 9223371331199999999);
    CHECK(timestamp("294277-01-01T00:00:00") == k_refused);
    CHECK(timestamp("5874897-12-31T00:00:00") == k_refused);
    CHECK(timestamp("infinity") == std::numeric_limits<std::int64_t>::max());
    CHECK(timestamp("-infinity") == std::numeric_limits<std::int64_t>::min());
    for (const char* const text : {"2024-01-01", "2024-01-01T24:00:00", "2024-01-01T23:59:60",
                                   "2024-01-01T12:00", "2024-01-01t12:00:00", "2024-01-01T12:00:00Z",
                                   "2024-02-30T00:00:00", "2024-01-01T12:00:00.", "2024-01-01T12:00:00,5"}) {
        CAPTURE(text);
        CHECK(timestamp(text) == k_refused);
    }
}

TEST_CASE("timestamp_tz: an instant whatever its zone", "[value][timestamp_tz]") {
    CHECK(timestamp("2000-01-01T00:00:00Z", true) == 0);
    CHECK(timestamp("2000-01-01 05:30:00+05:30", true) == 0);
    CHECK(timestamp("1999-12-31 19:00:00-05", true) == 0);
    CHECK(timestamp("2000-01-01 00:00:01+00:00:01", true) == 0);
    CHECK(timestamp("0044-03-15T12:00:00.000000Z BC", true) == -746117 * 86400000000 + 43200000000);
    CHECK(timestamp("294277-01-01T05:00:00+14", true) == 9223371331200000000 - 9 * 3600000000);
    CHECK(timestamp("294276-12-31T23:59:59-01", true) == k_refused);
    CHECK(timestamp("2000-01-01T00:00:00", true) == k_refused);
    CHECK(timestamp("2000-01-01T00:00:00+", true) == k_refused);
    CHECK(timestamp_text(0, 'T', true) == "2000-01-01T00:00:00.000000Z");
    CHECK(timestamp_text(-746117 * 86400000000, ' ', true) == "0044-03-15 00:00:00.000000Z BC");
    CHECK(timestamp_text(1500000, ' ', false, 0) == "2000-01-01 00:00:01");
    CHECK(timestamp_text(1500000, ' ', false, 3) == "2000-01-01 00:00:01.500");
}

TEST_CASE("timestamp: every value of the range is read as it is written", "[value][timestamp][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 50'000; ++i) {
        const std::int64_t value = random.between(-211813488000000000, 9223371331199999999);
        CAPTURE(value);
        REQUIRE(timestamp(timestamp_text(value)) == value);
        REQUIRE(timestamp(timestamp_text(value, ' ', true), true) == value);
    }
}
