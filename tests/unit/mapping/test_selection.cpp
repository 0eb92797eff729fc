#include <catch2/catch.hpp>

#include "mapping/selection.hpp"

namespace {

using namespace migrate;

Schema album_and_artist() {
    Schema schema;
    for (const char* name : {"album", "artist"}) {
        Table& table = schema.tables.emplace_back();
        table.name.name = name;
        table.columns.emplace_back().name = "id";
        table.columns.emplace_back().name = "artist_id";
        table.primary_key = Key{"", {"id"}, {}, false, false, "", ""};
    }
    ForeignKey key;
    key.columns = {"artist_id"};
    key.referenced_table.name = "artist";
    schema.tables[0].foreign_keys.push_back(key);
    return schema;
}

}  // namespace

TEST_CASE("selection: globs match names with and without their schema", "[mapping][selection]") {
    CHECK(mapping::matches_any({"sales", "order_item"}, {"order_*"}));
    CHECK(mapping::matches_any({"sales", "order_item"}, {"sales.*"}));
    CHECK(mapping::matches_any({"", "a*b"}, {"a?b"}));
    CHECK_FALSE(mapping::matches_any({"sales", "order_item"}, {"order"}));
    CHECK_FALSE(mapping::matches_any({"", "x"}, {}));
}

TEST_CASE("selection: an excluded table takes the keys to it along, and both are told",
          "[mapping][selection]") {
    Schema schema = album_and_artist();
    PlanOptions options;
    options.exclude = {"artist"};
    std::vector<Finding> findings;
    mapping::apply_selection(options, schema, findings);
    REQUIRE(schema.tables.size() == 1);
    CHECK(schema.tables[0].foreign_keys.empty());
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].severity == Severity::excluded);
    CHECK(findings[1].severity == Severity::excluded);
}

TEST_CASE("selection: what belongs to an excluded table goes with it", "[mapping][selection]") {
    Schema schema = album_and_artist();
    const auto add = [&](const char* kind, const char* name, const char* table) {
        SchemaObject& object = schema.objects.emplace_back();
        object.kind = kind;
        object.name.name = name;
        object.table = table;
    };
    add("trigger", "on_artist", "artist");
    add("trigger", "on_album", "album");
    add("view", "artists", "");
    add("trigger", "on_view", "artists");
    PlanOptions options;
    options.tables = {"album"};
    std::vector<Finding> findings;
    mapping::apply_selection(options, schema, findings);
    std::vector<std::string> left;
    for (const SchemaObject& object : schema.objects) {
        left.push_back(object.name.name);
    }
    CHECK(left == std::vector<std::string>{"on_album", "artists", "on_view"});
}

TEST_CASE("selection: kinds are understood however they are spelled", "[mapping][selection]") {
    CHECK(mapping::object_kind("views") == "view");
    CHECK(mapping::object_kind("virtual-tables") == "virtual table");
    CHECK(mapping::object_kind("Indexes") == "index");
    CHECK(mapping::object_kind("policies") == "policy");
}

TEST_CASE("selection: a foreign key without an index is a risk, and gets one when asked",
          "[mapping][selection]") {
    Schema schema = album_and_artist();
    std::vector<Finding> risks;
    mapping::report_foreign_keys_without_index(schema, risks);
    REQUIRE(risks.size() == 1);
    CHECK(risks[0].severity == Severity::risk);

    std::vector<Finding> notes;
    mapping::index_foreign_keys(schema, notes);
    REQUIRE(schema.tables[0].indexes.size() == 1);
    CHECK(schema.tables[0].indexes[0].parts[0].column == "artist_id");
    risks.clear();
    mapping::report_foreign_keys_without_index(schema, risks);
    CHECK(risks.empty());
}
