#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/json/plain_row.hpp"
#include "backends/json/row_reader.hpp"
#include "backends/json/row_writer.hpp"
#include "support/random.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

/// Lines that are read the short way give what the general reader gives.
namespace migrate::test {
namespace {

using namespace backends::json;

const std::vector<TypeKind> k_kinds{TypeKind::boolean, TypeKind::int16,     TypeKind::int32, TypeKind::int64,
                                    TypeKind::float32, TypeKind::float64,   TypeKind::text,  TypeKind::bytes,
                                    TypeKind::date,    TypeKind::timestamp, TypeKind::uuid,  TypeKind::json,
                                    TypeKind::variant, TypeKind::decimal,   TypeKind::array, TypeKind::time};

const std::vector<std::string> k_values{"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "1",
                                        "-1",
                                        "32767",
                                        "32768",
                                        "-32768",
                                        "-32769",
                                        "2147483648",
                                        "-2147483648",
                                        "999999999999999999",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "9223372036854775808",
                                        "1.5",
                                        "-1.50",
                                        "1e3",
                                        "1E+3",
                                        "1e-400",
                                        "1e400",
                                        "01",
                                        "1.",
                                        ".5",
                                        "-",
                                        "+1",
                                        "1e",
                                        "nul",
                                        "True",
                                        "NaN",
                                        "\"\"",
                                        "\"a\"",
                                        "\"\xC3\xA9\"",
                                        "\"\xC3\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"a\\n\"",
                                        "\"a\\u0000\"",
                                        "\"a\tb\"",
                                        "\"a",
                                        "\"2024-02-29\"",
                                        "\"2023-02-29\"",
                                        "\"2024-02-29T12:34:56.000001\"",
                                        "\"NaN\"",
                                        "\"Infinity\"",
                                        "\"0a0a0a0a-0000-4000-8000-0a0a0a0a0a0a\"",
                                        "\"YWJj\"",
                                        "\"YWJ\"",
                                        "\"12:34:56.000000\"",
                                        "[]",
                                        "[1]",
                                        "{}",
                                        "[[1,{\"a\":[\"x\\n\"]}],2]",
                                        "{\"a\":1,\"a\":2}",
                                        "[1,]",
                                        "{\"$bytes\":\"YQ==\"}",
                                        "{\"$json\":\"1 \"}",
                                        "{\"$int\":\"5\"}",
                                        "{\"$real\":\"NaN\"}",
                                        "{\"$blob\":\"YQ==\"}",
                                        "",
                                        " 1",
                                        "1 ",
                                        "\"{1}\"",
                                        "\"a\x7F\"",
                                        "\"0123456789abcdef\"",
                                        "\"0123456789abcde\\\"\""};

ScanSpec all_of(const Table& table) {
    ScanSpec spec;
    spec.table = &table;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        spec.columns.push_back(i);
    }
    return spec;
}

struct ReadRows {
    std::vector<std::string> rows;
    std::vector<std::string> places;  // of the rejects: ordinal and column
    std::vector<std::string> rejects;
    bool operator==(const ReadRows&) const = default;
};

/// What a reader of the file gives.
ReadRows read(const std::string& text, const ScanSpec& spec) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    std::ofstream(path, std::ios::binary) << text;
    RowRange range;
    range.path = path;
    const InputStamps stamps;
    RowReader reader(spec, range, stamps);
    ReadRows out;
    RowBatch batch;
    for (bool more = true; more;) {
        more = reader.next(batch);
        for (const std::string& row : rows_of(batch)) {
            out.rows.push_back(row);
        }
        for (const RejectedRow& reject : batch.rejects) {
            out.places.push_back(std::to_string(reject.ordinal) + " " + reject.column);
            out.rejects.push_back(std::to_string(reject.ordinal) + " " + reject.column + " " + reject.reason +
                                  " " + reject.row);
        }
    }
    return out;
}

/// A blank behind the first brace is nothing to JSON, and keeps a line from being read the short way.
std::string the_long_way(const std::string& line) {
    return line.substr(0, 1) + " " + line.substr(1);
}

}  // namespace

TEST_CASE("plain row: every spelling of a value is read as the general reader reads it",
          "[json][plain-row]") {
    const TypeKind kind = GENERATE(from_range(k_kinds));
    const Table table = make_table("t", {{"v", kind}});
    const ScanSpec spec = all_of(table);
    for (const std::string& value : k_values) {
        CAPTURE(to_string(kind), value);
        const std::string line = "{\"v\":" + value + "}";
        ReadRows expected = read(the_long_way(line) + "\n", spec);
        ReadRows got = read(line + "\n", spec);
        CHECK(got.rows == expected.rows);
        CHECK(got.rejects.size() == expected.rejects.size());
    }
}

TEST_CASE("plain row: only the spelling that this tool writes is taken", "[json][plain-row]") {
    const Table table = make_table("t", {{"a", TypeKind::int64}, {"b", TypeKind::text}});
    PlainRow plain(all_of(table));
    RowBatch batch = make_batch(table);
    CHECK(plain.append(R"({"a":1,"b":"x"})", batch));
    CHECK(plain.append(R"({"a":null,"b":null})", batch));
    CHECK(plain.append(R"({"a":2,"b":"\"\u0041"})", batch));
    const std::vector<std::string> expected{"1|x", "NULL|NULL", "2|\"A"};
    CHECK(rows_of(batch) == expected);
    for (const char* const line :
         {"", "{", "{}", R"({"a":1})", R"({"b":"x","a":1})", R"({"a":1,"b":"x"} )", R"({"a":1,"b":"x"}{})",
          R"({"a":1,"b":"x","c":1})", R"({"a":1, "b":"x"})", R"({"a":1,"b":"x")", R"({"a":1,"b":)",
          R"({"a":)", "{\"a\":1,\"b\":\"x\"}\r", R"({"a":1,"b":{}})", R"({"a":1,"b":"\x"})",
          R"({"a":1,"b":"\n)", R"({"a":1,"b":["x"})"}) {
        CAPTURE(line);
        CHECK_FALSE(plain.append(line, batch));
        CHECK(rows_of(batch) == expected);
        CHECK(batch.columns[1].size() == 3);
    }
}

TEST_CASE("plain row: columns that are not asked for are looked at, those not stored are NULL",
          "[json][plain-row]") {
    Table table = make_table("t", {{"a", TypeKind::int64}, {"g", TypeKind::int64}, {"b", TypeKind::text}});
    table.columns[1].generated.emplace();
    ScanSpec spec = all_of(table);
    spec.columns = {1, 2};
    CHECK(read("{\"a\":1,\"b\":\"x\"}\n", spec).rows == std::vector<std::string>{"NULL|x"});
    CHECK(read("{\"a\":01,\"b\":\"x\"}\n", spec).rejects.size() == 1);
}

TEST_CASE("plain row: rows among others keep their order and their numbers", "[json][plain-row]") {
    Random random;
    CAPTURE(random.seed());
    const Table table = make_table("t", {{"a", TypeKind::int64}, {"b", TypeKind::text}});
    const std::vector<std::string> lines{R"({"a":7,"b":"x"})",
                                         R"({ "a":8,"b":"y"})",
                                         R"({"b":"z","a":9})",
                                         R"({"a":1,"b":"\u0041"})",
                                         "",
                                         "broken",
                                         R"({"a":"no","b":"x"})",
                                         R"({"a":1} {"a":2})",
                                         "{\"a\":3,\"b\":\"x\"}\r",
                                         R"({"a":4,"c":1})"};
    for (int round = 0; round < 20; ++round) {
        std::string plain;
        std::string general;
        for (int i = 0; i < 40; ++i) {
            const std::string& line = random.pick(lines);
            plain += line + "\n";
            general += (line.size() > 1 && line[0] == '{' ? the_long_way(line) : line) + "\n";
        }
        const ReadRows got = read(plain, all_of(table));
        const ReadRows expected = read(general, all_of(table));
        CHECK(got.rows == expected.rows);
        CHECK(got.places == expected.places);
    }
}

TEST_CASE("plain row: what is written is read the short way", "[json][plain-row]") {
    const Table table = make_table("t", {{"i", TypeKind::int64},
                                         {"f", TypeKind::float64},
                                         {"t", TypeKind::text},
                                         {"d", TypeKind::date},
                                         {"s", TypeKind::timestamp},
                                         {"o", TypeKind::boolean}});
    RowBatch batch = make_batch(table);
    batch.columns[0].append_fixed(-5);
    batch.columns[1].append_float64(0.1);
    batch.columns[2].append_bytes("gr\xC3\xBC\xC3\x9F dich, it's 8 o'clock");
    batch.columns[3].append_fixed(9000);
    batch.columns[4].append_fixed(1234567890123456);
    batch.columns[5].append_fixed(1);
    std::string line;
    RowEncoder(table, {}).append_row(batch, 0, line);
    PlainRow plain(all_of(table));
    RowBatch back = make_batch(table);
    REQUIRE(plain.append(std::string_view(line).substr(0, line.size() - 1), back));
    CHECK(rows_of(back) == rows_of(batch));
}

}  // namespace migrate::test
