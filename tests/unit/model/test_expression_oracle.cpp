#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/create_index_parser.hpp"
#include "backends/sqlite/create_table_parser.hpp"
#include "backends/sqlite/expression_render.hpp"
#include "backends/sqlite/type_name.hpp"
#include "model/expression_parser.hpp"
#include "model/expression_printer.hpp"
#include "support/pg.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"

using namespace migrate;

namespace {

std::string pick(test::Random& random, const std::vector<std::string>& words) {
    return words.at(static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(words.size()) - 1)));
}

const std::vector<std::string> k_operands = {"a",   "b",   "c",    "t",   "1", "2", "0",
                                             "'1'", "'x'", "NULL", "1.5", "a", "b"};

// An expression almost without parentheses, so that all hangs on precedence.
std::string random_sqlite(test::Random& random, int operators) {
    static const std::vector<std::string> infixes = {" + ",    " - ",
                                                     " * ",    " / ",
                                                     " % ",    " || ",
                                                     " & ",    " | ",
                                                     " << ",   " >> ",
                                                     " < ",    " <= ",
                                                     " > ",    " >= ",
                                                     " = ",    " == ",
                                                     " <> ",   " != ",
                                                     " IS ",   " IS NOT ",
                                                     " AND ",  " OR ",
                                                     " LIKE ", " NOT LIKE ",
                                                     " GLOB ", " IS NOT DISTINCT FROM "};
    static const std::vector<std::string> prefixes = {"", "", "", "", "NOT ", "-", "+", "~", "- - "};
    static const std::vector<std::string> suffixes = {"",
                                                      "",
                                                      "",
                                                      "",
                                                      " ISNULL",
                                                      " NOTNULL",
                                                      " NOT NULL",
                                                      " COLLATE nocase",
                                                      " IN (1, 2)",
                                                      " NOT IN (0, 'x')",
                                                      " BETWEEN 0 AND 2",
                                                      " NOT BETWEEN b AND c"};
    std::string out;
    for (int i = 0; i <= operators; ++i) {
        out += (i == 0 ? "" : pick(random, infixes)) + pick(random, prefixes) + pick(random, k_operands) +
               pick(random, suffixes);
    }
    return out;
}

std::string random_postgresql(test::Random& random, int operators) {
    static const std::vector<std::string> infixes = {" + ",  " - ",  " * ", " & ", " | ", " # ",
                                                     " << ", " >> ", " + ", " * ", " - "};
    static const std::vector<std::string> prefixes = {"", "", "", "-", "~ ", "+"};
    std::string out;
    for (int i = 0; i <= operators; ++i) {
        out += (i == 0 ? "" : pick(random, infixes)) + pick(random, prefixes) +
               pick(random, {"a", "b", "c", "3", "1"});
    }
    return out + pick(random, {"", " = 3", " < a + b", " IS NULL", " BETWEEN 0 AND 9", " IN (1, 2)",
                               "::text || 'x'", "::text LIKE '1%' OR a > b AND NOT b > c"});
}

std::vector<std::string> values(test::SqliteDatabase& database, const std::string& expression) {
    std::vector<std::string> out;
    for (const auto& row : database.query("SELECT quote(" + expression + ") FROM t ORDER BY nr")) {
        out.push_back(row[0].value_or("-"));
    }
    return out;
}

}  // namespace

TEST_CASE("sqlite grammar: what is printed with parentheses gives what SQLite makes of the original",
          "[expression][sqlite]") {
    test::Random random;
    CAPTURE(random.seed());
    test::SqliteDatabase database(":memory:");
    database.exec("CREATE TABLE t(nr INTEGER PRIMARY KEY, a INTEGER, b, c REAL, t TEXT)");
    database.exec(
        "INSERT INTO t(a, b, c, t) VALUES (1, 2, 0.5, 'x'), (0, 'X', 1, '1'), (NULL, 1, -2.5, 'X'),"
        " (-3, NULL, 2, ''), (2, x'31', NULL, NULL)");
    int read = 0;
    for (int i = 0; i < 3000; ++i) {
        const std::string sql = random_sqlite(random, static_cast<int>(random.between(1, 5)));
        CAPTURE(sql);
        const model::ParseResult parsed = model::parse_expression(sql, Dialect::sqlite);
        bool accepted = true;
        std::vector<std::string> expected;
        try {
            expected = values(database, sql);
        } catch (const std::runtime_error&) {
            accepted = false;
        }
        REQUIRE(parsed.expression.has_value() == accepted);
        if (accepted) {
            const std::string printed = model::print_expression(*parsed.expression, Dialect::sqlite);
            CAPTURE(printed);
            REQUIRE(values(database, printed) == expected);
            const model::ParseResult again = model::parse_expression(printed, Dialect::sqlite);
            REQUIRE(again);
            REQUIRE(*again.expression == *parsed.expression);
            ++read;
        }
    }
    CHECK(read > 2000);
}

TEST_CASE("postgresql grammar: what is printed with parentheses gives what PostgreSQL makes of the original",
          "[expression][postgresql]") {
    const auto server = test::make_pg_database();
    if (!server) {
        return;
    }
    test::PgConnection connection = server->connect();
    connection.exec(
        "CREATE TEMP TABLE t AS SELECT a, b, c FROM (VALUES (1, 2, 3), (-7, 5, 0), (4, NULL, 2)) v(a, b, c)");
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 400; ++i) {
        const std::string sql = random_postgresql(random, static_cast<int>(random.between(1, 5)));
        CAPTURE(sql);
        const model::ParseResult parsed = model::parse_expression(sql, Dialect::postgresql);
        REQUIRE(parsed);
        const std::string printed = model::print_expression(*parsed.expression, Dialect::postgresql);
        CAPTURE(printed);
        std::vector<std::vector<std::optional<std::string>>> expected;
        try {
            expected = connection.query("SELECT " + sql + " FROM t");
        } catch (const std::runtime_error&) {
            continue;  // Out of range, which either form is.
        }
        REQUIRE(connection.query("SELECT " + printed + " FROM t") == expected);
    }
}

TEST_CASE("expression printer: a long chain of conditions stays within SQLite's parser",
          "[expression][sqlite]") {
    std::string chain = "a = 0";
    for (int i = 1; i < 400; ++i) {
        chain += " OR a = " + std::to_string(i);
    }
    const Expression tree = model::parse_expression(chain, Dialect::sqlite).expression.value();
    test::SqliteDatabase database(":memory:");
    database.exec("CREATE TABLE t(a)");
    database.exec("INSERT INTO t VALUES (399)");
    CHECK(database.value("SELECT " + model::print_expression(tree, Dialect::sqlite) + " FROM t") == "1");
    Column column;
    column.name = "a";
    column.native_type = "INTEGER";
    column.type = TypeKind::int32;
    model::RenderContext context;
    context.source = Dialect::postgresql;
    context.column = [&](std::string_view) { return std::optional(model::ColumnPair{&column, &column}); };
    const model::Rendering rendering = backends::sqlite::render_expression(tree, context);
    REQUIRE(rendering);
    CHECK(database.value("SELECT " + *rendering.sql + " FROM t") == "1");
}

TEST_CASE("expression printer: types in a cast are read again as they were", "[expression]") {
    for (const std::string_view sql :
         {"CAST(a AS \"my type)\")", "CAST(a AS 'not')", "CAST(a AS unsigned  big int)"}) {
        const Expression tree = model::parse_expression(sql, Dialect::sqlite).expression.value();
        CAPTURE(model::print_expression(tree, Dialect::sqlite));
        CHECK(model::parse_expression(model::print_expression(tree, Dialect::sqlite), Dialect::sqlite)
                  .expression == tree);
    }
    for (const std::string_view sql : {"a::\"timestamp\"", "a::\"my  type\"", "a::\"char\"",
                                       "a::timestamp(3)", "a::s.\"X\"(2)[]", "a::bit", "a::int"}) {
        const Expression tree = model::parse_expression(sql, Dialect::postgresql).expression.value();
        const std::string printed = model::print_expression(tree, Dialect::postgresql);
        CAPTURE(printed);
        CHECK(model::parse_expression(printed, Dialect::postgresql).expression == tree);
    }
}

TEST_CASE("expression parser: no way of writing a text puts a NUL into it", "[expression]") {
    using namespace std::string_literals;
    for (const std::string& text : {"'a\0b'"s, "E'a\\\0b'"s, "E'a\\000b'"s, "E'a\\x00b'"s, "E'a\\u0000b'"s}) {
        CAPTURE(text);
        CHECK_FALSE(model::parse_expression(text, Dialect::postgresql).expression);
    }
}

TEST_CASE("expression and definition parsers: any bytes end in a value or an error", "[expression][ddl]") {
    test::Random random;
    CAPTURE(random.seed());
    const std::vector<std::string> seeds = {
        "CREATE TABLE \"t\"(a INTEGER PRIMARY KEY AUTOINCREMENT, b VARCHAR ( 255 ) DEFAULT 'x' CHECK (b <> "
        "\"c\"),"
        " c AS (a || 'x') STORED, FOREIGN KEY (a) REFERENCES o(x) ON DELETE SET NULL) WITHOUT ROWID, STRICT",
        "CREATE UNIQUE INDEX i ON t(a, lower(b) COLLATE nocase DESC) WHERE a NOT NULL",
        "CASE WHEN a IN (1, 2) THEN x'00' ELSE CAST(b AS TEXT) || 'it''s' END LIKE '%a' ESCAPE '!'",
        "((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])) AND E'\\u00e9' "
        "<> $$x$$",
        "EXTRACT(year FROM d) > 2000 AND x OPERATOR(public.@>) y::timestamp(3) with time zone"};
    for (int i = 0; i < 20000; ++i) {
        std::string text = i % 10 == 0 ? random.bytes(random.between(0, 60)) : pick(random, seeds);
        for (std::int64_t changes = random.between(1, 6); changes > 0 && !text.empty(); --changes) {
            const auto at =
                static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
            switch (random.between(0, 3)) {
                case 0:
                    text[at] = static_cast<char>(random.between(0, 255));
                    break;
                case 1:
                    text.erase(at, static_cast<std::size_t>(random.between(1, 9)));
                    break;
                case 2:
                    text.insert(at, text.substr(at / 2, static_cast<std::size_t>(random.between(1, 20))));
                    break;
                default:
                    text.insert(at, pick(random, {"(", ")", "'", "\"", "/*", "--", ",", " NOT ", "::", "[",
                                                  "$", "\\"}));
            }
        }
        for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql}) {
            const model::ParseResult result = model::parse_expression(text, dialect);
            REQUIRE(result.expression.has_value() != result.error.has_value());
            REQUIRE((!result.error || result.error->position <= text.size()));
            if (result) {
                const std::string printed = model::print_expression(*result.expression, dialect);
                CAPTURE(text, printed);
                const model::ParseResult again = model::parse_expression(printed, dialect);
                REQUIRE(again);
                REQUIRE(*again.expression == *result.expression);
            }
        }
        const auto table = backends::sqlite::parse_create_table(text);
        REQUIRE(table.table.has_value() != table.error.has_value());
        const auto index = backends::sqlite::parse_create_index(text);
        REQUIRE(index.index.has_value() != index.error.has_value());
        static_cast<void>(backends::sqlite::read_type_name(text));
    }
}
