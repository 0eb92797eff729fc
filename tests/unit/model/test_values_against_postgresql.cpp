#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/pg.hpp"
#include "support/random.hpp"
#include "util/byte_order.hpp"
#include "util/hex.hpp"

using namespace migrate;
using test::PgConnection;
using test::PgResult;

namespace {

using Texts = std::vector<std::string>;

/// An array literal of the texts, to send them all in one parameter.
std::string text_array(const Texts& texts) {
    std::string out = "{";
    for (const std::string& text : texts) {
        out += out.size() > 1 ? ",\"" : "\"";
        for (const char c : text) {
            out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        }
        out += '"';
    }
    return out + "}";
}

/// The server's binary form and its text of each text cast to a type.
struct ServerValues {
    PgResult binary;
    PgResult text;
};

ServerValues ask(PgConnection& server, const std::string& type, const Texts& texts) {
    const std::string sql =
        "SELECT v::" + type + " FROM unnest($1::text[]) WITH ORDINALITY AS t(v, n) ORDER BY n";
    const std::vector<std::optional<std::string>> parameters = {text_array(texts)};
    return {server.result(sql, true, parameters), server.result(sql, false, parameters)};
}

std::string hex_of_slot(std::int64_t value, std::size_t width) {
    std::string bytes;
    util::append_big(bytes, value);
    return util::to_hex(std::string_view(bytes).substr(8 - width));
}

PgConnection connect_utc(const test::PgDatabase& database) {
    PgConnection server = database.connect();
    server.exec("SET TimeZone='UTC'; SET DateStyle='ISO'; SET IntervalStyle='iso_8601'");
    return server;
}

std::string random_decimal(test::Random& random) {
    std::string text = random.chance(30) ? "-" : "";
    text += random.digits(random.between(1, 40));
    if (random.chance(60)) {
        text += "." + random.digits(random.between(1, 40));
    }
    if (random.chance(30)) {
        text += "e" + std::to_string(random.between(-60, 60));
    }
    return text;
}

std::string random_timestamp(test::Random& random, bool zone) {
    std::string text;
    const bool early = random.chance(50);
    model::append_timestamp(early ? random.between(-211813488000000000, 1'000'000'000'000'000)
                                  : random.between(-211813488000000000, 9223371331199999999),
                            ' ', zone, text);
    return text;
}

}  // namespace

TEST_CASE("postgresql: decimals are numeric_send's bytes and numeric_out's text",
          "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    Texts texts = {"0",  "-0", "0.000", "-0.00", "NaN",   "Infinity",  "-Infinity",  "1e131071",  "1e-16383",
                   ".5", "5.", "0e5",   "0e-5",  "10000", "9999.9999", "0.00010000", "100000000", "00012"};
    for (int i = 0; i < 5'000; ++i) {
        texts.push_back(random_decimal(random));
    }
    const ServerValues values = ask(server, "numeric", texts);
    for (int row = 0; row < values.binary.rows(); ++row) {
        const std::string& text = texts[static_cast<std::size_t>(row)];
        CAPTURE(text);
        std::string numeric;
        std::string out;
        REQUIRE(model::read_decimal(text, numeric));
        REQUIRE(util::to_hex(numeric) == util::to_hex(values.binary.value(row, 0)));
        model::append_decimal(values.binary.value(row, 0), out);
        REQUIRE(out == values.text.value(row, 0));
    }
}

TEST_CASE("postgresql: decimals it refuses are refused", "[value][postgresql]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    for (const char* const text : {"1e131072", "1e-16384", "0e-16384", "", "1e", "--1", "1..2"}) {
        CAPTURE(text);
        std::string numeric;
        CHECK_THROWS(server.query("SELECT $1::text::numeric", {text}));
        CHECK_FALSE(model::read_decimal(text, numeric));
    }
}

TEST_CASE("postgresql: fitted decimals are what a numeric column holds", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    int fitted = 0;
    for (int i = 0; i < 1'000; ++i) {
        const auto precision = static_cast<int>(random.between(1, 12));
        const auto scale = static_cast<int>(random.between(-3, 12));
        const std::string text =
            random.digits(random.between(1, 8)) + "." + random.digits(random.between(1, 4));
        const std::string type = "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
        CAPTURE(text, type);
        std::string numeric;
        REQUIRE(model::read_decimal(text, numeric));
        if (!model::fit_decimal(precision, scale, numeric.data(), numeric.size())) {
            continue;
        }
        ++fitted;
        const ServerValues values = ask(server, type, {text});
        REQUIRE(util::to_hex(numeric) == util::to_hex(values.binary.value(0, 0)));
        REQUIRE(server.value("SELECT '" + text + "'::" + type + " = '" + text + "'::numeric") == "t");
    }
    CHECK(fitted > 20);
}

TEST_CASE("postgresql: dates are its days and its text", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    Texts texts = {"4714-11-24 BC", "5874897-12-31", "0001-12-31 BC", "0001-01-01", "0001-02-29 BC",
                   "infinity",      "-infinity",     "10000-01-01",   "1900-03-01"};
    for (int i = 0; i < 5'000; ++i) {
        std::string text;
        model::append_date(random.between(-2451545, random.chance(50) ? 3'000'000 : 2145031948), text);
        texts.push_back(text);
    }
    const ServerValues values = ask(server, "date", texts);
    for (int row = 0; row < values.binary.rows(); ++row) {
        const std::string& text = texts[static_cast<std::size_t>(row)];
        CAPTURE(text);
        std::int64_t days = 0;
        std::string out;
        REQUIRE(model::read_date(text, days));
        REQUIRE(hex_of_slot(days, 4) == util::to_hex(values.binary.value(row, 0)));
        REQUIRE(text == values.text.value(row, 0));
        model::append_date(days, out);
        REQUIRE(out == text);
    }
    for (const char* const text : {"4714-11-23 BC", "5874898-01-01"}) {
        std::int64_t days = 0;
        CHECK_THROWS(ask(server, "date", {text}));
        CHECK_FALSE(model::read_date(text, days));
    }
}

TEST_CASE("postgresql: timestamps are its microseconds", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    for (const bool zone : {false, true}) {
        Texts texts = {"infinity", "-infinity"};
        if (zone) {
            texts.insert(texts.end(), {"2024-06-01 12:00:00+05:30", "2024-06-01 12:00:00.5-15:59:59",
                                       "294277-01-01 05:00:00+14", "4714-11-24 00:00:00Z BC"});
        }
        for (int i = 0; i < 5'000; ++i) {
            texts.push_back(random_timestamp(random, zone));
        }
        const ServerValues values = ask(server, zone ? "timestamptz" : "timestamp", texts);
        for (int row = 0; row < values.binary.rows(); ++row) {
            const std::string& text = texts[static_cast<std::size_t>(row)];
            CAPTURE(text);
            std::int64_t value = 0;
            REQUIRE(model::read_timestamp(text, zone, value));
            REQUIRE(hex_of_slot(value, 8) == util::to_hex(values.binary.value(row, 0)));
        }
    }
    for (const char* const text : {"4714-11-23 23:59:59.999999 BC", "294277-01-01 00:00:00"}) {
        std::int64_t value = 0;
        CHECK_THROWS(ask(server, "timestamp", {text}));
        CHECK_FALSE(model::read_timestamp(text, false, value));
    }
}

TEST_CASE("postgresql: times with and without zone are its bytes", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    Texts texts = {"24:00:00.000000", "00:00:00.000000", "23:59:59.999999"};
    for (int i = 0; i < 2'000; ++i) {
        std::string text;
        model::append_time(random.between(0, 86'399'999'999), text);
        texts.push_back(text);
    }
    const ServerValues times = ask(server, "time", texts);
    for (std::string& text : texts) {
        std::string value;
        util::append_big(value, std::int64_t{0});
        util::append_big(value, static_cast<std::int32_t>(random.between(-57'599, 57'599)));
        std::string zoned;
        model::append_time_tz(value, zoned);
        text += zoned.substr(15);
    }
    const ServerValues zoned_times = ask(server, "timetz", texts);
    for (int row = 0; row < times.binary.rows(); ++row) {
        const std::string& text = texts[static_cast<std::size_t>(row)];
        CAPTURE(text);
        std::int64_t time = 0;
        REQUIRE(model::read_time(text.substr(0, 15), time));
        REQUIRE(hex_of_slot(time, 8) == util::to_hex(times.binary.value(row, 0)));
        std::string zoned;
        std::string out;
        REQUIRE(model::read_time_tz(text, zoned));
        REQUIRE(util::to_hex(zoned) == util::to_hex(zoned_times.binary.value(row, 0)));
        model::append_time_tz(zoned, out);
        REQUIRE(out == text);
    }
}

TEST_CASE("postgresql: intervals are its bytes and its ISO text", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    Texts texts = {"PT0S", "PT-0.5S", "P-1Y-1M1DT-1H-1M", "PT-2562047788H-54.775807S"};
    for (int i = 0; i < 3'000; ++i) {
        const auto shifted = [&random](int least) {
            return static_cast<std::int64_t>(random.bits()) >> random.between(least, 63);
        };
        std::string value;
        util::append_big(value, shifted(2));
        util::append_big(value, static_cast<std::int32_t>(shifted(33)));
        util::append_big(value, static_cast<std::int32_t>(shifted(33)));
        model::append_interval(value, texts.emplace_back());
    }
    const ServerValues values = ask(server, "interval", texts);
    for (int row = 0; row < values.binary.rows(); ++row) {
        const std::string& text = texts[static_cast<std::size_t>(row)];
        CAPTURE(text);
        std::string value;
        REQUIRE(model::read_interval(text, value));
        REQUIRE(util::to_hex(value) == util::to_hex(values.binary.value(row, 0)));
        REQUIRE(text == values.text.value(row, 0));
    }
}

TEST_CASE("postgresql: floats are its bits", "[value][postgresql][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    Texts texts = {"NaN", "Infinity", "-Infinity", "-0", "5e-324", "0.1", "1e+22"};
    for (int i = 0; i < 5'000; ++i) {
        model::append_float64(std::bit_cast<double>(random.bits()), texts.emplace_back());
    }
    const ServerValues values = ask(server, "float8", texts);
    for (int row = 0; row < values.binary.rows(); ++row) {
        const std::string& text = texts[static_cast<std::size_t>(row)];
        CAPTURE(text);
        double value = 0;
        double from_server = 0;
        REQUIRE(model::read_float64(text, value));
        REQUIRE(hex_of_slot(std::bit_cast<std::int64_t>(value), 8) ==
                util::to_hex(values.binary.value(row, 0)));
        REQUIRE(model::read_float64(values.text.value(row, 0), from_server));
        REQUIRE(std::bit_cast<std::uint64_t>(from_server) == std::bit_cast<std::uint64_t>(value));
    }
}

TEST_CASE("postgresql: array literals come back from JSON as array_out gives them",
          "[value][postgresql][array][random]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    PgConnection server = connect_utc(*database);
    test::Random random;
    CAPTURE(random.seed());
    const auto check = [&server](const std::string& sql, const LogicalType& element) {
        const std::string literal = server.value("SELECT " + sql);
        CAPTURE(sql, literal);
        std::string json;
        std::string back;
        REQUIRE(model::array_to_json(literal, element, json));
        CAPTURE(json);
        REQUIRE(server.query("SELECT $1::json IS NOT NULL", {json})[0][0] == "t");
        REQUIRE(model::array_from_json(json, element, back));
        REQUIRE(back == literal);
    };
    check("'{}'::int[]", TypeKind::int32);
    check("'[0:1][2:3]={{1,2},{3,NULL}}'::int[]", TypeKind::int32);
    check("'[-5:-5]={7}'::bigint[]", TypeKind::int64);
    check("ARRAY[true,false,NULL]", TypeKind::boolean);
    check("ARRAY['NaN'::numeric,'-Infinity',10.10,1e30,-0.0001]", TypeKind::decimal);
    check("ARRAY[1e300::float8,'-0','NaN',0.1,1e15,1e16]", TypeKind::float64);
    check("ARRAY['\\x00ff'::bytea,'']", TypeKind::bytes);
    check("ARRAY['2024-01-01 00:00:00+00'::timestamptz,'infinity']", TypeKind::timestamp_tz);
    check("ARRAY['{\"a\": [1, \"b\\\\c\"]}'::jsonb]", TypeKind::jsonb);
    check("ARRAY['(1,2]'::int4range,'empty']", TypeKind::range);
    LogicalType box(TypeKind::opaque);
    box.native_name = "box";
    check("ARRAY['(1,1),(0,0)'::box,'(2,2),(1,1)']", box);
    for (int i = 0; i < 500; ++i) {
        Texts texts;
        for (std::int64_t n = random.between(1, 5); n > 0; --n) {
            constexpr std::string_view alphabet = "ab,{}\"\\ \t\n\r\f\vNULLnull;:'[]=/";
            std::string& text = texts.emplace_back();
            for (std::int64_t length = random.between(0, 6); length > 0; --length) {
                text += alphabet[static_cast<std::size_t>(
                    random.between(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
            }
        }
        const std::string literal =
            server.query("SELECT $1::text[]::text", {text_array(texts)})[0][0].value();
        CAPTURE(literal);
        std::string json;
        std::string back;
        REQUIRE(model::array_to_json(literal, TypeKind::text, json));
        REQUIRE(model::array_from_json(json, TypeKind::text, back));
        REQUIRE(back == literal);
        REQUIRE(server.query("SELECT array(SELECT json_array_elements_text($1::json))::text", {json})[0][0] ==
                literal);
    }
}
