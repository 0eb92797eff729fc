#include <bit>
#include <cmath>

#include <catch2/catch.hpp>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/variant_json.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::postgresql {
namespace {

Column column_of(const std::string& name, const LogicalType& type, const std::string& collation = {}) {
    Column column;
    column.name = name;
    column.type = type;
    column.collation = collation;
    return column;
}

Schema sqlite_schema(std::vector<Table> tables) {
    Schema schema;
    schema.engine = "sqlite";
    schema.tables = std::move(tables);
    return schema;
}

backend::Adoption adopt(const Schema& schema) {
    return Adopter(schema, {}, "public", {}).adopt();
}

std::string variant(char kind, std::uint64_t bits) {
    std::string value(1, kind);
    util::append_big(value, bits);
    return value;
}

std::string json_of(const std::string& value) {
    std::string json;
    append_variant_json(value, json);
    return json;
}

}  // namespace

TEST_CASE("postgresql: a NOCASE key becomes an index that folds ASCII only", "[postgresql][adopt]") {
    Table table;
    table.name.name = "t";
    table.columns = {column_of("name", TypeKind::text, "NOCASE")};
    Key key;
    key.columns = {"name"};
    table.unique_keys = {key};
    const auto adopted = adopt(sqlite_schema({table}));
    const Table& out = adopted.schema.tables.at(0);
    CHECK(out.unique_keys.empty());
    REQUIRE(out.indexes.size() == 1);
    CHECK(out.indexes[0].unique);
    CHECK(out.indexes[0].parts.at(0).expression == "lower(\"name\" COLLATE \"C\")");
}

TEST_CASE("postgresql: names of keys and indexes do not collide in a schema", "[postgresql][adopt]") {
    Table table;
    table.name.name = "t";
    table.columns = {column_of("a", TypeKind::int64), column_of("b", TypeKind::int64)};
    Index index;
    index.name = "t_pkey";
    index.parts.emplace_back().column = "a";
    table.indexes = {index};
    Key key;
    key.columns = {"a"};
    table.primary_key = key;
    Table other = table;
    other.name.name = "t_b_key";
    other.indexes.clear();
    key.columns = {"b"};
    table.unique_keys = {key};
    const auto adopted = adopt(sqlite_schema({table, other}));
    const Table& out = adopted.schema.tables.at(0);
    CHECK(out.primary_key->name == "t_pkey");
    CHECK(out.indexes.at(0).name == "t_pkey_1");
    CHECK(out.unique_keys.at(0).name == "t_b_key_1");
}

TEST_CASE("postgresql: a key onto columns that are not unique is left out by name", "[postgresql][adopt]") {
    Table parent;
    parent.name.name = "parent";
    parent.columns = {column_of("id", TypeKind::int64), column_of("code", TypeKind::text)};
    Table child = parent;
    child.name.name = "child";
    ForeignKey key;
    key.columns = {"code"};
    key.referenced_table.name = "parent";
    key.referenced_columns = {"code"};
    child.foreign_keys = {key};
    const auto adopted = adopt(sqlite_schema({parent, child}));
    CHECK(adopted.schema.tables.at(1).foreign_keys.empty());
    REQUIRE(adopted.findings.size() == 1);
    CHECK(adopted.findings[0].severity == Severity::left_out);
    CHECK(adopted.findings[0].object == "foreign key child_code_fkey of child");
}

TEST_CASE("postgresql: long names are shortened the same way every time", "[postgresql][names]") {
    const std::string name = std::string(60, 'a') + "\xC3\xA9\xC3\xA9";
    const std::string fitted = fit_identifier(name);
    CHECK(fitted.size() <= k_max_identifier_bytes);
    CHECK(fitted == fit_identifier(name));
    CHECK(fitted != fit_identifier(name + "b"));
    CHECK(fit_identifier("short") == "short");
    CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
    CHECK(parse_name("\"a.\"\"b\".c") == QualifiedName{"a.\"b", "c"});
    CHECK(split_names("\"a,b\".c, d.e") == std::vector<std::string>{"\"a,b\".c", "d.e"});
}

TEST_CASE("postgresql: only names of staged types move in an expression", "[postgresql][names]") {
    Schema schema;
    SchemaObject type;
    type.kind = "enum";
    type.name = {"public", "mood"};
    schema.objects = {type};
    const StagingNames names("ab", schema);
    CHECK(names.rewrite("a = 'public.mood'::public.mood AND public.f($$public.mood$$) = E'\\'public.mood'") ==
          "a = 'public.mood'::\"_migrate_ab_0\".\"mood\" AND public.f($$public.mood$$) = E'\\'public.mood'");
}

TEST_CASE("postgresql: variants keep class and value as json", "[postgresql][variant]") {
    const double negative_zero = -0.0;
    const std::vector<std::pair<std::string, std::string>> cases{
        {variant('i', static_cast<std::uint64_t>(INT64_MIN)), "-9223372036854775808"},
        {variant('r', std::bit_cast<std::uint64_t>(1.0)), "1.0"},
        {variant('r', std::bit_cast<std::uint64_t>(negative_zero)), "-0.0"},
        {variant('r', std::bit_cast<std::uint64_t>(HUGE_VAL)), R"({"$real":"Infinity"})"},
        {"t", "\"\""},
        {std::string("t12\0\"\\\n", 7), R"("12\u0000\"\\\u000a")"},
        {std::string("b\0\xFF", 3), R"({"$blob":"AP8="})"},
        {"t\xFF", R"({"$text":"/w=="})"},
    };
    for (const auto& [value, json] : cases) {
        CHECK(json_of(value) == json);
        ColumnVector column(TypeKind::variant);
        REQUIRE(append_variant_from_json(json, column));
        CHECK(column.bytes(0) == value);
    }
    ColumnVector column(TypeKind::variant);
    for (const char* other :
         {"", "null", "true", "[1]", "{}", R"({"a":"b"})", "9223372036854775808", "\"a"}) {
        CHECK_FALSE(append_variant_from_json(other, column));
    }
    CHECK(column.size() == 0);
}

}  // namespace migrate::backends::postgresql
