#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/records_profile.hpp"
#include "support/random.hpp"
#include "support/temporary_directory.hpp"

/// Lines that are profiled by several threads give what one thread finds.
namespace migrate::test {
namespace {

using namespace backends::json;

std::string text_of(const FieldSet& fields);

std::string text_of(const ScalarProfile& scalar) {
    return to_string(scalar.reading().type) + "/" + scalar.reading().format + "/" + scalar.why() + "/" +
           std::to_string(scalar.longest_bytes()) + "/" + std::to_string(scalar.negative_zeros());
}

template <typename Counts>
std::string counts_of(const Counts& counts) {
    return std::to_string(counts.objects) + " " + std::to_string(counts.arrays) + " " +
           std::to_string(counts.nulls) + " " + std::to_string(counts.scalars) + " " +
           std::to_string(counts.has_duplicate_keys) + " " + text_of(counts.scalar);
}

std::string text_of(const ElementProfile& elements) {
    return "[" + counts_of(elements) + " " + text_of(elements.members) + "]";
}

std::string text_of(const Field& field) {
    std::string out = field.key + ":" + counts_of(field) + " " + std::to_string(field.empties) + " " +
                      std::to_string(field.hollow);
    out += field.members ? text_of(*field.members) : "";
    out += field.elements ? text_of(*field.elements) : "";
    return out;
}

std::string text_of(const FieldSet& fields) {
    std::string out =
        "{" + std::to_string(fields.objects) + " " + std::to_string(fields.is_out_of_order) + " ";
    for (std::size_t i = 0; i < fields.fields.size(); ++i) {
        out += "\n" + std::to_string(fields.places[i]) + " " + text_of(*fields.fields[i]);
        CHECK(fields.by_key.at(fields.fields[i]->key) == i);
    }
    out += fields.entries ? "\nentries " + text_of(*fields.entries) : "";
    return out + " " + std::to_string(fields.longest_entry_key) + "}";
}

struct Options {
    unsigned threads = 1;
    std::uint64_t piece_bytes = 0;  // 0 = not in pieces
    DocumentOptions document;
};

/// All that a profile of the file says.
std::string profile_of(const std::string& path, const Options& options) {
    RecordSpec part;
    part.kind = RecordKind::lines;
    part.path = path;
    const Collection collection{"t", {part}, false, false};
    RecordsProfile records(collection, options.document);
    records.candidates.begin_part();
    std::uint64_t reported = 0;
    const ProfileWatch watch{{}, [&](std::uint64_t done) { reported = done; }, options.threads};
    const BrokenLines broken =
        options.piece_bytes == 0
            ? profile_part(part, collection, options.document, watch, records)
            : profile_lines(part, collection, options.document, watch, records, options.piece_bytes);
    CHECK(reported <= records.profile.records);
    settle(records.profile.members, records.limits);
    std::vector<Finding> findings;
    const std::string key = records.candidates.choose(records.profile, findings);
    return std::to_string(records.profile.records) + " " + std::to_string(records.profile.all_objects) + " " +
           std::to_string(records.profile.has_duplicate_keys) + " key " + key + " sorted " +
           std::to_string(records.candidates.is_sorted()) + " broken " + std::to_string(broken.count) + " " +
           broken.first_reason + "\n" + text_of(records.profile.members);
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

void require_same(const std::string& text, const DocumentOptions& document = {}) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    write(path, text);
    const std::string expected = profile_of(path, {1, 0, document});
    for (const unsigned threads : {1U, 2U, 5U}) {
        for (const std::uint64_t piece : {1U, 7U, 40U, 333U, 5000U}) {
            CAPTURE(threads, piece);
            REQUIRE(profile_of(path, {threads, piece, document}) == expected);
        }
    }
}

/// One of the values that change what a member is read as.
std::string some_value(Random& random, int depth) {
    static const std::vector<std::string> k_scalars{"null",
                                                    "true",
                                                    "1",
                                                    "2.5",
                                                    "-0",
                                                    "1e400",
                                                    "\"text\"",
                                                    "\"\"",
                                                    "12345678901",
                                                    "\"2024-02-29\"",
                                                    "\"2024-02-29T12:34:56Z\"",
                                                    "\"2024-02-29 12:34:56.5\"",
                                                    "1.50",
                                                    "\"0a0a0a0a-0000-4000-8000-0a0a0a0a0a0a\"",
                                                    "\"00000000-0000-4000-8000-000000000000\"",
                                                    "\"0A0A0A0A-0000-4000-8000-0A0A0A0A0A0A\"",
                                                    "\"a\\u0000b\"",
                                                    "[]",
                                                    "{}"};
    if (depth == 0 || !random.chance(25)) {
        return random.pick(k_scalars);
    }
    std::string out = random.chance(50) ? "[" : "{";
    const bool is_array = out == "[";
    const std::int64_t count = random.between(0, 3);
    for (std::int64_t i = 0; i < count; ++i) {
        out += i == 0 ? "" : ",";
        out += is_array ? "" : "\"n" + std::to_string(random.between(0, 3) + 4 * i) + "\":";
        out += some_value(random, depth - 1);
    }
    return out + (is_array ? "]" : "}");
}

/// Members in an order that most records follow; some of them late, rare or of several kinds.
std::string some_record(Random& random, std::int64_t number, bool is_wild) {
    std::string out = "{\"id\":" + std::to_string(random.chance(is_wild ? 3 : 0) ? number - 1 : number);
    for (std::int64_t i = 0; i < 8; ++i) {
        const std::int64_t at = random.chance(is_wild ? 5 : 0) ? 7 - i : i;
        if (random.chance(is_wild ? 60 : 95) &&
            out.find("\"m" + std::to_string(at) + "\"") == std::string::npos) {
            out += ",\"m" + std::to_string(at) + "\":";
            out += is_wild ? some_value(random, 3) : std::to_string(number * i);
        }
    }
    return out + "}";
}

}  // namespace

TEST_CASE("line profiler: records of any members, in pieces cut anywhere", "[json][profile]") {
    Random random;
    CAPTURE(random.seed());
    const bool is_wild = GENERATE(false, true);
    for (int round = 0; round < 6; ++round) {
        std::string text;
        for (std::int64_t i = 0; i < 150; ++i) {
            text +=
                some_record(random, i, is_wild && random.chance(30)) + (random.chance(20) ? "\r\n" : "\n");
        }
        require_same(text);
    }
}

TEST_CASE("line profiler: blank, broken and several values in a line, and no last line feed",
          "[json][profile][bad-input]") {
    std::string text = "\xEF\xBB\xBF{\"id\":1,\"a\":1}\n\n   \r\n";
    for (int i = 2; i < 60; ++i) {
        text += i % 7 == 0 ? "{\"id\":" + std::to_string(i) + ",\"a\":\n"
                : i % 11 == 0
                    ? "{\"id\":" + std::to_string(i) + "} {\"id\":" + std::to_string(1000 + i) + "}\n"
                : i % 13 == 0 ? "[1,2]\n"
                              : "{\"id\":" + std::to_string(i) + ",\"a\":\"x\"}\n";
    }
    text += "{\"id\":60}";
    require_same(text);
}

TEST_CASE("line profiler: a broken line is named by its number and byte in the file",
          "[json][profile][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "{\"id\":1}\n";
    }
    write(path, text + "{\"id\":,}\n" + text);
    CHECK_THAT(profile_of(path, {2, 50, {}}),
               Catch::Contains("broken 1") && Catch::Contains("line 101, byte 906 "));
}

TEST_CASE("line profiler: keys that repeat, are missing or out of order in another piece",
          "[json][profile][key]") {
    const std::string late = GENERATE(as<std::string>(), "{\"id\":3}", "{\"id\":null}", "{\"x\":1}",
                                      "{\"id\":\"a\"}", "{\"id\":99999}", "{\"id\":2}");
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "{\"id\":" + std::to_string(10 + 2 * i) + "}\n";
    }
    require_same(text + late + "\n{\"id\":4000}\n");
    require_same(late + "\n" + text);
}

TEST_CASE("line profiler: more members than can be columns are decided in the order of all records",
          "[json][profile]") {
    DocumentOptions options;
    options.max_columns = 20;
    std::string text;
    for (int i = 0; i < 20000; ++i) {
        text += "{\"id\":" + std::to_string(i) + ",\"k" + std::to_string(i * 7 % 18000) +
                "\":" + (i % 3 == 0 ? "null" : "1") + "}\n";
    }
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    write(path, text);
    CHECK(profile_of(path, {3, 4000, options}) == profile_of(path, {1, 0, options}));
}

TEST_CASE("line profiler: duplicate keys and values that are no objects", "[json][profile]") {
    DocumentOptions options;
    options.keep_duplicate_keys = true;
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += "{\"id\":" + std::to_string(i) + ",\"o\":{\"a\":1}}\n";
    }
    require_same(text + "{\"id\":50,\"o\":{\"a\":1,\"a\":2}}\n" + text, options);
    require_same(text + "{\"id\":50,\"id\":51}\n" + text, options);
    require_same(text + "7\n" + text, options);
}

TEST_CASE("line profiler: an empty file and one of a single line", "[json][profile]") {
    require_same("");
    require_same("\n\n");
    require_same("{\"id\":1}");
}

TEST_CASE("line profiler: being stopped ends it, whoever reads", "[json][profile][cancel]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    std::string text;
    for (int i = 0; i < 20000; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}\n";
    }
    write(path, text);
    RecordSpec part;
    part.kind = RecordKind::lines;
    part.path = path;
    const Collection collection{"t", {part}, false, false};
    RecordsProfile records(collection, {});
    std::stop_source stop;
    stop.request_stop();
    const ProfileWatch watch{stop.get_token(), {}, 3};
    CHECK_THROWS_AS(profile_lines(part, collection, {}, watch, records, 20000), Error);
    // And while pieces are under way.
    std::stop_source later;
    RecordsProfile others(collection, {});
    std::uint64_t told = 0;
    const ProfileWatch watched{later.get_token(),
                               [&](std::uint64_t done) {
                                   told = done;
                                   later.request_stop();
                               },
                               3};
    CHECK_THROWS_AS(profile_lines(part, collection, {}, watched, others, 20000), Error);
    CHECK(told > 0);
    CHECK(told < 20000);
}

TEST_CASE("line profiler: a line with more values than hashes are kept in memory is read like any",
          "[json][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.ndjson");
    std::string text;
    for (int i = 0; i < 10000; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}\n";
    }
    // Values may stand side by side: a piece ends with its line, however long that is.
    for (int i = 10000; i < 1'100'000; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}";
    }
    write(path, text + "\n");
    CHECK(profile_of(path, {2, 50000, {}}) == profile_of(path, {1, 0, {}}));
}

}  // namespace migrate::test
