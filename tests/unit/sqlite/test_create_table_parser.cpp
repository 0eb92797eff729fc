#include <string>

#include <catch2/catch.hpp>

#include "backends/sqlite/create_table_parser.hpp"
#include "support/expression_text.hpp"

using namespace migrate;
using backends::sqlite::parse_create_table;
using backends::sqlite::TableDefinition;

namespace {

TableDefinition parsed(std::string_view sql) {
    const backends::sqlite::TableParseResult result = parse_create_table(sql);
    INFO(sql << " → " << (result.error ? result.error->message : ""));
    REQUIRE(result);
    return *result.table;
}

std::string default_tree(const backends::sqlite::ColumnDefinition& column) {
    return test::to_s_expression(column.default_value.value().expression.tree.value());
}

}  // namespace

TEST_CASE("create table: types are kept exactly as spelled", "[sqlite][ddl]") {
    const TableDefinition table = parsed(
        "CREATE TABLE t(a, b VARCHAR ( 255 ), c unsigned  big int, d BLOB SUB_TYPE TEXT DEFAULT NULL, e \"my "
        "type\","
        " [f]INTEGER, g NUMBER(9,0) NOT NULL, h 'quoted', i decimal(10,-2), j text nocase, k generated)");
    const std::vector<std::string> types = {"",
                                            "VARCHAR ( 255 )",
                                            "unsigned  big int",
                                            "BLOB SUB_TYPE TEXT",
                                            "my type",
                                            "INTEGER",
                                            "NUMBER(9,0)",
                                            "quoted",
                                            "decimal(10,-2)",
                                            "text nocase",
                                            "generated"};
    REQUIRE(table.columns.size() == types.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
        CHECK(table.columns[i].type == types[i]);
    }
    CHECK(table.columns[5].name == "f");
    CHECK(table.columns[6].not_null);
    CHECK(table.columns[3].default_value->expression.text == "NULL");
}

TEST_CASE("create table: column constraints", "[sqlite][ddl]") {
    const TableDefinition table = parsed(R"(CREATE TABLE IF NOT EXISTS main."t" (
        id INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT REPLACE AUTOINCREMENT,
        a TEXT CONSTRAINT nn NOT NULL ON CONFLICT IGNORE CONSTRAINT u UNIQUE ON CONFLICT ROLLBACK COLLATE nocase,
        b INT CHECK (b > 0) CONSTRAINT named CHECK (b < length(a) ) NULL,
        c INT REFERENCES other(x) ON DELETE SET NULL ON UPDATE CASCADE MATCH full DEFERRABLE INITIALLY DEFERRED,
        d INT REFERENCES other NOT NULL NOT DEFERRABLE INITIALLY DEFERRED,
        e INT GENERATED ALWAYS AS (b * 2) STORED,
        f AS (a || 'x'),
        g INT GENERATED ALWAYS AS (b) VIRTUAL NOT NULL
    ))");
    CHECK(table.name == "t");
    REQUIRE(table.primary_key);
    CHECK(table.primary_key->name == "pk");
    CHECK(table.primary_key->parts.at(0).descending);
    CHECK(table.primary_key->conflict == "REPLACE");
    CHECK(table.primary_key->autoincrement);
    CHECK(table.columns[1].not_null_conflict == "IGNORE");
    CHECK(table.columns[1].collation == "nocase");
    REQUIRE(table.unique_keys.size() == 1);
    CHECK(table.unique_keys[0].name == "u");
    CHECK(table.unique_keys[0].conflict == "ROLLBACK");
    REQUIRE(table.checks.size() == 2);
    CHECK(table.checks[0].name.empty());
    CHECK(table.checks[1].name == "named");
    CHECK(table.checks[1].expression.text == "b < length(a)");
    REQUIRE(table.foreign_keys.size() == 2);
    CHECK(table.foreign_keys[0].on_delete == ReferenceAction::set_null);
    CHECK(table.foreign_keys[0].on_update == ReferenceAction::cascade);
    CHECK(table.foreign_keys[0].referenced_columns == std::vector<std::string>{"x"});
    CHECK(table.foreign_keys[0].initially_deferred);
    CHECK(table.foreign_keys[1].referenced_columns.empty());
    CHECK_FALSE(table.foreign_keys[1].deferrable);
    CHECK_FALSE(table.foreign_keys[1].initially_deferred);
    CHECK(table.columns[4].not_null);
    CHECK(table.columns[5].generated->stored);
    CHECK(table.columns[5].type == "INT");
    CHECK_FALSE(table.columns[6].generated->stored);
    CHECK(table.columns[6].type.empty());
    CHECK(test::to_s_expression(*table.columns[6].generated->expression.tree) == "(concat a 'x')");
    CHECK(table.columns[7].not_null);
}

TEST_CASE("create table: defaults are read as SQLite reads them", "[sqlite][ddl]") {
    const TableDefinition table = parsed(R"(CREATE TABLE t(
        a DEFAULT "", b DEFAULT 'x''y', c DEFAULT -1, d DEFAULT +1.5, e DEFAULT active, f DEFAULT TRUE,
        g DEFAULT current_date, h DEFAULT (datetime('now', "localtime")), i DEFAULT x'00ff', j DEFAULT "true",
        k datetime default(DATETIME('now')), l integer default '"0"', m DEFAULT null NOT NULL))");
    CHECK(default_tree(table.columns[0]) == "''");
    CHECK(default_tree(table.columns[1]) == "'x'y'");
    CHECK(default_tree(table.columns[2]) == "(minus 1)");
    CHECK(default_tree(table.columns[3]) == "(plus 1.5)");
    CHECK(default_tree(table.columns[4]) == "'active'");
    CHECK(default_tree(table.columns[5]) == "true");
    CHECK(default_tree(table.columns[6]) == "(current_date)");
    CHECK(default_tree(table.columns[7]) == "(datetime 'now' 'localtime')");
    CHECK(table.columns[7].default_value->parenthesised);
    CHECK(default_tree(table.columns[8]) == "blob:" + std::string("\0\xff", 2));
    CHECK(default_tree(table.columns[9]) == "'true'");
    CHECK(table.columns[10].default_value->expression.text == "DATETIME('now')");
    CHECK(default_tree(table.columns[11]) == "'\"0\"'");
    CHECK(default_tree(table.columns[12]) == "null");
    CHECK(table.columns[12].not_null);
}

TEST_CASE("create table: table constraints, with and without commas", "[sqlite][ddl]") {
    const TableDefinition table = parsed(R"(CREATE TEMP TABLE 't'(a, "b c", c, -- a comment, with a comma
        CONSTRAINT pk PRIMARY KEY ("a" DESC, 'b c' COLLATE NOCASE) ON CONFLICT FAIL
        UNIQUE (c) /* none */ CHECK (a <> "b c" AND "zzz" = c)
        CONSTRAINT fk FOREIGN KEY (a, [b c]) REFERENCES "o t"(x, y) ON DELETE RESTRICT,
        FOREIGN KEY (c) REFERENCES t DEFERRABLE
    ) WITHOUT ROWID, STRICT;)");
    CHECK(table.temporary);
    REQUIRE(table.primary_key);
    CHECK(table.primary_key->name == "pk");
    CHECK(table.primary_key->parts.at(0).column == "a");
    CHECK(table.primary_key->parts.at(0).descending);
    CHECK(table.primary_key->parts.at(1).column == "b c");
    CHECK(table.primary_key->parts.at(1).collation == "NOCASE");
    CHECK(table.primary_key->conflict == "FAIL");
    REQUIRE(table.unique_keys.size() == 1);
    REQUIRE(table.checks.size() == 1);
    CHECK(test::to_s_expression(*table.checks[0].expression.tree) == "(and (ne a b c) (eq 'zzz' c))");
    REQUIRE(table.foreign_keys.size() == 2);
    CHECK(table.foreign_keys[0].name == "fk");
    CHECK(table.foreign_keys[0].columns == std::vector<std::string>{"a", "b c"});
    CHECK(table.foreign_keys[0].on_delete == ReferenceAction::restrict);
    CHECK(table.foreign_keys[1].name.empty());
    CHECK(table.foreign_keys[1].deferrable);
    CHECK(table.without_rowid);
    CHECK(table.strict);
}

TEST_CASE("create table: AUTOINCREMENT in a table constraint and keywords as names", "[sqlite][ddl]") {
    const TableDefinition table = parsed(
        "create table def(id integer, key text, match int, \"order\" int, left int, primary key(id "
        "autoincrement))");
    CHECK(table.name == "def");
    CHECK(table.primary_key->autoincrement);
    CHECK(table.columns[1].name == "key");
    CHECK(table.columns[3].name == "order");
    CHECK(table.columns[4].name == "left");
}

TEST_CASE("create table: an expression that cannot be read keeps its text and says why", "[sqlite][ddl]") {
    const TableDefinition table = parsed("CREATE TABLE t(a, CHECK ((a, 1) < (2, 3)))");
    CHECK(table.checks.at(0).expression.text == "(a, 1) < (2, 3)");
    CHECK_FALSE(table.checks[0].expression.tree);
    CHECK(table.checks[0].expression.why_not == "a row value is not supported");
}

TEST_CASE("create table: what is no table definition is an error with a position", "[sqlite][ddl]") {
    CHECK(parse_create_table("CREATE VIRTUAL TABLE t USING fts5(a)").error->message == "a virtual table");
    CHECK(parse_create_table("CREATE TABLE t(a, )").error->position == 18);
    CHECK(parse_create_table("CREATE TABLE t AS SELECT 1").error);
    CHECK(parse_create_table("CREATE TABLE t(a").error);
    CHECK(parse_create_table("CREATE TABLE t(a) WITH x").error->message == "an unknown table option");
    CHECK(parse_create_table("CREATE TABLE t(a PRIMARY KEY, PRIMARY KEY(a))").error->message ==
          "a second primary key");
    CHECK(parse_create_table("").error);
    CHECK(parse_create_table(std::string("CREATE TABLE t(a CHECK ") + std::string(100'000, '(')).error);
}
