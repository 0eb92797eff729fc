#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// A view of a migrated table made its rollback end in an internal error that named nothing, after a dry run
/// that saw nothing in the way.
namespace migrate::test {

TEST_CASE("regress: what others have made of migrated tables is named, and is in a rollback's way",
          "[regress][postgresql][rollback]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("from.db"))
        .exec(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x'); "
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id)); INSERT INTO b VALUES (1, "
            "1)");
    Endpoint source;
    source.engine = "sqlite";
    source.location = directory.path("from.db");
    Endpoint target;
    target.engine = "postgresql";
    target.location = database->conninfo();
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    CrossDatabaseMigrator migrator(MigratorConfig{});
    const MigrationResult result =
        migrator.execute_migration(migrator.plan_migration({source}, {target}, options));
    REQUIRE(result.exit_code() == 0);

    PgConnection pg = database->connect();
    const auto made = GENERATE(values<std::pair<const char*, const char*>>(
        {{"CREATE VIEW w AS SELECT * FROM a", "DROP VIEW w"},
         {"CREATE TABLE w (a bigint REFERENCES a(id))", "DROP TABLE w"},
         {"CREATE TABLE w (r a)", "DROP TABLE w"},
         {"CREATE FUNCTION w() RETURNS SETOF a LANGUAGE sql AS "
          "'SELECT * FROM a'",
          "DROP FUNCTION w"}}));
    INFO(made.first);
    pg.exec(made.first);
    const RollbackResult dry = migrator.rollback_migration(result.id, {}, target);
    REQUIRE(dry.findings.size() == 1);
    CHECK(dry.findings[0].severity == Severity::blocker);
    CHECK(dry.findings[0].object == "table public.a");
    CHECK(dry.findings[0].message.find("public.w") != std::string::npos);
    RollbackOptions execute;
    execute.execute = true;
    try {
        migrator.rollback_migration(result.id, execute, target);
        FAIL("it was rolled back");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::refused);
    }
    CHECK(pg.value("SELECT count(*) FROM b") == "1");
    pg.exec(made.second);
    CHECK(migrator.rollback_migration(result.id, execute, target).executed);
    CHECK(pg.value("SELECT to_regclass('a') IS NULL") == "t");
}

}  // namespace migrate::test
