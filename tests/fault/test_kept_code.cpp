#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

/// Definitions that JSON keeps are there with the rows or not at all, wherever the run was killed.
namespace migrate::test {

namespace {

std::string code_of(const PgDatabase& database) {
    return database.connect().value(
        "SELECT string_agg(d, E'\\n' ORDER BY d) FROM (SELECT pg_get_viewdef(oid) FROM pg_class WHERE "
        "relname = 'v' "
        "UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'noted' UNION ALL SELECT "
        "pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'noted' UNION ALL SELECT relacl::text FROM "
        "pg_class "
        "WHERE relname = 't') found (d)");
}

}  // namespace

TEST_CASE("fault: what JSON keeps of PostgreSQL survives being killed, and comes back", "[fault][pg][code]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec("DO $$ BEGIN CREATE ROLE killed_app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    PgConnection(*pg_test_conninfo()).exec("ALTER DATABASE " + from->name() + " OWNER TO killed_app");
    from->connect().exec(
        "SET ROLE killed_app; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM "
        "generate_series(1, 500) i; CREATE VIEW v AS SELECT n FROM t WHERE id > 7; CREATE FUNCTION noted() "
        "RETURNS "
        "trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER noted BEFORE INSERT ON t FOR "
        "EACH ROW "
        "EXECUTE FUNCTION noted(); GRANT SELECT ON t TO PUBLIC");
    const std::string point =
        GENERATE("staging-begun", "chunk-committed", "loaded", "verified", "cutover-renamed", "cutover-done");
    INFO(point);
    const TemporaryDirectory directory;
    const std::string json = "json:" + directory.path("kept/");
    CommandOptions options = isolated({}, directory.path("state"));
    CommandOptions killed = options;
    killed.environment["MIGRATE_KILL_AT"] = point;
    const CommandResult first =
        run_cli({"migrate", "--execute", "--source-backup", "never", "--with-code", "--from",
                 "pg:" + from->conninfo() + " user=killed_app", "--to", json},
                killed);
    REQUIRE(first.signal == 9);
    const CommandResult resumed = run_cli({"resume", "--last"}, options);
    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);

    const auto back = make_pg_database("OWNER killed_app");
    const CommandResult restored =
        run_cli({"migrate", "--execute", "--source-backup", "never", "--with-code", "--from", json, "--to",
                 "pg:" + back->conninfo() + " user=killed_app"},
                options);
    INFO(restored.out << restored.err);
    CHECK(restored.exit_code == 0);
    CHECK(code_of(*back) == code_of(*from));
    CHECK(back->connect().value("SELECT sum(n) FROM t") == "125250");
}

}  // namespace migrate::test
