#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/postgresql/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "support/expression_trial.hpp"

using namespace migrate;
using model::ExpressionUse;
using test::ExpressionTrial;
using test::trial_column;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::vector<test::TrialColumn> trial_columns() {
    const Values texts = {
        {"''", "''"},           {"'a'", "'a'"},     {"'A'", "'A'"},     {"'abc'", "'abc'"},
        {"'ABC'", "'ABC'"},     {"'a%b'", "'a%b'"}, {"'a_b'", "'a_b'"}, {"'É'", "'É'"},
        {"'éa'", "'éa'"},       {"' a '", "' a '"}, {"'B'", "'B'"},     {"'A12'", "'A12'"},
        {"'5'", "'5'"},         {"'10'", "'10'"},   {"'a*b'", "'a*b'"}, {"'x' || char(10)", "E'x\\n'"},
        {"'a\\b'", "E'a\\\\b'"}};
    const Values longs = {{"0", "0"},
                          {"1", "1"},
                          {"-1", "-1"},
                          {"5", "5"},
                          {"7", "7"},
                          {"2", "2"},
                          {"-7", "-7"},
                          {"9223372036854775807", "9223372036854775807"},
                          {"(-9223372036854775807-1)", "-9223372036854775808"}};
    std::vector<test::TrialColumn> columns = {
        trial_column("n", TypeKind::int64, "INTEGER", "", "bigint", longs),
        trial_column("m", TypeKind::int64, "BIGINT", "", "bigint", longs),
        trial_column("i", TypeKind::int32, "INT", "", "integer",
                     {{"0", "0"}, {"3", "3"}, {"-4", "-4"}, {"2147483647", "2147483647"}, {"100", "100"}}),
        trial_column(
            "r", TypeKind::float64, "REAL", "", "double precision",
            {{"0.1", "0.1"}, {"0", "0"}, {"-2.5", "-2.5"}, {"1e300", "1e300"}, {"5", "5"}, {"0.3", "0.3"}}),
        trial_column("d", LogicalType::decimal(10, 2), "DECIMAL(10,2)", "number", "numeric(10,2)",
                     {{"4.99", "4.99"},
                      {"0", "0"},
                      {"5", "5.00"},
                      {"-0.01", "-0.01"},
                      {"99999999.99", "99999999.99"}}),
        trial_column("t", TypeKind::text, "TEXT", "", "text", texts),
        trial_column("s", TypeKind::text, "VARCHAR(20)", "", "varchar(20)", texts),
        trial_column("c", TypeKind::text, "TEXT", "", "text", texts),
        trial_column("b", TypeKind::bytes, "BLOB", "", "bytea",
                     {{"x'00'", "'\\x00'"}, {"x'ff01'", "'\\xff01'"}, {"x''", "''"}}),
        trial_column("flag", TypeKind::boolean, "BOOLEAN", "", "boolean", {{"0", "false"}, {"1", "true"}}),
        trial_column("yes", TypeKind::boolean, "CHAR(1)", "text:N/Y", "boolean",
                     {{"'N'", "false"}, {"'Y'", "true"}}),
        trial_column("day", TypeKind::date, "DATE", "YYYY-MM-DD", "date",
                     {{"'2020-01-01'", "'2020-01-01'"}, {"'1999-12-31'", "'1999-12-31'"}}),
        trial_column("at", TypeKind::timestamp, "DATETIME", "YYYY-MM-DD HH:MM:SS", "timestamp",
                     {{"'2020-01-01 00:00:00'", "'2020-01-01 00:00:00'"},
                      {"'2019-06-30 12:34:56'", "'2019-06-30 12:34:56'"},
                      {"'2020-01-01 00:00:01'", "'2020-01-01 00:00:01'"}}),
        trial_column("ms", TypeKind::timestamp_tz, "INTEGER", "epoch_ms", "timestamptz",
                     {{"1577836800123", "'2020-01-01 00:00:00.123+00'"}, {"0", "'1970-01-01 00:00:00+00'"}}),
        trial_column("u", TypeKind::uuid, "UUID", "", "uuid",
                     {{"'00000000-0000-0000-0000-00000000000a'", "'00000000-0000-0000-0000-00000000000a'"},
                      {"'ffffffff-0000-4000-8000-000000000000'", "'ffffffff-0000-4000-8000-000000000000'"}}),
        trial_column("j", TypeKind::json, "JSON", "", "json", {{"'{}'", "'{}'"}, {"'[1]'", "'[1]'"}}),
    };
    columns[7].sqlite.collation = "NOCASE";
    return columns;
}

// Each means the same in both engines, which the trial shows.
const std::vector<std::string> k_conditions = {
    "n > 5",
    "n = '5'",
    "n <> 5.5",
    "n BETWEEN -1 AND 5 AND NOT (n = 2)",
    "n NOT IN (1, 2, NULL)",
    "n IN ()",
    "n NOT IN ()",
    "n",
    "NOT n",
    "n IS 5",
    "n IS NOT m",
    "n = m OR n < m",
    "n + m > 0",
    "n * m >= 10",
    "n - 1 < 0",
    "-n > 3",
    "n / 2 = 3",
    "n % 5 = 2",
    "i / 7 = 14",
    "i / m = 1",
    "i / n IS NULL",
    "(i + 1) * 2 <= i * i",
    "i * i * 2 > 100",
    "n & 1",
    "~i < 0",
    "(i << 3) > 20",
    "(n >> 2) = 1",
    "abs(i) > 3",
    "r > 0.1",
    "r = 0.3",
    "r <= 5",
    "r >= i",
    "r < '0.3'",
    "d >= 0 AND d < 5",
    "d <= 4.99",
    "d = 5",
    "d > i",
    "d < r",
    "t = 'abc'",
    "t > 'abc'",
    "t BETWEEN 'A' AND 'b'",
    "t = s",
    "t < s",
    "s = 5",
    "t IN ('a', 'A', '5', NULL)",
    "t COLLATE NOCASE = 'ABC'",
    "c = 'aBc'",
    "c < 'b'",
    "c IN ('A', 'abC')",
    "t = c",
    "c = t",
    "t COLLATE RTRIM = ' a'",
    "t LIKE 'a%'",
    "t LIKE 'A_B'",
    "t LIKE 'a!%b' ESCAPE '!'",
    "t LIKE '%\\%'",
    "t NOT LIKE '%É%'",
    "t LIKE s || '%'",
    "i LIKE '1%'",
    "t GLOB 'a*'",
    "t GLOB '[A-Z][0-9]?'",
    "t GLOB '*[^a-z]*'",
    "t GLOB '*\\*'",
    "t GLOB '?b?'",
    "length(t) = 3",
    "length(i) > 1",
    "length(b) > 1",
    "lower(t) = 'abc'",
    "upper(t) <> t",
    "trim(t) = 'a'",
    "trim(t, 'ab') = ''",
    "ltrim(t) < t",
    "substr(t, 2, 1) = 'b'",
    "substr(t, 2) = 'bc'",
    "replace(t, 'a', 'b') = 'b'",
    "instr(t, 'b') > 1",
    "t || i = 'a3'",
    "coalesce(n, 0) = 0",
    "ifnull(t, '') = ''",
    "nullif(i, 3) IS NULL",
    "iif(n > 0, i, 0) > 2",
    "max(i, 3) = 3",
    "min(n, m, i) < 0",
    "typeof(t) = 'text'",
    "typeof(n) IN ('integer', 'null')",
    "CASE WHEN n > 0 THEN t ELSE s END = 'a'",
    "CASE i WHEN 3 THEN 1 WHEN 100 THEN 0 END",
    "CAST(i AS TEXT) = '3'",
    "CAST(n AS REAL) > 0.5",
    "flag",
    "NOT flag",
    "flag = 1",
    "flag IN (0, 1)",
    "flag = TRUE AND flag IS NOT FALSE",
    "flag + i > 3",
    "flag = (i > 0)",
    "flag = '1'",
    "flag = 2",
    "flag < i",
    "yes = 'Y'",
    "yes IN ('Y', 'N')",
    "b = x'ff01'",
    "b > x'00'",
    "day >= '2020-01-01'",
    "day = '1999-12-31'",
    "at > '2020-01-01'",
    "at <= '2020-01-01'",
    "at BETWEEN '2019-01-01' AND '2020-01-01 00:00:00'",
    "at = '2020-01-01 00:00:01'",
    "'2020-01-01' < at",
    "ms > 1000",
    "ms IS NULL OR ms = 1577836800123",
    "u = '00000000-0000-0000-0000-00000000000a'",
    "json_valid(j) OR j IS NULL",
    "json_valid(j) OR j IS NULL OR flag",
    "j IS NOT NULL",
    "NULL",
    "n = NULL OR flag",
    "n IS TRUE",
    "1",
};

struct Refused {
    std::string sql;
    std::string why;
};

const std::vector<Refused> k_refused = {
    {"n = 'x'", "values of different types are compared"},
    {"t = 5.5", "a text compared with a real number"},
    {"t", "a text or blob as a condition"},
    {"n + m > n", "an integer beyond 64 bits is a real number in SQLite"},
    {"n / m = 1", "an integer beyond 64 bits is a real number in SQLite"},
    {"r + 1 > 2", "arithmetic on what is no integer may be rounded or fail differently"},
    {"r = n", "large integers compared with real numbers are rounded in PostgreSQL"},
    {"d * 2 > 3", "arithmetic on what is no integer may be rounded or fail differently"},
    {"n << m", "shifts by other than 0 to 63 are not the same in PostgreSQL"},
    {"t REGEXP 'a'", "REGEXP and MATCH are functions of the application"},
    {"t LIKE 'aXb' ESCAPE 'X'", "a LIKE escape that PostgreSQL reads in another way"},
    {"t GLOB '[]a]'", "a GLOB pattern with a set that PostgreSQL reads in another way"},
    {"substr(t, -1) = 'a'", "a substring that counts from the end"},
    {"soundex(t) = 'a'", "a function that has no equal in PostgreSQL"},
    {"date(day) = day", "a function that has no equal in PostgreSQL"},
    {"day > 'soon'", "a column that is held in another form"},
    {"day = '2020-02-30'", "a column that is held in another form"},
    {"at = '2020-01-01'", "a column that is held in another form"},
    {"yes = 'y'", "a column that is held in another form"},
    {"j -> '$.a' = 1", "JSON paths are not the same in PostgreSQL"},
    {"t COLLATE mine = 'a'", "a collation of the application's own"},
    {"nosuch > 1", "it names what is no column here"},
    {"random() > 0", "its value changes from call to call"},
    {"day < CURRENT_DATE", "the current time inside of an expression"},
    {"coalesce(n, 'x') = 1", "its alternatives have different types"},
    {"n = 12345678901234567.5", "a number of more than 15 digits"},
    {"json_valid(j)", "json_valid of NULL differs between versions"},
};

model::Rendering rendered(const std::string& sql, const model::RenderContext& context) {
    const model::ParseResult parsed = model::parse_expression(sql, Dialect::sqlite);
    INFO(sql);
    REQUIRE(parsed);
    return backends::postgresql::render_expression(*parsed.expression, context);
}

}  // namespace

TEST_CASE("postgresql: a SQLite condition that is translated gives the same on every row",
          "[expression][postgresql][sqlite]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    test::Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(trial_columns(), server, 300, random);
    const auto context = trial.context(Dialect::sqlite, ExpressionUse::condition);
    for (const std::string& sql : k_conditions) {
        const model::Rendering rendering = rendered(sql, context);
        INFO(sql << " → " << rendering.sql.value_or("refused: " + rendering.why_not));
        CHECK(rendering);
        if (rendering) {
            CHECK(trial.sqlite_truths(sql) == trial.postgresql_truths(*rendering.sql));
        }
    }
}

TEST_CASE("postgresql: a SQLite condition not provably the same is refused with its reason",
          "[expression][postgresql][sqlite]") {
    const auto columns = trial_columns();
    model::RenderContext context;
    context.column = [&](std::string_view name) -> std::optional<model::ColumnPair> {
        for (const auto& column : columns) {
            if (column.sqlite.name == name) {
                return model::ColumnPair{&column.sqlite, &column.postgresql};
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
