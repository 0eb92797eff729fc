#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "support/sqlite.hpp"

using namespace migrate;

namespace {

struct Default {
    std::string sql;  ///< As pg_get_expr prints it.
    LogicalType type;
    std::string sqlite_type;
    std::string expected;  ///< SqliteValue::show(), a regular expression of its text, or why not.
    std::string time_zone = {};
};

LogicalType enumeration() {
    LogicalType type(TypeKind::enumeration);
    type.labels = {"G", "PG"};
    return type;
}

const std::vector<Default> k_fixed = {
    {"0", TypeKind::int32, "INTEGER", "integer 0"},
    {"'-1'::integer", TypeKind::int32, "INTEGER", "integer -1"},
    {"true", TypeKind::boolean, "BOOLEAN", "integer 1"},
    {"'f'::boolean", TypeKind::boolean, "BOOLEAN", "integer 0"},
    {"4.99", LogicalType::decimal(6, 3), "TEXT", "text '4.990'"},
    {"'0'::numeric", LogicalType::decimal(4, 2), "TEXT", "text '0.00'"},
    {"0.5", TypeKind::float64, "DOUBLE", "real 0.5"},
    {"'G'::public.mpaa_rating", enumeration(), "TEXT", "text 'G'"},
    {"'it''s'::character varying", TypeKind::text, "TEXT", "text 'it's'"},
    {"''::text", TypeKind::text, "TEXT", "text ''"},
    {"NULL::character varying", TypeKind::text, "TEXT", "null"},
    {"'2020-02-29'::date", TypeKind::date, "DATE", "text '2020-02-29'"},
    {"'2020-02-29 01:02:03.5'::timestamp without time zone", TypeKind::timestamp, "TIMESTAMP",
     "text '2020-02-29T01:02:03.500000'"},
    {"'\\x00ff'::bytea", TypeKind::bytes, "BLOB", "blob x'00ff'"},
    {"'{}'::jsonb", TypeKind::jsonb, "JSON TEXT", "text '{}'"},
    {"'00000000-0000-0000-0000-00000000000A'::uuid", TypeKind::uuid, "UUID",
     "text '00000000-0000-0000-0000-00000000000a'"},
    {"(1 + 2)", TypeKind::int32, "INTEGER", "integer 3"},
};

const std::vector<Default> k_changing = {
    {"now()", TypeKind::timestamp_tz, "TIMESTAMPTZ",
     "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}000Z"},
    {"timezone('utc'::text, now())", TypeKind::timestamp, "TIMESTAMP",
     "20\\d\\d-\\d\\d-\\d\\dT.{8}\\.\\d{3}000"},
    {"(now() AT TIME ZONE 'utc'::text)", TypeKind::timestamp, "TIMESTAMP",
     "20\\d\\d-\\d\\d-\\d\\dT.{8}\\.\\d{3}000"},
    {"now()", TypeKind::timestamp, "TIMESTAMP", "20\\d\\d-\\d\\d-\\d\\dT.{8}\\.\\d{3}000", "UTC"},
    {"('now'::text)::date", TypeKind::date, "DATE", "20\\d\\d-\\d\\d-\\d\\d", "Etc/UTC"},
    {"CURRENT_DATE", TypeKind::date, "DATE", "20\\d\\d-\\d\\d-\\d\\d", "UTC"},
    {"gen_random_uuid()", TypeKind::uuid, "UUID",
     "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"},
};

const std::vector<Default> k_refused = {
    {"nextval('s'::regclass)", TypeKind::int32, "INTEGER", "the next value of a sequence"},
    {"now()", TypeKind::timestamp, "TIMESTAMP",
     "the current time of the session's time zone, which SQLite does not know"},
    {"CURRENT_DATE", TypeKind::date, "DATE",
     "the current time of the session's time zone, which SQLite does not know", "Europe/Berlin"},
    {"CURRENT_USER", TypeKind::text, "TEXT", "the current time or user inside of an expression"},
    {"'1 day'::interval", TypeKind::interval, "TEXT",
     "a literal of a type that SQLite holds in another form"},
    {"'{\"a\": 1.0}'::jsonb", TypeKind::jsonb, "JSON TEXT", "it gives what SQLite holds in another form"},
    {"random()", TypeKind::float64, "DOUBLE", "a function that has no equal in SQLite"},
    {"12.345", LogicalType::decimal(4, 2), "TEXT", "it gives what SQLite holds in another form"},
    {"ARRAY[1, 2]", TypeKind::array, "JSON TEXT", "an array"},
};

model::Rendering rendered(const Default& row) {
    Column source;
    source.type = row.type;
    Column target;
    target.native_type = row.sqlite_type;
    target.type = row.type;
    model::RenderContext context;
    context.source = Dialect::postgresql;
    context.use = model::ExpressionUse::default_value;
    context.result = {&source, &target};
    context.time_zone = row.time_zone;
    const model::ParseResult parsed = model::parse_expression(row.sql, Dialect::postgresql);
    REQUIRE(parsed);
    return backends::sqlite::render_expression(*parsed.expression, context);
}

test::SqliteValue stored(const Default& row, const std::string& sql) {
    test::SqliteDatabase database(":memory:");
    database.exec("CREATE TABLE given(a " + row.sqlite_type + " DEFAULT (" + sql + "), b)");
    database.exec("INSERT INTO given(b) VALUES (1)");
    test::SqliteStatement query = database.prepare("SELECT a FROM given");
    REQUIRE(query.step());
    return query.value(0);
}

}  // namespace

TEST_CASE("sqlite: PostgreSQL's defaults give the value they gave", "[expression][postgresql][sqlite]") {
    for (const Default& row : k_fixed) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        REQUIRE(rendering);
        CHECK(stored(row, *rendering.sql).show() == row.expected);
    }
}

TEST_CASE("sqlite: PostgreSQL's defaults of time and chance keep their form",
          "[expression][postgresql][sqlite]") {
    for (const Default& row : k_changing) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        REQUIRE(rendering);
        const std::string value = stored(row, *rendering.sql).bytes;
        CAPTURE(value);
        CHECK(std::regex_match(value, std::regex(row.expected)));
    }
}

TEST_CASE("sqlite: a PostgreSQL default without an equal is refused with its reason",
          "[expression][postgresql][sqlite]") {
    for (const Default& row : k_refused) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or(""));
        CHECK_FALSE(rendering);
        CHECK(rendering.why_not == row.expected);
    }
}
