#include <algorithm>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/document_source.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

/// A source of one file (or directory), with what a test asks of it.
class Opened {
  public:
    explicit Opened(const std::string& path, std::map<std::string, std::string> options = {})
        : m_source(json_endpoint(path, std::move(options)), {}) {
        m_source.pin_snapshot(1);
        m_reading = m_source.read_schema({});
    }

    std::string tables() const { return describe(m_reading.schema); }
    const Table& table(const std::string& name) const {
        const Table* found = m_reading.schema.find_table({"", name});
        INFO("table " << name << " of\n" << tables());
        REQUIRE(found != nullptr);
        return *found;
    }
    std::vector<std::string> rows(const std::string& name, std::vector<RejectedRow>* rejects = nullptr) {
        const auto all = rows_of(m_source, table(name), {}, rejects);
        CHECK(m_source.count_rows(table(name)) == all.size());
        // Whatever the batches' size, the rows are the same.
        std::vector<RejectedRow> ignored;
        CHECK(rows_of(m_source, table(name), {1, 1U << 20U}, &ignored) == all);
        return all;
    }
    bool has_finding(const std::string& code) const {
        for (const Finding& finding : m_reading.findings) {
            if (finding.code == code) {
                return true;
            }
        }
        return false;
    }
    DocumentSource& source() { return m_source; }

  private:
    DocumentSource m_source;
    backend::SchemaReading m_reading;
};

using Rows = std::vector<std::string>;

std::string error_of(const std::string& path, std::map<std::string, std::string> options = {}) {
    try {
        const Opened opened(path, std::move(options));
    } catch (const Error& error) {
        return to_string(error.code()) + ": " + error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("json documents: an array of objects is a table named after its file", "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(
        directory.write("people.json", R"([{"id":1,"name":"A","ok":true},{"id":2,"name":null,"tall":1.5}])"));
    CHECK(opened.tables() == "people: id int64 not null name text ok boolean tall float64 (id)\n");
    CHECK(opened.rows("people").size() == 2);
    CHECK(opened.rows("people")[0] == "1|A|1|NULL");
}

TEST_CASE("json documents: types are decided by all values, and only where each comes back as it was",
          "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write(
        "t.json",
        R"([{"i":1,"d":10.10,"e":1.50e3,"f":0.5,"z":-0,"b":18446744073709551616,"h":1e400,"m":1,"n":"a\u0000b","day":"2024-02-29",
             "at":"2024-02-29T12:34:56.789Z","at2":"2024-02-29T12:34:56Z","u":"0f0e0d0c-0b0a-4908-8706-050403020100","bad":"2024-02-30"},
            {"i":-9223372036854775808,"d":7,"e":2,"f":2.25,"z":1,"b":1,"h":1,"m":"x","n":"c","day":"0001-01-01",
             "at":"1969-12-31T23:59:59.000Z","at2":"2024-02-29T12:34:56.5Z","u":"00000000-0000-0000-0000-000000000000","bad":"2024-01-01"}])"));
    CHECK(opened.tables() ==
          "t: _id text not null i int64 d decimal e json f float64 z float64 b decimal h json m json n json "
          "day date "
          "at timestamp_tz at2 text u uuid bad text (_id)\n");
    CHECK(opened.table("t").find_column("at")->format == "iso:T3Z");
    CHECK(opened.has_finding("read-as-json"));
    const Rows rows = opened.rows("t");
    CHECK(rows[0].find("|1.50e3|") != std::string::npos);
    CHECK(rows[0].find("|1e400|1|\"a\\u0000b\"|") != std::string::npos);
}

TEST_CASE("json documents: an object of arrays is a table for each, and a row of all else",
          "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write(
        "db.json", R"({"users":[{"id":1}],"meta":{"v":3},"empty":[],"tags":["a","b"],"logs":[{"id":"x"}]})"));
    CHECK(opened.tables() ==
          "db: _id text not null meta__v int64 empty json (_id)\n"
          "db__tags: _parent_id text not null _index int64 not null value text (_parent_id, _index) "
          "_parent_id->db\n"
          "users: id int64 not null (id)\n"
          "logs: id text not null (id)\n");
    CHECK(opened.rows("users") == Rows{"1"});
    CHECK(opened.rows("logs") == Rows{"x"});
    CHECK(opened.rows("db__tags").size() == 2);
    CHECK(opened.rows("db")[0].ends_with("|3|[]"));
}

TEST_CASE("json documents: nested arrays are child tables with their parent's key", "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write(
        "o.json",
        R"([{"id":7,"at":{"x":1,"y":{"z":"q"}},"lines":[{"sku":"a","parts":[1,2]},{"sku":"b","parts":[]}]},
                      {"id":8,"at":null,"lines":null}, {"id":9,"lines":[{"sku":"c","parts":[3]}]}])"));
    CHECK(
        opened.tables() ==
        "o: id int64 not null at__x int64 at__y__z text (id)\n"
        "o__lines: _id text not null _parent_id int64 not null _index int64 not null sku text (_id) "
        "_parent_id->o\n"
        "o__lines__parts: _parent_id text not null _index int64 not null value int64 (_parent_id, _index) "
        "_parent_id->o__lines\n"
        "_shape: table_name text not null row_key text not null form text not null (table_name, row_key)\n");
    CHECK(opened.rows("o") == Rows{"7|1|q", "8|NULL|NULL", "9|NULL|NULL"});
    CHECK(opened.rows("o__lines") == Rows{"7/0|7|0|a", "7/1|7|1|b", "9/0|9|0|c"});
    CHECK(opened.rows("o__lines__parts") == Rows{"7/0|0|1", "7/0|1|2", "9/0|0|3"});
}

TEST_CASE("json documents: nested=json keeps objects and arrays as they are spelled", "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write("o.json", R"([{"id":7,"at":{"x" : 1.0},"l":[1, 2]}])"),
                  {{"nested", "json"}});
    CHECK(opened.tables() == "o: id int64 not null at json l json (id)\n");
    CHECK(opened.rows("o") == Rows{R"(7|{"x" : 1.0}|[1, 2])"});
}

TEST_CASE("json documents: mixtures inside arrays become JSON, text kept", "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write(
        "m.json",
        R"([{"id":1,"a":[1,"x"],"b":[[1],[2]],"c":[{"k":1},null],"d":{},"e":{"f":1}},{"id":2,"e":5}])"));
    CHECK(opened.tables() ==
          "m: id int64 not null b json c json d json e json (id)\n"
          "m__a: _parent_id int64 not null _index int64 not null value json (_parent_id, _index) "
          "_parent_id->m\n");
    CHECK(opened.rows("m") == Rows{R"(1|[[1],[2]]|[{"k":1},null]|{}|{"f":1})", "2|NULL|NULL|NULL|5"});
    CHECK(opened.rows("m__a") == Rows{"1|0|1", "1|1|\"x\""});
}

TEST_CASE("json documents: max-nesting stops at JSON", "[json][documents]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("n.json", R"([{"id":1,"a":{"b":{"c":{"d":1}}}}])");
    CHECK(Opened(path, {{"max-nesting", "2"}}).tables() == "n: id int64 not null a__b__c json (id)\n");
    CHECK(Opened(path).tables() == "n: id int64 not null a__b__c__d int64 (id)\n");
}

TEST_CASE("json documents: a key must be there, never null, and unique", "[json][documents][key]") {
    const TemporaryDirectory directory;
    CHECK(Opened(directory.write("a.json", R"([{"id":1},{"id":1}])")).tables() ==
          "a: _id text not null id int64 (_id)\n");
    CHECK(Opened(directory.write("b.json", R"([{"id":1},{"x":1}])")).tables() ==
          "b: _id text not null id int64 x int64 (_id)\n");
    CHECK(Opened(directory.write("c.json", R"([{"_id":"p","x":1}])")).tables() ==
          "c: _id text not null x int64 (_id)\n");
    const std::string path = directory.write("d.json", R"([{"id":1,"code":"x"},{"id":2,"code":"y"}])");
    CHECK(Opened(path, {{"key", "code"}}).tables() == "d: id int64 code text not null (code)\n");
    CHECK(Opened(directory.write("e.json", R"([{"code":"x"},{"code":"x"}])"), {{"key", "code"}})
              .has_finding("key-not-unique"));
    CHECK(Opened(directory.write("f.json", R"([{"id":1,"_ID":2},{"id":1,"_ID":2}])")).tables() ==
          "f: _id text not null id int64 _ID_2 int64 (_id)\n");
}

TEST_CASE("json documents: made ids are the same for the same input, and differ for equal records",
          "[json][documents][key]") {
    const TemporaryDirectory directory;
    Opened first(directory.write("a.json", R"([{"x":1},{"x":1}])"));
    Opened second(directory.write("b.json", R"([{"x":1},{"x":1}])"));
    const Rows rows = first.rows("a");
    CHECK(rows == second.rows("b"));
    CHECK(rows[0] != rows[1]);
}

TEST_CASE("json documents: names that differ in case, are empty or hold control characters are made safe",
          "[json][documents]") {
    const TemporaryDirectory directory;
    Opened opened(
        directory.write("n.json", R"([{"a":1,"A":2,"":3,"x\ny":4,"p.q":5,"a__b":6,"q\"":8,"a\u0000":9}])"));
    CHECK(opened.tables() ==
          "n: _id text not null a int64 A_2 int64 _empty int64 x_y int64 p.q int64 a__b int64 q\" int64 a_ "
          "int64 (_id)\n");
    CHECK(opened.table("n").find_column("x_y")->properties.at("json_path") == R"(["x\ny"])");
    CHECK(opened.rows("n")[0].ends_with("|1|2|3|4|5|6|8|9"));
}

TEST_CASE("json documents: an object of like objects is a table keyed by member", "[json][documents]") {
    const TemporaryDirectory directory;
    std::string text = "{";
    for (int i = 0; i < 8; ++i) {
        text += (i == 0 ? "\"u" : ",\"u") + std::to_string(i) + R"(":{"age":)" + std::to_string(i) +
                R"(,"n":["x"]})";
    }
    Opened opened(directory.write("k.json", text + "}"));
    CHECK(opened.tables() ==
          "k: _key text not null age int64 (_key)\n"
          "k__n: _parent_id text not null _index int64 not null value text (_parent_id, _index) "
          "_parent_id->k\n");
    CHECK(opened.rows("k")[3] == "u3|3");
    CHECK(opened.rows("k__n")[7] == "u7|0|x");
    const std::string few = directory.write("few.json", R"({"a":{"x":1},"b":{"x":2}})");
    CHECK(Opened(few).tables() == "few: _id text not null a__x int64 b__x int64 (_id)\n");
    CHECK(Opened(few, {{"keyed", "true"}}).tables() == "few: _key text not null x int64 (_key)\n");
}

TEST_CASE("json documents: root= leads to the records", "[json][documents]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("r.json", R"({"a/b":{"x":1,"items":[{"id":5}]},"z":1})");
    Opened opened(path, {{"root", "/a~1b/items"}});
    CHECK(opened.rows("r") == Rows{"5"});
    CHECK(error_of(path, {{"root", "/nowhere"}}).find("has nothing at /nowhere") != std::string::npos);
}

TEST_CASE("json documents: what is no object is one JSON column", "[json][documents]") {
    const TemporaryDirectory directory;
    for (const char* text : {"17", "\"x\"", "null", "[1,\"a\"]", "[]", "{}", "[{},1]", "1e400"}) {
        Opened opened(directory.write("any.json", text));
        CHECK(opened.tables() == "any: _id text not null document json not null (_id)\n");
        CHECK(opened.rows("any")[0].ends_with(std::string("|") + text));
    }
}

TEST_CASE("json documents: lines are records, and a broken one costs only itself",
          "[json][documents][ndjson]") {
    const TemporaryDirectory directory;
    Opened opened(
        directory.write("l.ndjson", "{\"id\":1}\r\n\n{\"id\":2,\n{\"id\":3}{\"id\":4}\nnope\n{\"id\":5}"));
    CHECK(opened.tables() == "l: id int64 not null (id)\n");
    std::vector<RejectedRow> rejects;
    CHECK(rows_of(opened.source(), opened.table("l"), {}, &rejects) == Rows{"1", "3", "4", "5"});
    REQUIRE(rejects.size() == 2);
    CHECK(rejects[0].line == 3);
    CHECK(rejects[0].row == R"("{\"id\":2,")");
    CHECK(rejects[1].line == 5);
    CHECK(rejects[1].reason.find("line 5, byte") != std::string::npos);
    CHECK(opened.has_finding("broken-line"));
}

TEST_CASE("json documents: chunks of a file of lines are together exactly its rows",
          "[json][documents][ndjson]") {
    const TemporaryDirectory directory;
    std::string text;
    Rows expected;
    for (int i = 0; i < 1000; ++i) {
        text += "{\"id\":" + std::to_string(i) + ",\"t\":\"" +
                std::string(static_cast<std::size_t>(i % 37), 'x') + "\"}\n";
        expected.push_back(std::to_string(i) + "|" + std::string(static_cast<std::size_t>(i % 37), 'x'));
    }
    Opened opened(directory.write("c.ndjson", text));
    const Table& table = opened.table("c");
    backend::ChunkOptions options;
    options.target_bytes = 777;
    Rows found;
    const auto chunks = opened.source().chunks(table, options);
    CHECK(chunks.size() > 20);
    for (const Chunk& chunk : chunks) {
        ScanSpec spec;
        spec.table = &table;
        spec.columns = {0, 1};
        spec.chunk = chunk;
        const auto reader = opened.source().open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
            for (std::string& row : rows_of(batch)) {
                found.push_back(std::move(row));
            }
        }
    }
    CHECK(found == expected);
}

TEST_CASE("json documents: a broken line is named by its number in the file, in whatever chunk it is",
          "[json][documents][ndjson]") {
    const TemporaryDirectory directory;
    std::string text;
    for (int i = 1; i <= 200; ++i) {
        text += i % 50 == 0 ? "broken\n" : "{\"id\":" + std::to_string(i) + "}\n";
    }
    Opened opened(directory.write("b.ndjson", text));
    backend::ChunkOptions options;
    options.target_bytes = 100;
    auto chunks = opened.source().chunks(opened.table("b"), options);
    CHECK(chunks.size() > 10);
    std::reverse(chunks.begin(), chunks.end());
    std::vector<std::uint64_t> lines;
    for (const Chunk& chunk : chunks) {
        ScanSpec spec;
        spec.table = &opened.table("b");
        spec.columns = {0};
        spec.chunk = chunk;
        const auto reader = opened.source().open_reader(spec);
        RowBatch batch;
        while (reader->next(batch) || !batch.rejects.empty()) {
            for (const RejectedRow& reject : batch.rejects) {
                lines.push_back(reject.line);
            }
        }
    }
    CHECK(lines == std::vector<std::uint64_t>{200, 150, 100, 50});
}

TEST_CASE("json documents: rows of lines are counted as they are read", "[json][documents][ndjson]") {
    const TemporaryDirectory directory;
    const std::vector<std::string> lines{R"({"id":1})",
                                         R"({"id":1} )",
                                         R"({"id":1}{"id":2})",
                                         R"({"id":1} {"id":2} {"id":3})",
                                         R"({"id":1} 7)",
                                         R"({"id":1}"x")",
                                         R"({"id":1} nope)",
                                         R"({"id":1)",
                                         R"({"id":{"a":1}})",
                                         R"({"id":[{"a":1}]})",
                                         R"({"id":"}{"})",
                                         R"({"id":"} {"})",
                                         R"({"id":"\"} {"})",
                                         R"([{"id":1}])",
                                         "7 8",
                                         "nope",
                                         "",
                                         "   ",
                                         R"( {"id":1})",
                                         "{\"id\":1}\r",
                                         R"({"id":1}])",
                                         R"({"id":1},)",
                                         R"({"id":1}})",
                                         "\xEF\xBB\xBF{\"id\":1}",
                                         R"({}{})",
                                         R"({"a":{}})"};
    const std::vector<std::string> ends{"", "\n", "\n{\"id\":9}\n"};
    for (const std::string& line : lines) {
        for (const std::string& end : ends) {
            CAPTURE(line, end);
            Opened opened(directory.write("n.ndjson", "{\"id\":0}\n" + line + end));
            std::vector<RejectedRow> rejects;
            const Rows rows = rows_of(opened.source(), opened.table("n"), {}, &rejects);
            CHECK(opened.source().count_rows(opened.table("n")) == rows.size() + rejects.size());
        }
    }
}

TEST_CASE("json documents: files that are opened again are known while they stay as they were",
          "[json][documents]") {
    const TemporaryDirectory directory;
    std::string text = "broken\n";
    for (int i = 0; i < 100000; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}\n";
    }
    const std::string path = directory.write("k.ndjson", text);
    backend::OpenContext context;
    context.memory = std::make_shared<backend::SourceMemory>();
    int profiled = 0;
    context.progress = [&](std::string_view, std::uint64_t, std::uint64_t) { ++profiled; };
    context.threads = 2;
    const auto look = [&](std::map<std::string, std::string> options = {}) {
        DocumentSource source(json_endpoint(path, std::move(options)), context);
        source.pin_snapshot(1);
        const backend::SchemaReading reading = source.read_schema({});
        const Table& table = reading.schema.tables.at(0);
        std::vector<RejectedRow> rejects;
        CHECK(rows_of(source, table, {}, &rejects).size() + rejects.size() == source.count_rows(table));
        CHECK(std::any_of(reading.findings.begin(), reading.findings.end(),
                          [](const Finding& finding) { return finding.code == "broken-line"; }));
        return describe(reading.schema);
    };
    CHECK(look() == "k: id int64 not null (id)\n");
    CHECK(profiled > 0);
    profiled = 0;
    CHECK(look() == "k: id int64 not null (id)\n");
    CHECK(profiled == 0);
    CHECK(look({{"nested", "json"}}) == "k: id int64 not null (id)\n");
    CHECK(profiled > 0);
    profiled = 0;
    directory.write("k.ndjson", text + "{\"id\":\"x\",\"b\":1}\n");
    CHECK_THAT(look(), Catch::Contains("b int64"));
    CHECK(profiled > 0);
}

TEST_CASE("json documents: a directory is a table for each file, siblings of one name are one",
          "[json][documents][directory]") {
    const TemporaryDirectory directory;
    directory.write("d/users.json", R"([{"id":1}])");
    directory.write("d/sub/logs.ndjson", "{\"id\":2}\n");
    directory.write("d/berry/index.json", R"({"count":2,"results":[{"id":1}]})");
    directory.write("d/berry/1/index.json", R"({"id":1,"flavors":[{"n":"a"}]})");
    directory.write("d/berry/2/index.json", R"({"id":2,"flavors":[{"n":"b"},{"n":"c"}]})");
    directory.write("d/readme.txt", "no");
    Opened opened(directory.path("d"));
    CHECK(opened.tables() ==
          "berry: _file text not null id int64 not null (id)\n"
          "berry__flavors: _parent_id int64 not null _index int64 not null n text (_parent_id, _index) "
          "_parent_id->berry\n"
          "berry__index: _id text not null count int64 (_id)\n"
          "berry__index__results: id int64 not null (id)\n"
          "sub__logs: id int64 not null (id)\n"
          "users: id int64 not null (id)\n");
    CHECK(opened.rows("berry") == Rows{"berry/1/index.json|1", "berry/2/index.json|2"});
    CHECK(opened.rows("berry__flavors").size() == 3);
}

TEST_CASE("json documents: layout=documents makes all files rows of one table",
          "[json][documents][directory]") {
    const TemporaryDirectory directory;
    directory.write("s/a.json", R"({"title":"A","tabs":[1]})");
    directory.write("s/b.json", R"({"title":"B"})");
    Opened opened(directory.path("s/"), {{"layout", "documents"}});
    CHECK(opened.tables() ==
          "s: _id text not null _file text not null title text (_id)\n"
          "s__tabs: _parent_id text not null _index int64 not null value int64 (_parent_id, _index) "
          "_parent_id->s\n");
    CHECK(opened.rows("s")[1].ends_with("|b.json|B"));
}

TEST_CASE("json documents: duplicate keys are refused, or keep the object as text", "[json][documents]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("d.json", R"([{"id":1,"o":{"a":1,"a":2}}])");
    CHECK(error_of(path).find("malformed: ") == 0);
    Opened opened(path, {{"duplicate-keys", "keep"}});
    CHECK(opened.rows("d") == Rows{R"(1|{"a":1,"a":2})"});
    Opened root(directory.write("r.json", R"({"a":1,"a":2})"), {{"duplicate-keys", "keep"}});
    CHECK(root.rows("r")[0].ends_with(R"(|{"a":1,"a":2})"));
}

TEST_CASE("json documents: bad input is one clear error", "[json][documents][bad-input]") {
    const TemporaryDirectory directory;
    CHECK(error_of(directory.path("missing.json")).find("not_found: cannot open ") == 0);
    CHECK(error_of(directory.path()).find("there is no JSON file in the directory") != std::string::npos);
    CHECK(error_of(directory.write("empty.json", ""))
              .find("line 1, byte 0 of the file: there is no JSON value") != std::string::npos);
    CHECK(error_of(directory.write("cut.json", "[{\"a\":1},\n{\"a\":"))
              .find("cut.json, line 2, byte 15 of the file: ") != std::string::npos);
    CHECK(error_of(directory.write("two.json", "{}\n{}")).find("format=ndjson") != std::string::npos);
    CHECK(error_of(directory.write("x.json", "[]"), {{"layot", "tables"}}).find("usage: ") == 0);
    CHECK(error_of(directory.write("y.json", "[]"), {{"max-columns", "0"}}).find("usage: ") == 0);
    std::filesystem::create_symlink(directory.path("missing.json"), directory.path("dangling.json"));
    CHECK(error_of(directory.path("dangling.json")).find("not_found: ") == 0);
    std::filesystem::create_symlink(directory.path("x.json"), directory.path("link.json"));
    CHECK(error_of(directory.path("link.json")) == "accepted");
}

TEST_CASE("json documents: a file that changes while it is read is noticed", "[json][documents][bad-input]") {
    const TemporaryDirectory directory;
    Opened opened(directory.write("a.json", R"([{"id":1}])"));
    directory.write("a.json", R"([{"id":2}])");
    CHECK_THROWS_WITH(rows_of(opened.source(), opened.table("a")),
                      Catch::Contains("was changed by another program"));
}
