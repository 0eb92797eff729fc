#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// TRUNCATE and ALTER TABLE that rewrites show an older snapshot an empty table: a migration then copied no
/// rows of it and called that verified.
namespace migrate::test {

namespace {

/// What others could do to the source when the load began, by a migration to SQLite whose plan was made
/// before and found the source unchanged.
struct Interference {
    std::vector<std::string> errors;  ///< One per statement; empty where it went through.
    MigrationResult result;
    TemporaryDirectory directory;

    Interference(const PgDatabase& database, const std::string& settings,
                 const std::vector<std::string>& statements) {
        PgConnection other = database.connect();
        other.exec("SET lock_timeout = '100ms'");
        MigratorConfig config;
        config.observer = [&](const MigrationEvent& event) {
            if (event.kind == EventKind::phase_started && event.phase == Phase::load) {
                for (const std::string& statement : statements) {
                    errors.push_back(error_of(other, statement));
                }
            }
        };
        CrossDatabaseMigrator migrator(config);
        Endpoint source;
        source.engine = "postgresql";
        source.location = database.conninfo() + settings;
        Endpoint target;
        target.engine = "sqlite";
        target.location = path();
        PlanOptions options;
        options.source_backup = SourceBackup::never;
        result = migrator.execute_migration(migrator.plan_migration({source}, {target}, options));
    }

    [[nodiscard]] std::string path() const { return directory.path("target.db"); }
    [[nodiscard]] std::string count(const std::string& table) const {
        return SqliteDatabase(path()).value("SELECT count(*) FROM " + table);
    }

  private:
    static std::string error_of(PgConnection& pg, const std::string& statement) {
        try {
            pg.exec(statement);
            return {};
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }
};

}  // namespace

TEST_CASE("regress: a table that is read is held against TRUNCATE and rewriting until it has arrived",
          "[regress][postgresql][snapshot]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec(
        "CREATE TABLE small (n int PRIMARY KEY); INSERT INTO small SELECT generate_series(1, 1000); CREATE "
        "TABLE parted (n int) PARTITION BY RANGE (n); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES "
        "FROM (0) TO (1000000); INSERT INTO parted SELECT generate_series(1, 1000)");
    const Interference run(*database, "",
                           {"TRUNCATE small", "ALTER TABLE small ALTER n TYPE int8", "TRUNCATE parted_1",
                            "INSERT INTO small VALUES (5000)"});
    REQUIRE(run.errors.size() == 4);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_THAT(run.errors[i], Catch::Contains("lock timeout"));
    }
    // What changes rows only goes on.
    CHECK(run.errors[3].empty());
    CHECK(run.result.verification.equal());
    CHECK(run.count("small") == "1000");
    CHECK(run.count("parted") == "1000");
    CHECK_NOTHROW(pg.exec("TRUNCATE small"));
}

TEST_CASE("regress: a role that may read columns only holds its tables too",
          "[regress][postgresql][snapshot]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec(
        "DO $$ BEGIN CREATE ROLE migrate_test_columns LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END "
        "$$");
    pg.exec(
        "CREATE TABLE small (n int); INSERT INTO small VALUES (1), (2); GRANT SELECT (n) ON small TO "
        "migrate_test_columns");
    {
        const Interference run(*database, " user=migrate_test_columns", {"TRUNCATE small"});
        REQUIRE(run.errors.size() == 1);
        CHECK_THAT(run.errors[0], Catch::Contains("lock timeout"));
        CHECK(run.count("small") == "2");
    }
    pg.exec("DROP OWNED BY migrate_test_columns");
}

TEST_CASE("regress: a table that another session is truncating is waited for, then named",
          "[regress][postgresql][snapshot]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    database->connect().exec(
        "CREATE TABLE busy (n int); INSERT INTO busy VALUES (1); CREATE TABLE free (n int)");
    PgConnection other = database->connect();
    other.exec("BEGIN; TRUNCATE busy");
    const TemporaryDirectory directory;
    const CommandResult result = run_cli({"migrate", "--from", "pg:" + database->conninfo(), "--to",
                                          "sqlite:" + directory.path("target.db"), "--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.err, Catch::Contains("table public.busy"));
    CHECK_THAT(result.err, Catch::Contains(other.value("SELECT pg_backend_pid()")));
}

}  // namespace migrate::test
