#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "backends/json/document_source.hpp"
#include "backends/json/object_shape.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

using Options = std::map<std::string, std::string>;
using Rows = std::vector<std::string>;

/// One file of documents, read as tables.
class Wide {
  public:
    explicit Wide(const std::string& text, Options options = {{"max-columns", "30"}})
        : m_source(json_endpoint(m_directory.write("t.json", text), std::move(options)), {}) {
        m_source.pin_snapshot(1);
        schema = m_source.read_schema({}).schema;
    }
    std::string tables() const { return describe(schema); }
    const Table& table(const std::string& name) const {
        const Table* found = schema.find_table({"", name});
        INFO("table " << name << " of\n" << tables());
        REQUIRE(found != nullptr);
        return *found;
    }
    Rows rows(const std::string& name) {
        const Rows all = rows_of(m_source, table(name));
        CHECK(m_source.count_rows(table(name)) == all.size());
        CHECK((table(name).role == TableRole::shape || table(name).row_estimate == all.size()));
        return all;
    }

    Schema schema;

  private:
    TemporaryDirectory m_directory;
    DocumentSource m_source;
};

/// "k0":0,"k1":1…
std::string members(int from, int to) {
    std::string out;
    for (int i = from; i < to; ++i) {
        out += (i == from ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
    }
    return out;
}

}  // namespace

TEST_CASE("json documents: an object with more keys than columns is a table of keys and values",
          "[json][documents][wide]") {
    Wide wide(R"([{"id":1,"small":{"x":1},"big":{)" + members(0, 2000) + "}}]", {});
    CHECK(
        wide.tables() ==
        "t: id int64 not null small__x int64 (id)\n"
        "t__big: _parent_id int64 not null _index int64 not null key text not null value int64 (_parent_id, "
        "_index) _parent_id->t\n");
    const Rows rows = wide.rows("t__big");
    REQUIRE(rows.size() == 2000);
    CHECK(rows[0] == "1|0|k0|0");
    CHECK(rows[1999] == "1|1999|k1999|1999");
    const Table& big = wide.table("t__big");
    CHECK(big.properties.at("json_path") == R"(["big"])");
    CHECK(big.properties.at("json_members") == "all");
    REQUIRE(big.unique_keys.size() == 1);
    CHECK(big.unique_keys[0].columns == std::vector<std::string>{"_parent_id", "key"});
}

TEST_CASE("json documents: of too many members those that most records have stay columns",
          "[json][documents][wide]") {
    std::string text;
    std::set<std::string> expected;
    for (int record = 0; record < 100; ++record) {
        text += (record == 0 ? "[" : ",");
        text += R"({"id":)" + std::to_string(record);
        for (int i = 0; i < 20; ++i) {
            const int key = record * 20 + i;
            text += ",\"k" + std::to_string(key) + "\":" + std::to_string(key);
            expected.insert(std::to_string(record) + "|" + std::to_string(i + 1) + "|k" +
                            std::to_string(key) + "|" + std::to_string(key));
        }
        text += R"(,"name":"n","tags":["a"]})";
    }
    Wide wide(text + "]", {});
    CHECK(wide.tables() ==
          "t: id int64 not null name text (id)\n"
          "t__tags: _parent_id int64 not null _index int64 not null value text (_parent_id, _index) "
          "_parent_id->t\n"
          "t__members: _parent_id int64 not null _index int64 not null key text not null value int64 "
          "(_parent_id, _index) _parent_id->t\n");
    const Rows rows = wide.rows("t__members");
    CHECK(std::set<std::string>(rows.begin(), rows.end()) == expected);
    CHECK(rows.size() == 2000);
    CHECK(wide.table("t__members").properties.at("json_members") == "rest");
    CHECK(wide.rows("t").size() == 100);
    CHECK(wide.rows("t__tags").size() == 100);
}

TEST_CASE("json documents: an object in a record is rows altogether, members that all have too",
          "[json][documents][wide]") {
    Wide wide("[{\"id\":1,\"m\":{\"all\":1," + members(0, 20) + "}},{\"id\":2,\"m\":{\"all\":1," +
              members(20, 40) + "}}]");
    CHECK(wide.tables() ==
          "t: id int64 not null (id)\n"
          "t__m: _parent_id int64 not null _index int64 not null key text not null value int64 (_parent_id, "
          "_index) _parent_id->t\n");
    CHECK(wide.rows("t__m").size() == 42);
}

TEST_CASE("json documents: which members stay columns does not hang on the records' order",
          "[json][documents][wide]") {
    const std::string regular = R"({"id":2,"name":"a"},{"id":3,"name":"b"},{"id":4,"name":"c"})";
    const std::string odd = R"(,"name":"d",)" + members(0, 40) + "}";
    CHECK(Wide("[" + regular + ",{\"id\":5" + odd + "]").tables() ==
          Wide("[{\"id\":1" + odd + "," + regular + "]").tables());
}

TEST_CASE("json documents: objects by key are rows with their key and columns", "[json][documents][wide]") {
    std::string text = R"([{"id":"r","users":{)";
    for (int i = 0; i < 40; ++i) {
        text += (i == 0 ? "" : ",") + std::string("\"u") + std::to_string(i) + R"(":{"age":)" +
                std::to_string(i) + R"(,"key":"x","tags":["a","b"]})";
    }
    Wide wide(text + "}}]");
    CHECK(wide.tables() ==
          "t: id text not null (id)\n"
          "t__users: _id text not null _parent_id text not null _index int64 not null key text not null age "
          "int64 key_2 text (_id) _parent_id->t\n"
          "t__users__tags: _parent_id text not null _index int64 not null value text (_parent_id, _index) "
          "_parent_id->t__users\n");
    CHECK(wide.rows("t__users")[39] == "r/39|r|39|u39|39|x");
    CHECK(wide.rows("t__users__tags")[79] == "r/39|1|b");
}

TEST_CASE("json documents: values of several kinds by key keep their text, null too",
          "[json][documents][wide]") {
    Wide wide(R"({"a":1.50,"b":"x","c":null,"d":[1, 2],"e":{"f":{}},)" + members(0, 40) + "}");
    CHECK(wide.tables() ==
          "t: _id text not null (_id)\n"
          "t__members: _parent_id text not null _index int64 not null key text not null value json "
          "(_parent_id, _index) _parent_id->t\n");
    Rows rows = wide.rows("t__members");
    REQUIRE(rows.size() == 45);
    for (std::string& row : rows) {
        row.erase(0, row.find('|') + 1);
    }
    CHECK(Rows(rows.begin(), rows.begin() + 6) ==
          Rows{"0|a|1.50", "1|b|\"x\"", "2|c|NULL", "3|d|[1, 2]", R"(4|e|{"f":{}})", "5|k0|0"});
}

TEST_CASE("json documents: keys within keys are tables below tables", "[json][documents][wide]") {
    std::string text = R"({"days":{)";
    for (int day = 0; day < 50; ++day) {
        text += (day == 0 ? "\"d" : ",\"d") + std::to_string(day) + "\":{" +
                members(day * 40, day * 40 + 40) + "}";
    }
    Wide wide(text + "}}");
    CHECK(wide.tables() ==
          "t: _id text not null (_id)\n"
          "t__days: _id text not null _parent_id text not null _index int64 not null key text not null (_id) "
          "_parent_id->t\n"
          "t__days__members: _parent_id text not null _index int64 not null key text not null value int64 "
          "(_parent_id, _index) _parent_id->t__days\n");
    CHECK(wide.rows("t__days").size() == 50);
    const Rows rows = wide.rows("t__days__members");
    CHECK(rows.size() == 2000);
    CHECK(rows[1999].ends_with("/49|39|k1999|1999"));
}

TEST_CASE("json documents: keys of any characters arrive as rows as they are", "[json][documents][wide]") {
    const std::string odd = R"("":1,"a":2,"A":3,"a.b":4,"a\"b'c":5,"a\u0000b":6,"_id":7,"key":8,"\n":9,")" +
                            std::string(5000, 'x') + R"(":10)";
    Wide wide("{\"m\":{" + odd + "," + members(0, 40) + "}}");
    // A key with U+0000 makes the column JSON, as text cannot hold it everywhere.
    const Table& table = wide.table("t__m");
    CHECK(table.find_column("key")->type.kind == TypeKind::json);
    CHECK(table.unique_keys.empty());
    const Rows rows = wide.rows("t__m");
    REQUIRE(rows.size() == 50);
    CHECK(rows[0].ends_with("|0|\"\"|1"));
    CHECK(rows[2].ends_with("|2|\"A\"|3"));
    CHECK(rows[4].ends_with(R"(|4|"a\"b'c"|5)"));
    CHECK(rows[5].ends_with(R"(|5|"a\u0000b"|6)"));
    CHECK(rows[8].ends_with(R"(|8|"\n"|9)"));
    CHECK(rows[9].ends_with("\"" + std::string(5000, 'x') + "\"|10"));
}

TEST_CASE("json documents: a long key is text, but in no unique key", "[json][documents][wide]") {
    Wide wide("{\"m\":{\"" + std::string(1001, 'x') + "\":1," + members(0, 40) + "}}");
    CHECK(wide.table("t__m").find_column("key")->type.kind == TypeKind::text);
    CHECK(wide.table("t__m").unique_keys.empty());
}

TEST_CASE("json documents: columns have names of their own, and the key they were",
          "[json][documents][wide]") {
    Wide wide(
        R"([{"":1,"a":2,"A":3,"a.b":4,"a\"b":5,"a\u0000b":6,"_id":null,"_ID":8,"a__b":9,"a b":{"":10},"x":{"y":11},
             "x__y":12,"_parent_id":13,"kids":[{"_id":1,"_parent_id":2,"_index":3,"kids":[1]}]}])",
        {});
    for (const Table& table : wide.schema.tables) {
        std::set<std::string> names;
        std::set<std::string> paths;
        for (const Column& column : table.columns) {
            std::string folded = column.name;
            std::transform(folded.begin(), folded.end(), folded.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            CHECK(names.insert(folded).second);
            if (column.properties.contains("json_path")) {
                CHECK(paths.insert(column.properties.at("json_path")).second);
            }
        }
    }
    const Table& table = wide.table("t");
    CHECK(table.find_column("_empty")->properties.at("json_path") == R"([""])");
    CHECK(table.find_column("A_2")->properties.at("json_path") == R"(["A"])");
    CHECK(table.find_column("a_b")->properties.at("json_path") == R"(["a\u0000b"])");
    CHECK(table.find_column("x__y")->properties.at("json_path") == R"(["x","y"])");
    CHECK(table.find_column("x__y_2")->properties.at("json_path") == R"(["x__y"])");
    CHECK(wide.table("t__kids").find_column("_id_2")->properties.at("json_path") == R"(["_id"])");
}

TEST_CASE("json forms: maps and other members are told from none, and their rows have forms",
          "[json][documents][wide][shape]") {
    std::string text =
        R"([{"id":1,"m":{)" + members(0, 40) + R"(}},{"id":2,"m":{}},{"id":3,"m":null},{"id":4},)";
    text += R"({"id":5,"m":{"x":1}},{"id":6,"m":{"x":1}}])";
    Wide wide(text);
    // Of what has no value each kind occurs once, so the first of them is the shape's.
    CHECK(wide.rows("_shape") == Rows{"t|2|1=e", "t|3|1=n"});

    text = "[";
    for (int i = 0; i < 40; ++i) {
        const std::string b = i == 7 ? ",\"b\":null" : i == 9 ? "" : ",\"b\":2";
        text += (i == 0 ? "{\"id\":" : ",{\"id\":") + std::to_string(i) + ",\"u" + std::to_string(i) +
                "\":{\"a\":1" + b + "}}";
    }
    Wide others(text + "]");
    const DocumentShape shape = parse_shape(others.table("t").properties.at(k_shape_property));
    CHECK(shape.rest == "t__members");
    CHECK(shape.members.size() == 1);
    const DocumentShape rows = parse_shape(others.table("t__members").properties.at(k_shape_property));
    CHECK(rows.parent == "t");
    CHECK(others.rows("_shape") == Rows{"t__members|7/1|1=n"});
}

TEST_CASE("json documents: with nested=json too many members are one document", "[json][documents][wide]") {
    Wide wide("[{" + members(0, 50) + "}]", {{"max-columns", "30"}, {"nested", "json"}});
    CHECK(wide.tables() == "t: _id text not null document json not null (_id)\n");
    CHECK(wide.rows("t").size() == 1);
}

TEST_CASE("json documents: what was profiled apart and put together is read as if it had been one",
          "[json][documents][wide]") {
    // Each key has values of one kind; together they have several.
    const auto value_type = [](const std::string& first, const std::string& second) {
        std::string text = "{\"m\":{";
        for (int i = 0; i < 40; ++i) {
            text += "\"k" + std::to_string(i) + "\":" + (i % 2 == 0 ? first : second) + (i < 39 ? "," : "}}");
        }
        const Wide wide(text);
        const Column& value = *wide.table("t__m").find_column("value");
        return to_string(value.type) + value.format;
    };
    CHECK(value_type("1", "2") == "int64");
    CHECK(value_type("1", "2.5") == "float64");
    CHECK(value_type("1.0", "2.5") == "decimal");
    CHECK(value_type("1", "\"x\"") == "json");
    CHECK(value_type("\"2024-02-29\"", "\"2024-03-01\"") == "date");
    CHECK(value_type("\"2024-02-29\"", "\"x\"") == "text");
    CHECK(value_type("\"2024-02-29T12:34:56Z\"", "\"2024-02-29T12:34:57Z\"") == "timestamp_tziso:T0Z");
    CHECK(value_type("\"2024-02-29T12:34:56Z\"", "\"2024-02-29T12:34:57.5Z\"") == "text");
    CHECK(value_type("\"00112233-4455-6677-8899-aabbccddeeff\"",
                     "\"00000000-0000-0000-0000-000000000000\"") == "uuid");
    CHECK(value_type("\"00000000-0000-0000-0000-000000000000\"",
                     "\"00112233-4455-6677-8899-AABBCCDDEEFF\"") == "uuidupper");
    CHECK(value_type("\"00112233-4455-6677-8899-aabbccddeeff\"",
                     "\"00112233-4455-6677-8899-AABBCCDDEEFF\"") == "text");
    CHECK(value_type("\"x\"", "\"a\\u0000b\"") == "json");
    CHECK(value_type("true", "null") == "boolean");
}
