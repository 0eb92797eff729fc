#include <catch2/catch.hpp>

#include "support/compare_databases.hpp"
#include "support/leg.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What the tables of values have no room for.
namespace {

using namespace migrate::test;

migrate::Endpoint endpoint(const std::string& engine, const std::string& location) {
    migrate::Endpoint out;
    out.engine = engine;
    out.location = location;
    return out;
}

void go(const migrate::Endpoint& from, const migrate::Endpoint& to, migrate::PlanOptions options = {}) {
    options.source_backup = migrate::SourceBackup::never;
    const Leg leg = migrate_once(from, to, options);
    INFO(from.engine << " to " << to.engine << ": " << leg.error << leg.result.failure);
    REQUIRE(leg.error.empty());
    REQUIRE_FALSE(leg.refused);
    REQUIRE(leg.result.exit_code() == 0);
}

void check_large_values(const std::string& through) {
    if (!pg_test_conninfo()) {
        WARN("no PostgreSQL to test against: set MIGRATE_TEST_PG");
        return;
    }
    const TemporaryDirectory directory;
    const PgDatabase first;
    const PgDatabase last;
    first.connect().exec(
        "CREATE TABLE large (id integer PRIMARY KEY, t text, b bytea);"
        "INSERT INTO large VALUES (1, repeat('ä🦜\"\\', 8388608), decode(repeat('00ff5c22', 16777216), "
        "'hex'))");
    go(endpoint("postgresql", first.conninfo()), endpoint(through, directory.path("middle")));
    go(endpoint(through, directory.path("middle")), endpoint("postgresql", last.conninfo()));
    const std::string sums =
        "SELECT octet_length(t) || ' ' || md5(t) || ' ' || length(b) || ' ' || md5(b) FROM large";
    const std::string before = first.connect().value(sums);
    CHECK(before.starts_with("67108864 "));
    CHECK(last.connect().value(sums) == before);
}

}  // namespace

TEST_CASE("extremes: text and bytes of 64 MiB leave PostgreSQL and come back from SQLite",
          "[conformance][postgresql][slow]") {
    check_large_values("sqlite");
}

TEST_CASE("extremes: text and bytes of 64 MiB leave PostgreSQL and come back from JSON",
          "[conformance][postgresql][slow]") {
    check_large_values("json");
}

TEST_CASE("extremes: text that is not UTF-8 travels as bytes where that is asked for, and comes back as text",
          "[conformance][sqlite]") {
    const char* const through = GENERATE("sqlite", "postgresql", "json");
    std::unique_ptr<PgDatabase> server;
    const TemporaryDirectory directory;
    std::string middle = directory.path("middle");
    if (std::string(through) == "postgresql") {
        if (!pg_test_conninfo()) {
            WARN("no PostgreSQL to test against: set MIGRATE_TEST_PG");
            return;
        }
        server = std::make_unique<PgDatabase>();
        middle = server->conninfo();
    }
    SqliteDatabase(directory.path("first.db"))
        .exec(
            "CREATE TABLE t (a TEXT, b VARCHAR(9) NOT NULL, c BLOB, d, e INTEGER);"
            "INSERT INTO t VALUES (CAST(x'ff' AS TEXT), CAST(x'61c3' AS TEXT), CAST(x'eda080' AS TEXT), "
            "CAST(x'f4908080' AS TEXT), CAST(x'c080' AS TEXT)), (NULL, 'plain', NULL, 'ä', NULL)");
    migrate::PlanOptions options;
    options.bad_text = "bytes";
    go(endpoint("sqlite", directory.path("first.db")), endpoint(through, middle), options);
    go(endpoint(through, middle), endpoint("sqlite", directory.path("last.db")), options);
    CHECK(compare_databases("sqlite:" + directory.path("first.db"), "sqlite:" + directory.path("last.db"))
              .differences == std::vector<std::string>{});
}
