#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/manifest_source.hpp"
#include "model/value_text.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"
#include "util/byte_order.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

LogicalType array_of(TypeKind kind) {
    LogicalType type(TypeKind::array);
    type.element = std::make_shared<const LogicalType>(kind);
    return type;
}

std::string variant(char storage, std::int64_t bits) {
    std::string out(1, storage);
    util::append_big(out, bits);
    return out;
}

std::string from_text(const LogicalType& type, std::string_view text) {
    ColumnVector column(type.kind);
    INFO(text);
    REQUIRE(model::append_from_text(column, type, text));
    return std::string(column.bytes(0));
}

void fill_fixed(ColumnVector& column, std::initializer_list<std::int64_t> values) {
    column.append_null();
    for (const std::int64_t value : values) {
        column.append_fixed(value);
    }
}

void fill_bytes(ColumnVector& column, const std::vector<std::string>& values) {
    column.append_null();
    for (const std::string& value : values) {
        column.append_bytes(value);
    }
}

constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t k_least = std::numeric_limits<std::int64_t>::min();

std::int64_t bits(double value) {
    return std::bit_cast<std::int64_t>(value);
}
std::int64_t bits32(float value) {
    return std::bit_cast<std::int32_t>(value);
}

/// One table with one column of every kind, odd values and NULL in each; columns of different lengths are
/// filled up with NULL.
std::pair<Table, RowBatch> every_kind() {
    LogicalType mood(TypeKind::enumeration);
    mood.labels = {"sad", "ok", "it's \"fine\""};
    mood.native_name = "mood";
    LogicalType opaque(TypeKind::opaque);
    opaque.native_name = "tsvector";
    const Table table = make_table("every kind/of \"value\"", {{"bool", TypeKind::boolean},
                                                               {"i16", TypeKind::int16},
                                                               {"i32", TypeKind::int32},
                                                               {"i64", TypeKind::int64},
                                                               {"f32", TypeKind::float32},
                                                               {"f64", TypeKind::float64},
                                                               {"dec", TypeKind::decimal},
                                                               {"text", TypeKind::text},
                                                               {"bytes", TypeKind::bytes},
                                                               {"date", TypeKind::date},
                                                               {"time", TypeKind::time},
                                                               {"timetz", TypeKind::time_tz},
                                                               {"ts", TypeKind::timestamp},
                                                               {"tstz", TypeKind::timestamp_tz},
                                                               {"interval", TypeKind::interval},
                                                               {"uuid", TypeKind::uuid},
                                                               {"json", TypeKind::json},
                                                               {"jsonb", TypeKind::jsonb},
                                                               {"ints", array_of(TypeKind::int32)},
                                                               {"texts", array_of(TypeKind::text)},
                                                               {"mood", mood},
                                                               {"inet", TypeKind::inet},
                                                               {"cidr", TypeKind::cidr},
                                                               {"mac", TypeKind::macaddr},
                                                               {"bits", TypeKind::bit_string},
                                                               {"range", TypeKind::range},
                                                               {"variant", TypeKind::variant},
                                                               {"opaque", opaque}});
    RowBatch batch = make_batch(table);
    std::size_t at = 0;
    const auto next = [&]() -> ColumnVector& { return batch.columns[at++]; };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    fill_fixed(next(), {0, 1});
    fill_fixed(next(), {-32768, 32767, 0});
    fill_fixed(next(), {-2147483648LL, 2147483647});
    fill_fixed(next(), {k_least, k_most, (1LL << 53) + 1, 0});
    fill_fixed(next(),
               {bits32(0.1F), bits32(-0.0F), bits32(std::numeric_limits<float>::infinity()),
                bits32(3.4028235e38F), bits32(1e-45F), bits32(std::numeric_limits<float>::quiet_NaN())});
    fill_fixed(next(), {bits(0.1), bits(-0.0), bits(infinity), bits(-infinity), bits(nan), bits(5e-324),
                        bits(1.7976931348623157e308), bits(1e21), bits(100.0)});
    ColumnVector& decimals = next();
    decimals.append_null();
    for (const char* text : {"10.10", "-0.001", "NaN", "Infinity", "-Infinity", "0", "0.00",
                             "123456789012345678901234567890.123456789012345678901234567890"}) {
        decimals.append_bytes(from_text(TypeKind::decimal, text));
    }
    fill_bytes(next(), {"", "plain", std::string("a\0b", 3), "line\nfeed\t\"\\/\x7f", "\u00e9\U0001F600",
                        "\xff\xfe", "null", R"({"$bytes":"eA=="})"});
    fill_bytes(next(), {"", std::string("\0\xff", 2), "abc"});
    fill_fixed(next(), {0, -730120, 8765, 2921939, 2147483647, -2147483648LL});
    fill_fixed(next(), {0, 1, 86399999999, 86400000000});
    ColumnVector& zoned = next();
    zoned.append_null();
    for (const char* text : {"12:34:56.000001+05:30", "00:00:00.000000-15:59:59"}) {
        zoned.append_bytes(from_text(TypeKind::time_tz, text));
    }
    fill_fixed(next(), {0, 1, -1, k_most, k_least, -63082281600000000 - 86400000000});
    fill_fixed(next(), {0, 123456789, -1, k_most, k_least});
    ColumnVector& intervals = next();
    intervals.append_null();
    for (const auto& [microseconds, days, months] :
         std::vector<std::tuple<std::int64_t, std::int32_t, std::int32_t>>{
             {0, 0, 0}, {-1, 3, -14}, {k_most, 2147483647, -2147483647}, {k_least, 0, 0}}) {
        std::string value;
        util::append_big(value, microseconds);
        util::append_big(value, days);
        util::append_big(value, months);
        intervals.append_bytes(value);
    }
    fill_bytes(next(), {std::string(16, '\0'),
                        std::string("\x12\x34\x56\x78\x9a\xbc\xde\xf0\x01\x02\x03\x04\x05\x06\x07\xff", 16)});
    fill_bytes(next(), {R"({"a" : 1.50e3,"a":2})", "{\n \"b\": []\n}", " [1]", "null", R"("text")", "17",
                        "1e400", R"({"$json":"x"})", R"("\ud800")", "not json", "\xff"});
    fill_bytes(next(), {R"({"a": 1, "b": [true, null]})", "null", R"({"$json": 1})"});
    fill_bytes(next(), {"{}", "{1,NULL,-3}", "[0:1]={7,8}", "{{1,2},{3,4}}", "nonsense"});
    fill_bytes(next(), {R"({a,NULL,"NULL","b \"c\" \\",""})", "{}"});
    fill_bytes(next(), {"sad", "it's \"fine\""});
    fill_bytes(next(), {"192.168.0.1/24", "::1"});
    fill_bytes(next(), {"10.0.0.0/8"});
    fill_bytes(next(), {"08:00:2b:01:02:03"});
    fill_bytes(next(), {"", "0101"});
    fill_bytes(next(), {"[1,5)", "empty", "(,)"});
    fill_bytes(next(),
               {variant('i', k_least), variant('i', 5), variant('r', bits(5.0)), variant('r', bits(-0.0)),
                variant('r', bits(nan)), variant('r', bits(infinity)), variant('r', bits(1e300)), "t", "t5",
                std::string("t\xff"), "b", std::string("b\0\xff", 3)});
    fill_bytes(next(), {"'a':1 'b':2"});
    std::size_t rows = 0;
    for (const ColumnVector& column : batch.columns) {
        rows = std::max(rows, column.size());
    }
    for (ColumnVector& column : batch.columns) {
        while (column.size() < rows) {
            column.append_null();
        }
    }
    return {table, std::move(batch)};
}

}  // namespace

TEST_CASE("json: every kind of value comes back bit for bit, in both layouts", "[json][round-trip]") {
    const auto [table, batch] = every_kind();
    for (const char* name : {"out/", "out.json"}) {
        for (const char* bigint : {"number", "string"}) {
            const TemporaryDirectory directory;
            const std::string path = directory.path(name);
            JsonTarget target(json_endpoint(path, {{"bigint", bigint}}), {});
            migrate_into(target, "m1", {table}, {batch});
            const auto layout = detect_layout(path);
            REQUIRE(layout);
            ManifestSource source(path, *layout);
            source.pin_snapshot(1);
            const Schema schema = source.read_schema({}).schema;
            REQUIRE(schema.tables.size() == 1);
            CHECK(schema.tables[0].name == table.name);
            CHECK(source.count_rows(schema.tables[0]) == batch.row_count());
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                CHECK(schema.tables[0].columns[i].type == table.columns[i].type);
            }
            const auto expected = rows_of(batch);
            const auto found = rows_of(source, schema.tables[0], {3, 1U << 20U});
            REQUIRE(found.size() == expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                CHECK(found[i] == expected[i]);
            }
            CHECK(source.provenance() == R"([{"note":"x"}])");
        }
    }
}

TEST_CASE("json: random doubles, decimals and texts come back bit for bit", "[json][round-trip]") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const Table table =
        make_table("t", {{"f", TypeKind::float64}, {"i", TypeKind::int64}, {"b", TypeKind::text}});
    RowBatch batch = make_batch(table);
    for (int row = 0; row < 2000; ++row) {
        double value = std::bit_cast<double>(random());
        batch.columns[0].append_float64(std::isnan(value) ? 0.5 : value);
        batch.columns[1].append_fixed(static_cast<std::int64_t>(random()) >> (random() % 64));
        std::string text;
        for (std::size_t i = random() % 20; i > 0; --i) {
            text += static_cast<char>(random() % 256);
        }
        batch.columns[2].append_bytes(text);
    }
    const TemporaryDirectory directory;
    JsonTarget target(json_endpoint(directory.path("d/")), {});
    migrate_into(target, "m1", {table}, {batch});
    ManifestSource source(directory.path("d"), Layout::tables);
    const Schema schema = source.read_schema({}).schema;
    CHECK(rows_of(source, schema.tables[0]) == rows_of(batch));
}
