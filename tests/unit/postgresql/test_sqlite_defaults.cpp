#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/postgresql/expression_render.hpp"
#include "backends/postgresql/translation.hpp"
#include "model/expression_parser.hpp"
#include "support/pg.hpp"

using namespace migrate;

namespace {

struct Default {
    std::string sql;  ///< As in DEFAULT (…).
    LogicalType type;
    std::string sqlite_type;
    std::string format;
    std::string postgresql_type;
    std::string expected;  ///< The stored value in PostgreSQL's text, a pattern for SIMILAR TO, or why not.
};

const std::vector<Default> k_fixed = {
    {"0", TypeKind::int64, "INTEGER", "", "bigint", "0"},
    {"'7'", TypeKind::int64, "INTEGER", "", "bigint", "7"},
    {"-1", TypeKind::int32, "INT", "", "integer", "-1"},
    {"TRUE", TypeKind::int64, "INTEGER", "", "bigint", "1"},
    {"1", TypeKind::boolean, "BOOLEAN", "", "boolean", "true"},
    {"'0'", TypeKind::boolean, "BOOLEAN", "", "boolean", "false"},
    {"'Y'", TypeKind::boolean, "CHAR(1)", "text:N/Y", "boolean", "true"},
    {"4.99", LogicalType::decimal(4, 2), "DECIMAL(4,2)", "number", "numeric(4,2)", "4.99"},
    {"0.5", TypeKind::float64, "REAL", "", "double precision", "0.5"},
    {"0", TypeKind::float64, "REAL", "", "double precision", "0"},
    {"'it''s'", TypeKind::text, "TEXT", "", "text", "it's"},
    {"5", TypeKind::text, "TEXT", "", "text", "5"},
    {"'G'", LogicalType::text(10), "VARCHAR(10)", "", "varchar(10)", "G"},
    {"''", TypeKind::text, "TEXT", "", "text", ""},
    {"x'00ff'", TypeKind::bytes, "BLOB", "", "bytea", "\\x00ff"},
    {"'2020-02-29'", TypeKind::date, "DATE", "YYYY-MM-DD", "date", "2020-02-29"},
    {"'2020-01-01 10:20:30'", TypeKind::timestamp, "DATETIME", "YYYY-MM-DD HH:MM:SS", "timestamp",
     "2020-01-01 10:20:30"},
    {"'{}'", TypeKind::json, "JSON", "", "json", "{}"},
    {"'00000000-0000-0000-0000-00000000000a'", TypeKind::uuid, "UUID", "", "uuid",
     "00000000-0000-0000-0000-00000000000a"},
    {"1 + 2", TypeKind::int64, "INTEGER", "", "bigint", "3"},
    {"'a' || 'b'", TypeKind::text, "TEXT", "", "text", "ab"},
};

const std::vector<Default> k_changing = {
    {"lower(hex(randomblob(16)))", TypeKind::text, "TEXT", "", "text", "[0-9a-f]{32}"},
    {"hex(randomblob(3))", TypeKind::text, "TEXT", "", "text", "[0-9A-F]{6}"},
    {"randomblob(4)", TypeKind::bytes, "BLOB", "", "bytea", "\\\\x[0-9a-f]{8}"},
    {"random()", TypeKind::int64, "INTEGER", "", "bigint", "-?[0-9]+"},
    {"CURRENT_TIMESTAMP", TypeKind::text, "TEXT", "", "text", "20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}"},
    {"CURRENT_TIMESTAMP", TypeKind::timestamp, "DATETIME", "YYYY-MM-DD HH:MM:SS", "timestamp",
     "20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}"},
    {"strftime('%Y-%m-%d %H:%M:%f', 'now')", TypeKind::timestamp, "TIMESTAMP", "YYYY-MM-DD HH:MM:SS.SSS",
     "timestamp", "20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}(.[0-9]{1,3})?"},
    {"strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", TypeKind::text, "TEXT", "", "text",
     "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"},
    {"strftime('%s', 'now')", TypeKind::int64, "INTEGER", "", "bigint", "[0-9]{10}"},
    {"CAST(strftime('%s', 'now') AS INT)", TypeKind::int64, "BIGINT", "", "bigint", "[0-9]{10}"},
    {"unixepoch()", TypeKind::timestamp_tz, "INTEGER", "epoch_s", "timestamptz", "20[0-9]{2}-[0-9: +-]+"},
    {"date('now')", TypeKind::date, "DATE", "YYYY-MM-DD", "date", "20[0-9]{2}-[0-9]{2}-[0-9]{2}"},
    {"julianday('now')", TypeKind::float64, "REAL", "", "double precision", "24[0-9]{5}.[0-9]+"},
};

const std::vector<Default> k_refused = {
    {"datetime('now', 'localtime')", TypeKind::timestamp, "DATETIME", "YYYY-MM-DD HH:MM:SS", "timestamp",
     "a time with modifiers, or the local time of the client"},
    {"CURRENT_TIMESTAMP", TypeKind::int64, "INTEGER", "", "bigint",
     "the current time in a column of another type"},
    {"'abc'", TypeKind::int64, "INTEGER", "", "bigint",
     "it gives what is no value of the column's type in PostgreSQL"},
    {"2", TypeKind::boolean, "BOOLEAN", "", "boolean",
     "it gives what is no value of the column's type in PostgreSQL"},
    {"'0000-00-00'", TypeKind::date, "DATE", "YYYY-MM-DD", "date", "a column that is held in another form"},
    {"1.005", LogicalType::decimal(4, 2), "DECIMAL(4,2)", "number", "numeric(4,2)",
     "it gives what is no value of the column's type in PostgreSQL"},
    {"'longer than it'", LogicalType::text(3), "VARCHAR(3)", "", "varchar(3)",
     "it gives what is no value of the column's type in PostgreSQL"},
    {"5000000000", TypeKind::int32, "INT", "", "integer",
     "it gives what is no value of the column's type in PostgreSQL"},
    {"soundex('x')", TypeKind::text, "TEXT", "", "text", "a function that has no equal in PostgreSQL"},
    {"other", TypeKind::text, "TEXT", "", "text", "it names what is no column here"},
    {"strftime('%w', 'now')", TypeKind::text, "TEXT", "", "text",
     "a time format that PostgreSQL does not have"},
};

model::Rendering rendered(const Default& row) {
    Column source;
    source.native_type = row.sqlite_type;
    source.type = row.type;
    source.format = row.format;
    Column target;
    target.native_type = row.postgresql_type;
    target.type = row.type;
    model::RenderContext context;
    context.use = model::ExpressionUse::default_value;
    context.result = {&source, &target};
    const model::ParseResult parsed = model::parse_expression(row.sql, Dialect::sqlite);
    REQUIRE(parsed);
    return backends::postgresql::render_expression(*parsed.expression, context);
}

std::string stored(test::PgConnection& server, const Default& row, const std::string& sql) {
    server.exec("DROP TABLE IF EXISTS given");
    server.exec("CREATE TEMP TABLE given(a " + row.postgresql_type + " DEFAULT " + sql + ", b int)");
    server.exec("INSERT INTO given(b) VALUES (1)");
    return server.value("SELECT a::text FROM given");
}

}  // namespace

TEST_CASE("postgresql: SQLite's defaults give the value they gave", "[expression][postgresql][sqlite]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    for (const Default& row : k_fixed) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        REQUIRE(rendering);
        CHECK(stored(server, row, *rendering.sql) == row.expected);
    }
}

TEST_CASE("postgresql: SQLite's defaults of time and chance keep their form",
          "[expression][postgresql][sqlite]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    server.exec("SET TimeZone = 'Asia/Kathmandu'");
    for (const Default& row : k_changing) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        REQUIRE(rendering);
        const std::string value = stored(server, row, *rendering.sql);
        CAPTURE(value);
        CHECK(server.query("SELECT $1 SIMILAR TO $2", {value, row.expected})[0][0] == "t");
        const bool moment = row.type.kind == TypeKind::timestamp || row.type.kind == TypeKind::text;
        // Random digits may begin like a year, too.
        if (moment && value.starts_with("20") && value.size() > 18 && value[4] == '-') {
            CHECK(server.query("SELECT abs(extract(epoch from $1::timestamp - timezone('UTC', now()))) < 60",
                               {value})[0][0] == "t");
        }
    }
}

TEST_CASE("postgresql: a SQLite default without an equal is refused with its reason",
          "[expression][postgresql][sqlite]") {
    for (const Default& row : k_refused) {
        const model::Rendering rendering = rendered(row);
        INFO(row.sql << " → " << rendering.sql.value_or(""));
        CHECK_FALSE(rendering);
        CHECK(rendering.why_not == row.expected);
    }
}

TEST_CASE("postgresql: a bare word that SQLite takes for a string as default is one",
          "[expression][postgresql][sqlite]") {
    struct Bare {
        std::string sql;
        LogicalType type;
        std::string sqlite_type;
        std::string format;
        std::string expected;
    };
    const std::vector<Bare> rows = {
        {"active", TypeKind::text, "TEXT", "", "'active'"},
        {"Active", TypeKind::text, "TEXT", "", "'Active'"},
        {"\"two words\"", TypeKind::text, "TEXT", "", "'two words'"},
        {"[it's]", TypeKind::text, "TEXT", "", "'it''s'"},
        {"`key`", TypeKind::text, "TEXT", "", "'key'"},
        {"yes", TypeKind::boolean, "BOOLEAN", "text:no/yes", "TRUE"},
        {"true", TypeKind::boolean, "BOOLEAN", "", "TRUE"},
        {"0xFF", TypeKind::int64, "INTEGER", "", "255"},
    };
    Schema schema;
    schema.engine = "sqlite";
    for (const Bare& row : rows) {
        INFO(row.sql);
        Column source;
        source.name = "active";  // Its own name is no column to a default.
        source.native_type = row.sqlite_type;
        source.type = row.type;
        source.format = row.format;
        source.default_sql = row.sql;
        Column target = source;
        Table table;
        table.columns = {source};
        const auto said = backends::postgresql::translate_default(schema, table, source, target);
        CHECK(said.why_not.empty());
        CHECK(said.sql == row.expected);
    }
}
