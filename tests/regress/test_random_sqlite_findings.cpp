#include <catch2/catch.hpp>

#include "regress/there_and_back.hpp"
#include "support/leg.hpp"

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

TEST_CASE("regress: minus zero stays a REAL where SQLite keeps its sign", "[regress][sqlite]") {
    const char* const through = GENERATE("sqlite", "json", "postgresql");
    if (std::string(through) != "postgresql" || has_server()) {
        check_same(
            {"CREATE TABLE t (a, b BLOB, c ANY, d REAL); INSERT INTO t VALUES (-0.0, -0.0, -0.0, -0.0), "
             "(1.5, -0.0, "
             "0.0, 1)",
             through});
    }
}

TEST_CASE("regress: a REAL of many digits is not taken for a short decimal for its exponent",
          "[regress][sqlite][postgresql]") {
    if (has_server()) {
        check_same({"CREATE TABLE t (a DECIMAL(8,2), b DECIMAL(8,2)); INSERT INTO t VALUES (1e300, 5e-324)",
                    "postgresql"});
    }
}

TEST_CASE("regress: a refcursor is read, and comes back from SQLite and JSON", "[regress][postgresql]") {
    if (!has_server()) {
        return;
    }
    const char* const through = GENERATE("sqlite", "json");
    const migrate::test::TemporaryDirectory directory;
    const migrate::test::PgDatabase first;
    const migrate::test::PgDatabase last;
    first.connect().exec("CREATE TABLE t (a refcursor); INSERT INTO t VALUES ('x'), (NULL), ('')");
    migrate::Endpoint from;
    from.engine = "postgresql";
    from.location = first.conninfo();
    migrate::Endpoint middle;
    middle.engine = through;
    middle.location = directory.path("middle");
    migrate::Endpoint to = from;
    to.location = last.conninfo();
    for (const auto& [source, target] : {std::pair{from, middle}, std::pair{middle, to}}) {
        const auto leg = migrate::test::migrate_once(source, target, {});
        CHECK(leg.error.empty());
        CHECK(leg.result.exit_code() == 0);
    }
    CHECK(last.connect().value("SELECT string_agg(coalesce(a::text, 'NULL'), ',' ORDER BY a::text) FROM t") ==
          ",x,NULL");
}

TEST_CASE("regress: AUTOINCREMENT at its last number leaves PostgreSQL's sequence there, used",
          "[regress][sqlite][postgresql][sequence]") {
    if (has_server()) {
        const char* const rest = GENERATE("", "; DELETE FROM t");
        const SqliteThereAndBack trip(
            std::string("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (5), "
                        "(9223372036854775807)") +
                rest,
            "postgresql");
        CHECK(trip.there.failure.empty());
        CHECK(trip.server()->connect().value("SELECT last_value || ' ' || is_called FROM public.t_a_seq") ==
              "9223372036854775807 true");
    }
}
