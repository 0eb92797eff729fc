#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/sqlite/definition.hpp"
#include "session/sqlite_session.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Definitions out of a file that anybody can write.
namespace migrate::test {

TEST_CASE("sqlite definitions: one statement of its kind is run, and nothing else", "[sqlite]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("a.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE t (v TEXT); CREATE TABLE keep (v TEXT); INSERT INTO keep VALUES (1)");
    const auto session = session::SqliteSession::open(path, session::SqliteSession::Access::write, 1000);
    const auto make = [&](const char* kind, const char* sql) {
        backends::sqlite::execute_definition(session, kind, sql, "make something in");
    };
    for (const char* sql : {"CREATE INDEX i ON t (v); DELETE FROM keep", "DELETE FROM keep",
                            "CREATE TRIGGER i AFTER INSERT ON t BEGIN DELETE FROM keep; END",
                            "CREATE/**/INDEX i ON t (v)", "-- x\nCREATE INDEX i ON t (v)", ""}) {
        CAPTURE(sql);
        CHECK_THROWS_AS(make("index", sql), Error);
    }
    CHECK_THROWS_AS(make("view", "CREATE TABLE v (a)"), Error);
    CHECK_THROWS_AS(make("table", "CREATE TABLE x (a); DROP TABLE keep"), Error);
    CHECK(session.query_integer("SELECT count(*) FROM keep") == 1);
    CHECK(session.query_integer("SELECT count(*) FROM sqlite_schema") == 2);
    make("index", "CREATE UNIQUE\n INDEX i ON t (v) ;\n");
    make("view", "CREATE VIEW w AS SELECT ';' FROM t");
    make("trigger", "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM keep; SELECT 1; END");
    CHECK(session.query_integer("SELECT count(*) FROM sqlite_schema") == 5);
}

}  // namespace migrate::test
