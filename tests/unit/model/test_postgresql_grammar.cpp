#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "model/expression_parser.hpp"
#include "support/expression_text.hpp"

using namespace migrate;
using migrate::test::to_s_expression;

namespace {

std::string tree(std::string_view sql) {
    const model::ParseResult result = model::parse_expression(sql, Dialect::postgresql);
    return result ? to_s_expression(*result.expression) : "error: " + result.error->message;
}

struct Row {
    std::string_view sql;
    std::string_view tree;
};

void check_all(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.sql);
        CHECK(tree(row.sql) == row.tree);
    }
}

}  // namespace

TEST_CASE("postgresql grammar: what pg_get_expr prints for defaults", "[expression][postgresql]") {
    check_all({
        {"nextval('actor_id_seq'::regclass)", "(nextval (cast<regclass> 'actor_id_seq'))"},
        {"('now'::text)::date", "(cast<date> (cast<text> 'now'))"},
        {"'G'::public.mpaa_rating", "(cast<public.mpaa_rating> 'G')"},
        {"'-1'::integer", "(cast<integer> '-1')"},
        {"'{}'::text[]", "(cast<text[]> '{}')"},
        {"E'a\\nb\\\\'::text", "(cast<text> 'a\nb\\')"},
        {"timezone('utc'::text, now())", "(timezone (cast<text> 'utc') (now))"},
        {"(now() AT TIME ZONE 'utc'::text)", "(at_time_zone (now) (cast<text> 'utc'))"},
        {"CURRENT_TIMESTAMP(3)", "(current_timestamp 3)"},
        {"'1 day'::interval", "(cast<interval> '1 day')"},
        {"'x'::character varying(20)", "(cast<character varying(20)> 'x')"},
        {"'2020-01-01 00:00:00'::timestamp(3) without time zone",
         "(cast<timestamp without time zone(3)> '2020-01-01 00:00:00')"},
        {"B'101'::\"bit\"", "(cast<bit> (cast<bit> '101'))"},
        {"'x'::\"char\"", "(cast<\"char\"> 'x')"},
        {"gen_random_uuid()", "(gen_random_uuid)"},
        {"NULL::character varying", "(cast<character varying> null)"},
        {"ARRAY['a'::text, 'b'::text]", "(array (cast<text> 'a') (cast<text> 'b'))"},
        {"ARRAY[]::integer[]", "(cast<integer[]> (array))"},
        {"nextval('public.\"My seq\"'::regclass)", "(nextval (cast<regclass> 'public.\"My seq\"'))"},
    });
}

TEST_CASE("postgresql grammar: what pg_get_constraintdef prints for checks", "[expression][postgresql]") {
    check_all({
        {"((VALUE >= 1901) AND (VALUE <= 2155))", "(and (ge value 1901) (le value 2155))"},
        {"((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
         "(eq_any (cast<text> status) (cast<text[]> (array (cast<character varying> 'a') (cast<character "
         "varying> "
         "'b'))))"},
        {"(x <> ALL (ARRAY[1, 2]))", "(ne_all x (array 1 2))"},
        {"((name)::text ~~ 'a%'::text)", "(like (cast<text> name) (cast<text> 'a%'))"},
        {"(name !~~* 'a%'::text)", "(not_ilike name (cast<text> 'a%'))"},
        {"name ~~* any 'x'", "(ilike name (cast<any> 'x'))"},
        {"(code ~ '^[A-Z]+$'::text)", "(regex code (cast<text> '^[A-Z]+$'))"},
        {"(NOT (a IS DISTINCT FROM b))", "(not (is_not a b))"},
        {"(a IS NOT TRUE)", "(is_not_true a)"},
        {"(tags @> ARRAY['x'::text])", "(op@> tags (array (cast<text> 'x')))"},
        {"((data ->> 'k'::text) IS NOT NULL)", "(is_not_null (json_get_text data (cast<text> 'k')))"},
        {"(price > (0)::numeric)", "(gt price (cast<numeric> 0))"},
        {"(\"Price\" > '-1.5'::numeric)", "(gt Price (cast<numeric> '-1.5'))"},
        {"(EXTRACT(year FROM d) > 2000)", "(gt (extract 'year' d) 2000)"},
        {"CASE WHEN a THEN 1 ELSE 2 END", "(case_else a 1 2)"},
        {"(lower((email)::text) = (email)::text)", "(eq (lower (cast<text> email)) (cast<text> email))"},
        {"TRIM(BOTH FROM a)", "(btrim a)"},
        {"TRIM(LEADING 'x' FROM a)", "(ltrim a 'x')"},
        {"SUBSTRING(a FROM 1 FOR 3)", "(substring a 1 3)"},
        {"POSITION(('a'::text) IN (b))", "(strpos b (cast<text> 'a'))"},
        {"(a COLLATE \"C\")", "(collate<C> a)"},
        {"(a COLLATE pg_catalog.\"default\")", "(collate<pg_catalog.default> a)"},
        {"(x OPERATOR(public.@>) y)", "(opOPERATOR(public.@>) x y)"},
    });
}

TEST_CASE("postgresql grammar: operators bind as PostgreSQL documents", "[expression][postgresql]") {
    check_all({
        {"a + b * c ^ d", "(add a (mul b (power c d)))"},
        {"-a ^ 2", "(power (minus a) 2)"},
        {"-1::int", "(minus (cast<integer> 1))"},
        {"a = -1", "(eq a (minus 1))"},
        {"a=-1", "(eq a (minus 1))"},
        {"a || b = c || d", "(eq (concat a b) (concat c d))"},
        {"a + 1 || b", "(concat (add a 1) b)"},
        {"a < b IS TRUE", "(is_true (lt a b))"},
        {"NOT a IS NULL", "(not (is_null a))"},
        {"a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)"},
        {"a NOT IN (1, 2) OR b", "(or (not_in a 1 2) b)"},
        {"a LIKE b || '%' ESCAPE '!'", "(like a (concat b '%') '!')"},
        {"a AT TIME ZONE 'utc' + b", "(add (at_time_zone a 'utc') b)"},
        {"date '2020-01-01' < d", "(lt (cast<date> '2020-01-01') d)"},
        {"timestamp with time zone 'x'", "(cast<timestamp with time zone> 'x')"},
        {"a::varchar(10)::text", "(cast<text> (cast<character varying(10)> a))"},
        {"Foo + \"Foo\"", "(add foo Foo)"},
        {"$$it's$$ || $t$x$t$", "(concat 'it's' 'x')"},
        {"a /* x /* y */ z */ + 1", "(add a 1)"},
    });
}

TEST_CASE("postgresql grammar: what it does not read is an error", "[expression][postgresql]") {
    check_all({
        {"(SELECT 1)", "error: a subquery is not supported"},
        {"a = ANY (SELECT 1)", "error: a subquery is not supported"},
        {"a ~~ ANY (b)", "error: ANY or ALL with this operator is not supported"},
        {"a !~~* SOME (b)", "error: ANY or ALL with this operator is not supported"},
        {"ROW(a, b)", "error: a subquery or row value is not supported"},
        {"(a, b) = (c, d)", "error: a row value is not supported"},
        {"(a).b", "error: the selection of a field is not supported"},
        {"a[1]", "error: a subscript is not supported"},
        {"f(VARIADIC a)", "error: VARIADIC is not supported"},
        {"count(*) FILTER (WHERE a)", "error: a window function is not supported"},
        {"$1", "error: a parameter or a stray $"},
        {"U&'a'", "error: a text with Unicode escapes (U&)"},
        {"/* a", "error: a comment is not closed"},
        {std::string_view("a\0b", 3), "error: a character that does not belong in an expression"},
        {"a +", "error: expected a value"},
        {"a IS DOCUMENT", "error: this IS test is not supported"},
    });
    CHECK(tree(std::string(100'000, '(')) == "error: nested too deeply");
    CHECK(tree("array" + std::string(100'000, '[')) == "error: nested too deeply");
}
