#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "backends/postgresql/sqlite_view.hpp"
#include "model/expression_parser.hpp"
#include "model/select_parser.hpp"
#include "model/sql_lexer.hpp"

/// What the fuzzers (tests/fuzz) brought to light, made small.
using namespace migrate;

TEST_CASE("regress: a dollar-quoted text with a NUL is refused as any other text with one",
          "[regress][fuzz]") {
    using namespace std::string_literals;
    CHECK_FALSE(model::parse_expression("$$a\0b$$"s, Dialect::postgresql));
    CHECK(model::parse_expression("$$ab$$"s, Dialect::postgresql));
}

TEST_CASE("regress: a host in a URI with colons outside brackets is refused", "[regress][fuzz]") {
    CHECK_THROWS_AS(backend::parse_server_uri("//a:b:5432/db"), Error);
    CHECK_THROWS_AS(backend::parse_server_uri("//::1/db"), Error);
    CHECK(backend::parse_server_uri("//[::1]:5432/db").at("host") == "::1");
}

TEST_CASE("regress: a host with colons and other odd characters is shown so that it reads back",
          "[regress][fuzz]") {
    for (const std::string host : {"fe80::1%eth0", "a:b]c", "a:b,c@d/e", "x]y"}) {
        const backend::Settings settings{{"host", host}};
        const std::string shown = backend::render_server_uri(settings, {});
        INFO(shown);
        if (host.find(',') == std::string::npos) {
            CHECK(backend::parse_server_uri(shown.substr(shown.find(':') + 1)) == settings);
        }
    }
}

namespace {

std::string tokens_of(const std::string& sql) {
    std::string out;
    for (const model::Token& token : model::tokenize(sql, Dialect::postgresql)) {
        out += out.empty() || token.kind == model::TokenKind::end ? "" : " ";
        out += token.text;
    }
    return out;
}

}  // namespace

TEST_CASE("regress: a row of signs in PostgreSQL's SQL is read in one pass", "[regress][fuzz]") {
    CHECK(tokens_of("1+-+-2") == "1 + - + - 2");
    CHECK(tokens_of("1 <=+-2") == "1 <= + - 2");
    CHECK(tokens_of("1 @-+ 2 *- 3 -+@ 4") == "1 @-+ 2 * - 3 -+@ 4");
    CHECK(tokens_of("1 +--+\n2 <+/*-*/+ 3") == "1 + 2 < + + 3");
    // In the third power of their number this would not end.
    std::string signs;
    for (int i = 0; i < 50'000; ++i) {
        signs += "+-";
    }
    CHECK(model::tokenize(signs + "1", Dialect::postgresql).size() == 100'002);
    CHECK_FALSE(model::parse_expression(signs + "1", Dialect::postgresql));
}

TEST_CASE("regress: a view whose common tables double each other is refused, not written out",
          "[regress][fuzz]") {
    backends::postgresql::SqliteQueryTranslator::Relations relations;
    backends::postgresql::QueryTable& table = relations["a"];
    table.alias = "a";
    table.sql = "public.a";
    Column column;
    column.name = "n";
    column.type = TypeKind::int64;
    column.native_type = "INTEGER";
    table.columns.push_back({"n", column, column});
    const auto why_not = [&](int steps, const std::string& results) {
        std::string sql = "CREATE VIEW v AS WITH c0 AS (SELECT n FROM a)";
        for (int i = 1; i <= steps; ++i) {
            const std::string before = "c" + std::to_string(i - 1);
            sql += ", c" + std::to_string(i) + " AS (SELECT " + results + " FROM " + before + " x, " +
                   before + " y)";
        }
        const auto parsed = model::parse_sqlite_view(sql + " SELECT * FROM c" + std::to_string(steps));
        REQUIRE(parsed);
        backends::postgresql::SqliteQueryTranslator translator(relations);
        translator.translate(parsed.view->query, {});
        return translator.why_not();
    };
    CHECK(why_not(3, "x.n").empty());
    CHECK(why_not(40, "x.n") == "a query that becomes too long with its common tables put in");
    CHECK_FALSE(why_not(40, "*").empty());
}
