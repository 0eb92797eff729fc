#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "support/expression_trial.hpp"
#include "support/postgresql_expression_maker.hpp"

using namespace migrate;
using model::ExpressionUse;
using test::ExpressionTrial;

namespace {

// Each means the same in both engines, which the trial shows. Written as PostgreSQL prints them, or by hand.
const std::vector<std::string> k_conditions = {
    "((n >= 0) AND (n < 7))",
    "(n = ANY (ARRAY[(1)::bigint, (5)::bigint]))",
    "(n <> ALL (ARRAY[1, 5, NULL]))",
    "(n IS DISTINCT FROM 5)",
    "(NOT (n IS NOT DISTINCT FROM NULL::bigint))",
    "(n = '-1'::integer)",
    "((n)::numeric > 0.5)",
    "((i + k) > 3)",
    "((i * 2) - k <= 10)",
    "(i / 2) = 1",
    "(i % 3) = -1",
    "(i & 1) = 1",
    "(-i) > 3",
    "(~ i) < 0",
    "((- (~ 100)) > i)",
    "(~ 100) = (-101)",
    "abs(i) = 4",
    "i > k",
    "i IN (3, 100)",
    "i NOT BETWEEN 0 AND 5",
    "(r > (0)::double precision)",
    "(r >= (0.1)::double precision)",
    "(r <> (5)::double precision)",
    "r < -1",
    "r > 3 OR i = 3",
    "((i)::double precision > 2.5)",
    "r >= i",
    "(d > (0)::numeric)",
    "(d >= 0)",
    "(d < '0'::numeric)",
    "(d <= 0.00)",
    "(d = (0)::numeric)",
    "(d <> 0)",
    "(d < (100)::numeric)",
    "(d >= 10.1)",
    "(d > 4.99)",
    "(d <= 4.990)",
    "(d = 10.10)",
    "(d <> 10.1)",
    "d < e",
    "d <= e",
    "d = e",
    "d <> e",
    "d > e",
    "d >= e",
    "d > i",
    "i < d",
    "d BETWEEN 0 AND 10.10",
    "d IN (4.99, 100)",
    "(w > (0)::numeric)",
    "w >= 0",
    "w < 0",
    "w <= 0",
    "w = 0",
    "w <> 0",
    "(t = 'abc'::text)",
    "((s)::text = 'abc'::text)",
    "((s)::text = ANY ((ARRAY['a'::character varying, 'A12'::character varying])::text[]))",
    "(t = (s)::text)",
    "t <> s",
    "(c > 'a'::text)",
    "(c <= (t COLLATE \"C\"))",
    "((t COLLATE \"C\") < 'b'::text)",
    "(t ~~ 'a%'::text)",
    "(t !~~ '%a%'::text)",
    "(t ~~ 'a_b'::text)",
    "(t ~~ E'a\\\\%b'::text)",
    "t LIKE 'a!_b' ESCAPE '!'",
    "(t ~~ '%*%'::text)",
    "(t ~~ '%[%'::text)",
    "(t ~~* '%1%'::text)",
    "(length(t) = 3)",
    "(char_length((s)::text) > 1)",
    "(octet_length(t) = 2)",
    "(length(b) = 2)",
    "(btrim(t) = 'a'::text)",
    "btrim(t, 'ab') = ''",
    "(lower((t COLLATE \"C\")) = 'abc'::text)",
    "(\"left\"(t, 1) = 'a'::text)",
    "(\"right\"(t, 2) = 'bc'::text)",
    "SUBSTRING(t FROM 2 FOR 1) = 'b'",
    "replace(t, 'a', 'b') = 'b'",
    "strpos(t, 'b') > 1",
    "((t || (i)::text) = 'a3'::text)",
    "COALESCE(i, 3) = 3",
    "NULLIF(t, 'a') IS NULL",
    "GREATEST(i, k) > 0",
    "LEAST(i, k) IS NULL",
    "CASE WHEN (i > 0) THEN flag ELSE (k > 0) END",
    "CASE i WHEN 3 THEN t ELSE 'x' END = 'x'",
    "(b = '\\xff01'::bytea)",
    "(b > '\\x00'::bytea)",
    "flag",
    "(NOT flag)",
    "(flag = true)",
    "flag IS NOT TRUE",
    "(flag IS UNKNOWN)",
    "((flag)::integer + i > 3)",
    "(flag)::text = 'true'",
    "rating = 'G'",
    "rating IN ('G', 'PG')",
    "(u = '00000000-0000-0000-0000-00000000000A'::uuid)",
    "u > '00000000-0000-0000-0000-00000000000b'",
    "(day >= '2000-01-01'::date)",
    "(day < '2020-01-01'::date)",
    "(day > '0050-01-01 BC'::date)",
    "day = 'infinity'",
    "day <= till",
    "day < till",
    "day > till",
    "day >= till",
    "day = till",
    "day BETWEEN '1990-01-01' AND '2020-01-01'",
    "(at > '2020-01-01 00:00:00'::timestamp without time zone)",
    "at <= '2020-01-01'::timestamp",
    "(h < '12:30:00.5'::time without time zone)",
    "h >= '12:00:00'::time",
    "(j IS NOT NULL)",
    "NULL::boolean",
    "(day IS NULL) = (i IS NULL)",
    "true",
};

struct Refused {
    std::string sql;
    std::string why;
};

const std::vector<Refused> k_refused = {
    {"(i / k) > 1", "a division by what may be zero"},
    {"t > 'a'", "an order of texts by a collation that SQLite does not have"},
    {"(lower(t) = 'abc'::text)", "lower or upper, which in SQLite knows only ASCII letters"},
    {"(t ~~* 'a%'::text)", "ILIKE, which knows the case of more letters than SQLite"},
    {"(t ~ '^a'::text)", "a regular expression"},
    {"(r + (1)::double precision) > 2", "arithmetic on what is no integer"},
    {"(d * 2.0) > 3", "arithmetic on what is no integer"},
    {"(w > (5)::numeric)", "a decimal of more than 15 digits, which SQLite holds as text"},
    {"rating > 'G'::mpaa", "values that SQLite holds in another form are compared"},
    {"(j @> '{}'::jsonb)", "an operator that SQLite does not have"},
    {"((j ->> 'k'::text) = 'a'::text)", "a JSON operator"},
    {"(day < CURRENT_DATE)", "the current time or user inside of an expression"},
    {"(EXTRACT(year FROM day) > 2000)", "a function that has no equal in SQLite"},
    {"i << 3 = 8", "an operator that SQLite does not have"},
    {"public.mine(i)", "an aggregate, or a function of the database's own"},
    {"nosuch = 1", "it names what is no column here"},
    {"(n)::double precision = r AND n = r", "values that SQLite holds in another form are compared"},
    {"(t)::character varying(2) = 'ab'", "a cast that cuts off"},
    {"t = ANY ('{a,b}'::text[])", "an array that is not spelled out"},
};

model::Rendering rendered(const std::string& sql, const model::RenderContext& context) {
    const model::ParseResult parsed = model::parse_expression(sql, Dialect::postgresql);
    INFO(sql);
    REQUIRE(parsed);
    return backends::sqlite::render_expression(*parsed.expression, context);
}

}  // namespace

TEST_CASE("sqlite: a PostgreSQL condition that is translated gives the same on every row",
          "[expression][postgresql][sqlite]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    test::Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::postgresql_trial_columns(), server, 300, random);
    const auto context = trial.context(Dialect::postgresql, ExpressionUse::condition);
    for (const std::string& sql : k_conditions) {
        const model::Rendering rendering = rendered(sql, context);
        INFO(sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        CHECK(rendering);
        if (rendering) {
            CHECK(trial.postgresql_truths(sql) == trial.sqlite_truths(*rendering.sql));
        }
    }
}

TEST_CASE("sqlite: a PostgreSQL condition not provably the same is refused with its reason",
          "[expression][postgresql][sqlite]") {
    const auto columns = test::postgresql_trial_columns();
    model::RenderContext context;
    context.source = Dialect::postgresql;
    context.column = [&](std::string_view name) -> std::optional<model::ColumnPair> {
        for (const auto& column : columns) {
            if (column.sqlite.name == name) {
                return model::ColumnPair{&column.postgresql, &column.sqlite};
            }
        }
        return std::nullopt;
    };
    for (const Refused& row : k_refused) {
        const model::Rendering rendering = rendered(row.sql, context);
        INFO(row.sql << " → " << rendering.sql.value_or(""));
        CHECK_FALSE(rendering);
        CHECK(rendering.why_not == row.why);
    }
}
