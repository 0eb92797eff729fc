#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/nesting.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

using Texts = std::vector<std::string>;

Table keyed(const std::string& name, const std::vector<std::pair<std::string, LogicalType>>& columns,
            const Texts& key) {
    Table table = make_table(name, columns);
    table.primary_key = Key{};
    table.primary_key->columns = key;
    return table;
}

void refer(Table& table, const Texts& columns, const std::string& parent, const Texts& referenced = {},
           ReferenceAction on_delete = ReferenceAction::no_action) {
    ForeignKey& key = table.foreign_keys.emplace_back();
    key.columns = columns;
    key.referenced_table.name = parent;
    key.referenced_columns = referenced;
    key.on_delete = on_delete;
}

/// "child in parent.member by columns", of the tables that are nested.
Texts nested(std::vector<Table> tables, const std::string& wishes = {}, std::size_t levels = 8,
             std::vector<Finding>* findings = nullptr) {
    Schema schema;
    schema.tables = std::move(tables);
    std::vector<Finding> ignored;
    choose_nesting(schema, parse_nest_wishes(wishes), levels, findings != nullptr ? *findings : ignored);
    std::vector<const Table*> pointers;
    for (const Table& table : schema.tables) {
        pointers.push_back(&table);
    }
    Texts out;
    const std::vector<NestNode> nodes = nest_tree(pointers);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].parent) {
            out.push_back(schema.tables[i].name.name + " in " + schema.tables[*nodes[i].parent].name.name +
                          "." + nodes[i].member);
            for (const std::size_t column : nodes[i].columns) {
                out.back() += " " + schema.tables[i].columns[column].name;
            }
        }
    }
    return out;
}

const LogicalType k_int{TypeKind::int64};
const LogicalType k_text{TypeKind::text};

}  // namespace

TEST_CASE("json nesting: the strongest bond decides, then the first column", "[json][nesting]") {
    const Table a = keyed("a", {{"id", k_int}}, {"id"});
    const Table b = keyed("b", {{"id", k_int}}, {"id"});
    Table c = keyed("c", {{"id", k_int}, {"b", k_int}, {"a", k_int}}, {"id"});
    refer(c, {"a"}, "a");
    refer(c, {"b"}, "b");
    CHECK(nested({a, b, c}) == Texts{"c in b.c b"});
    c.foreign_keys[0].on_delete = ReferenceAction::cascade;
    CHECK(nested({a, b, c}) == Texts{"c in a.c a"});
    // Many to many: the key's own order.
    c.primary_key->columns = {"b", "a"};
    CHECK(nested({a, b, c}) == Texts{"c in b.c b"});
    CHECK(nested({a, b, c}, "c:a") == Texts{"c in a.c a"});
    CHECK(nested({a, b, c}, "c:-").empty());
}

TEST_CASE("json nesting: cycles and references to the own table stay references", "[json][nesting]") {
    Table a = keyed("a", {{"id", k_int}, {"b", k_int}, {"up", k_int}}, {"id"});
    Table b = keyed("b", {{"id", k_int}, {"c", k_int}}, {"id"});
    Table c = keyed("c", {{"id", k_int}, {"a", k_int}}, {"id"});
    refer(a, {"up"}, "a");
    refer(a, {"b"}, "b");
    refer(b, {"c"}, "c");
    refer(c, {"a"}, "a");
    std::vector<Finding> findings;
    CHECK(nested({a, b, c}, {}, 8, &findings) == Texts{"a in b.a b", "b in c.b c"});
    std::string why;
    for (const Finding& finding : findings) {
        why += finding.code == "not-nested" ? finding.object + ": " + finding.message : "";
    }
    CHECK(why ==
          "table c: it is documents of its own: a: it would be a cycle: the rows of a stand in its own");
    CHECK(nested({a}).empty());
}

TEST_CASE("json nesting: documents have no more levels than allowed", "[json][nesting]") {
    std::vector<Table> tables{keyed("t0", {{"id", k_int}}, {"id"})};
    for (int i = 1; i < 5; ++i) {
        tables.push_back(keyed("t" + std::to_string(i), {{"id", k_int}, {"up", k_int}}, {"id"}));
        refer(tables.back(), {"up"}, "t" + std::to_string(i - 1));
    }
    CHECK(nested(tables).size() == 4);
    CHECK(nested(tables, {}, 3) == Texts{"t1 in t0.t1 up", "t2 in t1.t2 up", "t4 in t3.t4 up"});
    CHECK(nested(tables, {}, 1).empty());
}

TEST_CASE("json nesting: only keys that say exactly one row, by values of one spelling, nest",
          "[json][nesting]") {
    const auto child_of = [](const LogicalType& type, const Texts& columns, const Texts& referenced) {
        Table child = keyed("c", {{"id", k_int}, {"x", type}, {"y", k_text}}, {"id"});
        refer(child, columns, "p", referenced);
        return child;
    };
    Table parent = keyed("p", {{"id", k_int}, {"x", k_int}, {"y", k_text}}, {"id"});
    CHECK(nested({parent, child_of(k_int, {"x"}, {"id"})}).size() == 1);
    CHECK(nested({parent, child_of(k_int, {"x"}, {})}).size() == 1);
    CHECK(nested({parent, child_of({TypeKind::int32}, {"x"}, {"id"})}).size() == 1);
    CHECK(nested({parent, child_of(k_text, {"x"}, {"id"})}).empty());
    CHECK(nested({parent, child_of(k_int, {"x"}, {"x"})}).empty());
    CHECK(nested({parent, child_of(k_int, {"x", "y"}, {"x", "y"})}).empty());
    parent.unique_keys.emplace_back().columns = {"y", "x"};
    CHECK(nested({parent, child_of(k_int, {"x", "y"}, {"x", "y"})}) == Texts{"c in p.c x y"});
    parent.unique_keys.clear();
    Index index;
    index.unique = true;
    index.parts.emplace_back().column = "x";
    parent.indexes.push_back(index);
    CHECK(nested({parent, child_of(k_int, {"x"}, {"x"})}).size() == 1);
    parent.indexes.front().predicate = "x > 0";
    CHECK(nested({parent, child_of(k_int, {"x"}, {"x"})}).empty());
    CHECK(nested({child_of(k_int, {"x"}, {"id"})}).empty());
    const Table real = keyed("p", {{"id", {TypeKind::float64}}}, {"id"});
    CHECK(nested({real, child_of({TypeKind::float64}, {"x"}, {"id"})}).empty());
}

TEST_CASE("json nesting: a member does not take a column's name", "[json][nesting]") {
    const Table parent = keyed("p", {{"id", k_int}, {"c", k_int}}, {"id"});
    Table child = keyed("c", {{"id", k_int}, {"p", k_int}}, {"id"});
    refer(child, {"p"}, "p");
    CHECK(nested({parent, child}) == Texts{"c in p.c_2 p"});
}

TEST_CASE("json nesting: wishes that cannot be followed are refused by name", "[json][nesting]") {
    Table a = keyed("a", {{"id", k_int}, {"up", k_int}}, {"id"});
    refer(a, {"up"}, "a");
    const Table b = keyed("b", {{"id", k_int}}, {"id"});
    for (const char* wish : {"x:b", "a:x", "a:b", "a:a"}) {
        CAPTURE(wish);
        std::vector<Finding> findings;
        CHECK(nested({a, b}, wish, 8, &findings).empty());
        REQUIRE_FALSE(findings.empty());
        CHECK(findings.front().code == "nest-impossible");
        CHECK(findings.front().severity == Severity::blocker);
    }
    for (const char* wish : {"a", "a:", ":b", "a:b,,", "a:b,c"}) {
        CAPTURE(wish);
        CHECK_THROWS_AS(parse_nest_wishes(wish), Error);
    }
}

TEST_CASE("json nesting: a manifest that says nonsense is refused", "[json][nesting]") {
    Table a = keyed("a", {{"id", k_int}, {"b", k_int}}, {"id"});
    Table b = keyed("b", {{"id", k_int}, {"a", k_int}}, {"id"});
    refer(a, {"b"}, "b");
    refer(b, {"a"}, "a");
    a.properties = {{k_nested_by_property, "0"}, {k_member_property, "a"}};
    CHECK(nest_tree({&a, &b})[1].children == std::vector<std::size_t>{0});
    Table cyclic = b;
    cyclic.properties = a.properties;
    CHECK_THROWS_AS(nest_tree({&a, &cyclic}), Error);
    for (const char* key : {"1", "-1", "", "x"}) {
        a.properties[k_nested_by_property] = key;
        CHECK_THROWS_AS(nest_tree({&a, &b}), Error);
    }
    a.properties[k_nested_by_property] = "0";
    CHECK_THROWS_AS(nest_tree({&a}), Error);
    a.properties.erase(k_member_property);
    CHECK_THROWS_AS(nest_tree({&a, &b}), Error);
}
