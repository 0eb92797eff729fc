#include <catch2/catch.hpp>

#include "backends/json/document_source.hpp"
#include "backends/json/row_form.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

using Rows = std::vector<std::string>;

/// The forms of a text's rows; one word where there is no table of them.
Rows forms_of(const std::string& text, const std::string& name = "t.json") {
    const TemporaryDirectory directory;
    DocumentSource source(json_endpoint(directory.write(name, text)), {});
    source.pin_snapshot(1);
    const Schema schema = source.read_schema({}).schema;
    const Table* table = schema.find_table({"", k_form_table});
    if (table == nullptr) {
        return {"regular"};
    }
    CHECK(table->role == TableRole::shape);
    Rows rows = rows_of(source, *table);
    CHECK(source.count_rows(*table) == rows.size());
    return rows;
}

}  // namespace

TEST_CASE("json forms: rows that are all of one shape have none", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"a":"x","l":[1]},{"id":2,"a":"y","l":[2,3]}])") == Rows{"regular"});
    CHECK(forms_of(R"([{"id":1,"a":null},{"id":2,"a":"y"}])") == Rows{"regular"});
    CHECK(forms_of(R"([{"id":1,"c":1},{"id":2,"a":"y","c":1},{"id":3,"a":"z","c":2}])") == Rows{"regular"});
    CHECK(
        forms_of(
            R"({"2":{"a":1},"10":{"a":1},"b":{"a":2},"c":{"a":1},"d":{"a":1},"e":{"a":1},"f":{"a":1},"g":{"a":1}})") ==
        Rows{"regular"});
}

TEST_CASE("json forms: of null and missing, the rarer is kept for its rows", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"a":null},{"id":2},{"id":3,"a":5},{"id":4}])") == Rows{"t|1|1=n"});
    CHECK(forms_of(R"([{"id":1,"a":null},{"id":2},{"id":3,"a":null}])") == Rows{"t|2|1=a"});
}

TEST_CASE("json forms: an empty array, none and null are told apart", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"l":[]},{"id":2,"l":[7]},{"id":3},{"id":4,"l":[]},{"id":5,"l":null}])") ==
          Rows{"t|3|1=a", "t|5|1=n"});
}

TEST_CASE("json forms: an empty object, none, null and one of nulls are told apart", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"o":{}},{"id":2,"o":{"a":1}},{"id":3},{"id":4,"o":null},{"id":5},
                       {"id":6,"o":{"a":null}}])") == Rows{"t|1|1=e", "t|4|1=n", "t|6|1=o 1.0=n"});
}

TEST_CASE("json forms: members in another order are kept with their order", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"a":1,"b":2},{"b":3,"id":2,"a":4},{"id":3,"o":{"x":1,"y":2}},
                       {"id":4,"o":{"y":1,"x":2}}])") == Rows{"t|2|>3,0,2", "t|4|1>1,0"});
}

TEST_CASE("json forms: rows of child tables have their own", "[json][shape]") {
    CHECK(forms_of(R"([{"id":1,"l":[{"k":1,"v":null},{"k":2}]},{"id":2,"l":[{"k":3}]}])") ==
          Rows{"t__l|1/0|1=n"});
}

TEST_CASE("json forms: records out of their keys' order have their places", "[json][shape]") {
    CHECK(forms_of(R"([{"id":2},{"id":1}])") == Rows{"t|2|@0", "t|1|@1"});
    CHECK(forms_of("{\"id\":\"b\"}\n{\"id\":\"a\"}\n", "t.ndjson") == Rows{"t|b|@0", "t|a|@1"});
    CHECK(forms_of(R"([{"id":"9"},{"id":"10"}])") == Rows{"regular"});
}

TEST_CASE("json forms: a form reads back, and what it does not know is passed over", "[json][shape]") {
    const RowForm form = RowForm::parse("3.1=n >2,0,1 3>1,0 @12 4~1.50e3~0 x 9=z");
    CHECK(form.vacancy("3.1") == Vacancy::null);
    CHECK_FALSE(form.vacancy("9"));
    REQUIRE(form.order("") != nullptr);
    CHECK(*form.order("") == std::vector<std::size_t>{2, 0, 1});
    CHECK(*form.order("3") == std::vector<std::size_t>{1, 0});
    CHECK(form.position() == 12);
    CHECK(form.spelling("4", "1500").empty());
}

TEST_CASE("json shape: it is said as text and read back", "[json][shape]") {
    DocumentShape shape;
    shape.table = "t";
    shape.parent = "p";
    shape.synthetic = {{Synthetic::id, 0}, {Synthetic::file, 3}};
    shape.natural_key = 4;
    shape.has_positions = true;
    MemberShape column{std::string("a\"\0.", 4), MemberShape::Kind::column, 1, {}, Vacancy::absent, {}};
    MemberShape array{"", MemberShape::Kind::array, 0, "t__l", Vacancy::empty, {}};
    MemberShape object{"O", MemberShape::Kind::object, 0, {}, Vacancy::null, {column, array}};
    MemberShape map{"M", MemberShape::Kind::map, 0, "t__M", Vacancy::absent, {}};
    shape.members = {column, object, map};
    shape.rest = "t__members";
    shape.files = {{"a/b.json", RecordKind::rest, "/x", "m", "n", true},
                   {"c", RecordKind::lines, "", {}, {}, false}};
    const std::string text = render_shape(shape);
    const DocumentShape back = parse_shape(text);
    CHECK(render_shape(back) == text);
    CHECK(back.members[1].members[0].key == column.key);
    CHECK(back.members[1].members[1].table == "t__l");
    CHECK(back.members[2].kind == MemberShape::Kind::map);
    CHECK(back.members[2].table == "t__M");
    CHECK(back.rest == "t__members");
    CHECK(back.files[0].after == "n");
    CHECK(back.column_of(Synthetic::file) == 3);
}
