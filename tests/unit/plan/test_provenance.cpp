#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/kept_code.hpp"
#include "plan/provenance.hpp"

namespace {

using namespace migrate;

Schema one_table(const std::string& engine, const QualifiedName& name, const std::string& native) {
    Schema schema;
    schema.engine = engine;
    Table& table = schema.tables.emplace_back();
    table.name = name;
    Column& column = table.columns.emplace_back();
    column.name = "price";
    column.native_type = native;
    column.type = LogicalType::decimal(12, 2);
    column.format = engine + "-format";
    return schema;
}

}  // namespace

TEST_CASE("provenance: what a table was is found again under the names it was written with",
          "[plan][provenance]") {
    const Schema source = one_table("postgresql", {"sales", "item"}, "numeric(12,2)");
    const Schema target = one_table("sqlite", {"", "sales_item"}, "TEXT");
    const auto record = plan::parse_provenance(
        plan::make_provenance("0123456789ab", mapping::map_schema({}, source), target));

    const auto hints = plan::hints_of(record);
    REQUIRE(hints.size() == 1);
    CHECK(hints[0].table == QualifiedName{"", "sales_item"});
    CHECK(hints[0].type == LogicalType::decimal(12, 2));
    CHECK(hints[0].format == "sqlite-format");
    CHECK_FALSE(hints[0].from_user);

    Schema read = target;
    read.tables[0].columns.insert(read.tables[0].columns.begin(), Column{});  // an application added one
    plan::attach_origins(record, read);
    const TableOrigin* origin = read.tables[0].origin_on("postgresql");
    REQUIRE(origin != nullptr);
    CHECK(origin->table->name == QualifiedName{"sales", "item"});
    CHECK(origin->columns == std::vector<int>{-1, 0});
    CHECK(origin->table->columns[0].native_type == "numeric(12,2)");
    CHECK(read.origin_on("postgresql") != nullptr);
}

TEST_CASE("provenance: it reaches over two engines in between", "[plan][provenance]") {
    const Schema first = one_table("postgresql", {"sales", "item"}, "numeric(12,2)");
    Schema second = one_table("sqlite", {"", "sales_item"}, "TEXT");
    plan::attach_origins(
        plan::parse_provenance(plan::make_provenance("a", mapping::map_schema({}, first), second)), second);
    Schema third = one_table("json", {"", "sales_item"}, "number");
    plan::attach_origins(
        plan::parse_provenance(plan::make_provenance("b", mapping::map_schema({}, second), third)), third);
    REQUIRE(third.tables[0].origin_on("postgresql") != nullptr);
    CHECK(third.tables[0].origin_on("postgresql")->table->columns[0].native_type == "numeric(12,2)");
    REQUIRE(third.tables[0].origin_on("sqlite") != nullptr);
    CHECK(third.tables[0].origin_on("sqlite")->table->columns[0].format == "sqlite-format");
}

TEST_CASE("provenance: a record that is damaged, foreign or from the future is refused",
          "[plan][provenance]") {
    CHECK_THROWS_AS(plan::parse_provenance("{"), Error);
    CHECK_THROWS_AS(plan::parse_provenance("[]"), Error);
    CHECK_THROWS_AS(plan::parse_provenance(R"({"version":99})"), Error);
    CHECK_THROWS_AS(
        plan::parse_provenance(R"({"version":1,"written":{"tables":[{"name":{"name":"t"}}]},)"
                               R"("origins":[{"schema":{"engine":"json"},"tables":[{"table":5}]}]})"),
        Error);
}

TEST_CASE("provenance: of several records the newest that wrote a table has the word on it",
          "[plan][provenance]") {
    const auto record = [](const std::string& table, const std::string& native) {
        return plan::make_provenance(
            "a", mapping::map_schema({}, one_table("postgresql", {"public", table}, native)),
            one_table("sqlite", {"", table}, "TEXT"));
    };
    // Newest first: b was written by the second and third migration.
    const plan::Provenance all = plan::parse_provenance(
        "[" + record("b", "third") + "," + record("b", "second") + "," + record("a", "first") + "]");
    CHECK(plan::hints_of(all).size() == 2);
    Schema read = one_table("sqlite", {"", "a"}, "TEXT");
    read.tables.push_back(one_table("sqlite", {"", "b"}, "TEXT").tables[0]);
    plan::attach_origins(all, read);
    REQUIRE(read.origins.size() == 1);
    REQUIRE(read.tables[0].origin_on("postgresql") != nullptr);
    CHECK(read.tables[0].origin_on("postgresql")->table->columns[0].native_type == "first");
    CHECK(read.tables[1].origin_on("postgresql")->table->columns[0].native_type == "third");

    // And both on to the next database.
    Schema next = read;
    next.engine = "json";
    next.origins.clear();
    next.tables[0].origins.clear();
    next.tables[1].origins.clear();
    plan::attach_origins(
        plan::parse_provenance(plan::make_provenance("d", mapping::map_schema({}, read), next)), next);
    CHECK(next.tables[0].origin_on("postgresql")->table->columns[0].native_type == "first");
    CHECK(next.tables[1].origin_on("postgresql")->table->columns[0].native_type == "third");
}

TEST_CASE("provenance: records of sources of different engines stand side by side", "[plan][provenance]") {
    const std::string newest =
        plan::make_provenance("b", mapping::map_schema({}, one_table("json", {"", "j"}, "number")),
                              one_table("sqlite", {"", "j"}, "TEXT"));
    const std::string older = plan::make_provenance(
        "a", mapping::map_schema({}, one_table("postgresql", {"public", "p"}, "numeric")),
        one_table("sqlite", {"", "p"}, "TEXT"));
    Schema read = one_table("sqlite", {"", "j"}, "TEXT");
    read.tables.push_back(one_table("sqlite", {"", "p"}, "TEXT").tables[0]);
    plan::attach_origins(plan::parse_provenance("[" + newest + "," + older + "]"), read);
    CHECK(read.tables[0].origin_on("json")->table->columns[0].native_type == "number");
    CHECK(read.tables[0].origin_on("postgresql") == nullptr);
    CHECK(read.tables[1].origin_on("postgresql")->table->columns[0].native_type == "numeric");
    CHECK(read.tables[1].origin_on("json") == nullptr);
    CHECK(read.origins.back()->engine == "json");
}

TEST_CASE("provenance: a list of anything but records is refused", "[plan][provenance]") {
    CHECK_THROWS_AS(plan::parse_provenance("[]"), Error);
    CHECK_THROWS_AS(plan::parse_provenance("[1]"), Error);
    CHECK_THROWS_AS(plan::parse_provenance(R"([{"version":99}])"), Error);
}

namespace {

Schema with_view(const std::string& engine) {
    Schema schema = one_table(engine, {"public", "item"}, "numeric");
    schema.objects = {{"view", {"public", "v"}, "", "CREATE VIEW v", {}, ""},
                      {"cast", {"", "c"}, "", "", {}, ""},
                      {"virtual table", {"", "x"}, "", "CREATE VIRTUAL TABLE x", {}, "It is of a module."}};
    return schema;
}

/// The schema as it is read where this was written, with its record.
Schema written(const Schema& source, const std::string& engine, bool keeps_code) {
    Schema target = one_table(engine, {"", "item"}, "number");
    if (keeps_code) {
        target.properties[backend::k_keeps_code] = "yes";
    }
    plan::attach_origins(
        plan::parse_provenance(plan::make_provenance("a", mapping::map_schema({}, source), target)), target);
    return target;
}

std::vector<std::string> kept_in(const Schema& schema) {
    std::vector<std::string> names;
    for (const backend::KeptObject& kept : backend::kept_of_others(schema, schema.engine)) {
        names.push_back(kept.engine + " " + kept.object->kind);
    }
    return names;
}

}  // namespace

TEST_CASE("provenance: what is kept is marked until somebody makes or lists it", "[plan][provenance][code]") {
    using Names = std::vector<std::string>;
    const Schema first = with_view("postgresql");
    CHECK(kept_in(written(first, "json", false)) == Names{});
    const Schema json = written(first, "json", true);
    CHECK(kept_in(json) == Names{"postgresql view"});
    REQUIRE(json.origin_on("postgresql")->objects.size() == 3);
    CHECK(json.origin_on("postgresql")->objects[0].native_sql == "CREATE VIEW v");
    CHECK_FALSE(backend::keeps_code(*json.origin_on("postgresql")));
    CHECK(kept_in(written(json, "json", true)) == Names{"postgresql view"});
    CHECK(kept_in(written(json, "json", false)) == Names{});
    // JSON to SQLite, and from there on.
    const Schema sqlite = written(json, "sqlite", false);
    CHECK(kept_in(sqlite) == Names{});
    REQUIRE(sqlite.origin_on("postgresql") != nullptr);
    CHECK(sqlite.origin_on("postgresql")->objects.size() == 3);
    CHECK(kept_in(written(sqlite, "json", true)) == Names{});
}

TEST_CASE("provenance: a definition that is kept without kind, name or text is refused",
          "[plan][provenance][code]") {
    const auto record = [](const std::string& object) {
        return R"({"version":1,"written":{"engine":"json"},"origins":[{"schema":{"engine":"postgresql",)"
               R"("objects":[)" +
               object + "]}}]}";
    };
    const std::string name = R"("name":{"name":"v"})";
    const std::string kept = R"("properties":{"kept":"yes"})";
    CHECK_NOTHROW(plan::parse_provenance(
        record("{\"kind\":\"view\"," + name + ",\"native_sql\":\"CREATE VIEW v\"," + kept + "}")));
    CHECK_NOTHROW(plan::parse_provenance(record("{\"kind\":\"view\"," + name + "}")));
    for (const std::string& object : {"{\"kind\":\"view\"," + name + "," + kept + "}",
                                      "{" + name + ",\"native_sql\":\"CREATE VIEW v\"," + kept + "}",
                                      "{\"kind\":\"view\",\"native_sql\":\"CREATE VIEW v\"," + kept + "}",
                                      std::string("{\"kind\":1," + name + "}"), std::string("7"),
                                      "{\"kind\":\"view\"," + name + ",\"native_sql\":[]," + kept + "}",
                                      "{\"kind\":\"view\"," + name + ",\"properties\":{\"kept\":true}}"}) {
        INFO(object);
        CHECK_THROWS_AS(plan::parse_provenance(record(object)), Error);
    }
}
