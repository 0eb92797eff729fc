#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "model/expression_parser.hpp"
#include "support/expression_text.hpp"

using namespace migrate;
using migrate::test::to_s_expression;

namespace {

std::string tree(std::string_view sql) {
    const model::ParseResult result = model::parse_expression(sql, Dialect::sqlite);
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

TEST_CASE("sqlite grammar: operators bind as SQLite documents", "[expression][sqlite]") {
    check_all({
        {"a + b * c", "(add a (mul b c))"},
        {"a - b - c", "(sub (sub a b) c)"},
        {"a || b COLLATE nocase", "(concat a (collate<nocase> b))"},
        {"-a COLLATE nocase", "(collate<nocase> (minus a))"},
        {"a * b || c", "(mul a (concat b c))"},
        {"a & b + c << d", "(shl (bit_and a (add b c)) d)"},
        {"a < b = c > d", "(eq (lt a b) (gt c d))"},
        {"a = b == c", "(eq (eq a b) c)"},
        {"a OR b AND c", "(or a (and b c))"},
        {"NOT a = b AND c", "(and (not (eq a b)) c)"},
        {"a = NOT b = c", "(eq a (not (eq b c)))"},
        {"a + NOT b AND c", "(and (add a (not b)) c)"},
        {"- NOT a = b", "(minus (not (eq a b)))"},
        {"~a + -b", "(add (bit_not a) (minus b))"},
        {"a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)"},
        {"a NOT BETWEEN 1 + 1 AND 2 = 3", "(eq (not_between a (add 1 1) 2) 3)"},
        {"a BETWEEN NOT b AND c", "(between a (not b) c)"},
        {"a IN (1, 'x', NULL) OR b", "(or (in a 1 'x' null) b)"},
        {"a NOT IN ()", "(not_in a)"},
        {"a = b NOT LIKE c", "(not_like (eq a b) c)"},
        {"a LIKE b || '%' ESCAPE '!' AND c", "(and (like a (concat b '%') '!') c)"},
        {"a GLOB 'x*' = 1", "(eq (glob a 'x*') 1)"},
        {"a -> '$.b' ->> 'c'", "(json_get_text (json_get a '$.b') 'c')"},
    });
}

TEST_CASE("sqlite grammar: the forms of NULL and identity tests", "[expression][sqlite]") {
    check_all({
        {"a IS NULL", "(is_null a)"},
        {"a ISNULL AND b NOTNULL", "(and (is_null a) (is_not_null b))"},
        {"a NOT NULL", "(is_not_null a)"},
        {"a IS NOT NULL OR b", "(or (is_not_null a) b)"},
        {"a IS b", "(is a b)"},
        {"a IS NOT 3", "(is_not a 3)"},
        {"a IS NOT DISTINCT FROM b", "(is a b)"},
        {"a IS DISTINCT FROM b", "(is_not a b)"},
        {"a IS TRUE", "(is_true a)"},
        {"a IS NOT FALSE", "(is_not_false a)"},
        {"a = b NOT NULL", "(is_not_null (eq a b))"},
    });
}

TEST_CASE("sqlite grammar: literals and names", "[expression][sqlite]") {
    check_all({
        {"'it''s'", "'it's'"},
        {"0x1F", "31"},
        {"0xFFFFFFFFFFFFFFFF", "(minus 1)"},
        {"9223372036854775808", "9223372036854775808"},
        {".5e-3", ".5e-3"},
        {"x'4142'", "blob:AB"},
        {"[a b]", "a b"},
        {"`a``b`", "a`b"},
        {"\"a\"\"b\"", "a\"b"},
        {"t.a", "t.a"},
        {"main.t.a", "t.a"},
        {"TRUE", "true"},
        {"CURRENT_TIMESTAMP", "(current_timestamp)"},
        {"key", "key"},
        {"a -- comment\n + /* b */ c", "(add a c)"},
        {"((a))", "a"},
        {"'x' || \"y\"", "(concat 'x' y)"},
    });
}

TEST_CASE("sqlite grammar: a double-quoted name that is no column is a string", "[expression][sqlite]") {
    model::ParseOptions options;
    options.is_column = [](std::string_view name) { return name == "a" || name == "true"; };
    const auto parsed = [&](std::string_view sql) {
        return to_s_expression(model::parse_expression(sql, options).expression.value());
    };
    CHECK(parsed("\"a\" = \"b\"") == "(eq a 'b')");
    CHECK(parsed("[b] = `b`") == "(eq b b)");
    CHECK(model::parse_expression("true", options).expression->is(ExpressionKind::column));
    CHECK(model::parse_expression("false", options).expression->is(ExpressionKind::boolean_literal));
}

TEST_CASE("sqlite grammar: functions, CASE and CAST", "[expression][sqlite]") {
    check_all({
        {"Length(a) > 3", "(gt (length a) 3)"},
        {"count(*)", "(count*)"},
        {"group_concat(DISTINCT a)", "(group_concat distinct a)"},
        {"like('a', b)", "(like 'a' b)"},
        {"replace(a, 'x', 'y')", "(replace a 'x' 'y')"},
        {"CASE a WHEN 1 THEN 'x' ELSE 'y' END", "(case_operand_else a 1 'x' 'y')"},
        {"CASE WHEN a THEN b WHEN c THEN d END", "(case a b c d)"},
        {"CAST(a AS VARCHAR ( 10 , -2 ))", "(cast<VARCHAR(10,-2)> a)"},
        {"CAST(a AS unsigned big int)", "(cast<unsigned big int> a)"},
        {"random()", "(random)"},
    });
}

TEST_CASE("sqlite grammar: what it does not read is an error with a position", "[expression][sqlite]") {
    check_all({
        {"", "error: expected a value"},
        {"a b", "error: something follows the expression"},
        {"(SELECT 1)", "error: a subquery is not supported"},
        {"EXISTS (SELECT 1)", "error: a subquery is not supported"},
        {"a IN (SELECT 1)", "error: a subquery is not supported"},
        {"a IN t", "error: IN with a table is not supported"},
        {"(a, b) = (1, 2)", "error: a row value is not supported"},
        {"?1", "error: a character that does not belong in an expression"},
        {"sum(a) OVER ()", "error: a window function is not supported"},
        {"'abc", "error: a quoted text is not closed or has a malformed escape"},
        {"12ab", "error: a malformed number"},
        {"x'1'", "error: a malformed blob"},
        {"a NOT b", "error: NOT stands where an operator is expected"},
    });
    CHECK(model::parse_expression("a + ) b", Dialect::sqlite).error->position == 4);
}

TEST_CASE("sqlite grammar: deep nesting is refused and long chains are read", "[expression][sqlite]") {
    const std::string open(100'000, '(');
    CHECK(tree(open) == "error: nested too deeply");
    std::string signs;
    for (int i = 0; i < 50'000; ++i) {
        signs += "- ";
    }
    CHECK(tree(signs + "1") == "error: nested too deeply");
    std::string chain = "a";
    for (int i = 0; i < 400; ++i) {
        chain += " OR a";
    }
    CHECK(model::parse_expression(chain, Dialect::sqlite));
    for (int i = 0; i < 1000; ++i) {
        chain += " OR a";
    }
    CHECK(tree(chain) == "error: nested too deeply");
}
