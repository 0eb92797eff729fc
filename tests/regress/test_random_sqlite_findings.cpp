#include <catch2/catch.hpp>

#include "regress/there_and_back.hpp"

/// What random SQLite databases brought to light (tests/property), made small.
namespace {

using migrate::test::SqliteThereAndBack;

bool has_server() {
    if (!migrate::test::pg_test_conninfo()) {
        WARN("no PostgreSQL to test against: set MIGRATE_TEST_PG");
        return false;
    }
    return true;
}

void check_same(const SqliteThereAndBack& trip) {
    CHECK(trip.there.failure.empty());
    CHECK(trip.back.failure.empty());
    CHECK(trip.differences() == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("regress: a NOCASE column of a primary key comes back from PostgreSQL without a second index",
          "[regress][sqlite][postgresql]") {
    if (has_server()) {
        check_same(
            {"CREATE TABLE t (a INTEGER, b TEXT COLLATE NOCASE NOT NULL, PRIMARY KEY (a, b)); INSERT INTO t "
             "VALUES (1, "
             "'x')",
             "postgresql"});
    }
}

TEST_CASE("regress: columns named as PostgreSQL's own get other names there, and theirs back",
          "[regress][sqlite][postgresql]") {
    if (has_server()) {
        const SqliteThereAndBack trip(
            "CREATE TABLE t (xmin INT, ctid TEXT, tableoid INTEGER PRIMARY KEY, CHECK (xmin > 0)); INSERT "
            "INTO t VALUES (1, 'c', 2)",
            "postgresql");
        check_same(trip);
        CHECK(trip.server()->connect().value("SELECT xmin_2 || ctid_2 || tableoid_2 FROM public.t") == "1c2");
    }
}

TEST_CASE("regress: SQLite's false word of NULLs in a table without rowid is no damage",
          "[regress][sqlite]") {
    const char* const through = GENERATE("sqlite", "json");
    check_same(
        {"CREATE TABLE t (a REAL NOT NULL, b TEXT, PRIMARY KEY (b)) WITHOUT ROWID; INSERT INTO t VALUES "
         "(0.5, 'x')",
         through});
}

TEST_CASE("regress: AUTOINCREMENT with none but negative numbers keeps its record", "[regress][sqlite]") {
    const char* const through = GENERATE("sqlite", "json");
    check_same({"CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (-3)", through});
}

TEST_CASE("regress: a foreign key to a table that never was comes back, and the table as it was",
          "[regress][sqlite]") {
    const char* const through = GENERATE("sqlite", "json");
    check_same(
        {"CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b INT REFERENCES nowhere(x)); INSERT INTO t "
         "VALUES (1, "
         "NULL)",
         through});
}
