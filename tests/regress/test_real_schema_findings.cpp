#include <algorithm>

#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What loading real schemas into an application's own tables brought to light
/// (tests/conformance/test_real_schemas.cpp), made small.
namespace {

using namespace migrate;

MigrationResult load(const Endpoint& from, const Endpoint& to) {
    PlanOptions options;
    options.on_existing = ExistingTables::load;
    options.source_backup = SourceBackup::never;
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    return migrator.execute_migration(migrator.plan_migration({from}, {to}, options));
}

Endpoint endpoint(const std::string& engine, const std::string& location) {
    Endpoint out;
    out.engine = engine;
    out.location = location;
    return out;
}

}  // namespace

TEST_CASE("regress: decimals with zeros at the end go into a NUMERIC column of SQLite that is there",
          "[regress][existing]") {
    const test::TemporaryDirectory directory;
    test::SqliteDatabase(directory.path("a.db"))
        .exec("CREATE TABLE t (amount DECIMAL(5,2)); INSERT INTO t VALUES (5), (2.50), (0.99)");
    test::SqliteDatabase target(directory.path("b.db"));
    target.exec("CREATE TABLE t (amount NUMERIC)");
    const auto result =
        load(endpoint("sqlite", directory.path("a.db")), endpoint("sqlite", directory.path("b.db")));
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    // The zeros are gone, which is said.
    CHECK(std::any_of(result.findings.begin(), result.findings.end(), [](const Finding& finding) {
        return finding.code == "zeros-not-kept" && finding.object == "table t, column amount";
    }));
    CHECK(target.value("SELECT group_concat(amount) FROM (SELECT amount FROM t ORDER BY amount)") ==
          "0.99,2.5,5");
}

TEST_CASE("regress: what the target cannot say of a definition is no loss where its own table stays",
          "[regress][existing][postgresql]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    database->connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now(), "
        "CHECK (at < clock_timestamp())); CREATE INDEX ON t ((date_part('year', at AT TIME "
        "ZONE 'UTC'))); INSERT INTO t VALUES (1, '2024-02-29 12:00:00+00')");
    const test::TemporaryDirectory directory;
    test::SqliteDatabase target(directory.path("b.db"));
    target.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP)");
    const auto result =
        load(endpoint("postgresql", database->conninfo()), endpoint("sqlite", directory.path("b.db")));
    INFO(render_text(result));
    CHECK(result.exit_code() == 0);
    CHECK(target.value("SELECT count(*) FROM t") == "1");
}

TEST_CASE("regress: a loss beside the definition is told of a table that is loaded as of any other",
          "[regress][existing]") {
    const test::TemporaryDirectory directory;
    test::SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO t VALUES (1, 'one');"
            "CREATE TRIGGER noted AFTER INSERT ON t BEGIN SELECT 1; END");
    test::SqliteDatabase target(directory.path("b.db"));
    target.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)");
    const auto result =
        load(endpoint("sqlite", directory.path("a.db")), endpoint("sqlite", directory.path("b.db")));
    INFO(result.failure);
    CHECK(result.exit_code() == 5);
    CHECK(target.value("SELECT word FROM t") == "one");
}

TEST_CASE("regress: tables that a ring of foreign keys stands before are merged after it",
          "[regress][existing][postgresql]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    const test::TemporaryDirectory directory;
    test::SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, store INTEGER NOT NULL REFERENCES store);"
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, store INTEGER NOT NULL REFERENCES store);"
            "CREATE TABLE store (id INTEGER PRIMARY KEY, manager INTEGER NOT NULL REFERENCES staff);"
            "INSERT INTO store VALUES (1, 2); INSERT INTO staff VALUES (2, 1);"
            "INSERT INTO customer VALUES (3, 1)");
    test::PgConnection target = database->connect();
    target.exec(
        "CREATE TABLE customer (id int PRIMARY KEY, store int NOT NULL);"
        "CREATE TABLE staff (id int PRIMARY KEY, store int NOT NULL);"
        "CREATE TABLE store (id int PRIMARY KEY, manager int NOT NULL);"
        "ALTER TABLE customer ADD FOREIGN KEY (store) REFERENCES store;"
        "ALTER TABLE staff ADD FOREIGN KEY (store) REFERENCES store DEFERRABLE;"
        "ALTER TABLE store ADD FOREIGN KEY (manager) REFERENCES staff DEFERRABLE");
    const auto result =
        load(endpoint("sqlite", directory.path("a.db")), endpoint("postgresql", database->conninfo()));
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(target.value("SELECT count(*) FROM customer") == "1");
}
