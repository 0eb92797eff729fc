#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "fault/rollback_fixture.hpp"
#include "support/sqlite.hpp"

/// A rollback that is tried out before anything is migrated: in a place of its own, which is gone afterwards,
/// whatever happens to the program meanwhile.
namespace migrate::test {
namespace {

bool is_missing(const RollbackMode& mode) {
    return mode.engine == "postgresql" && !pg_test_conninfo();
}

struct Fixture {
    TemporaryDirectory directory;
    std::string source = make_rollback_source(directory);
    RollbackTrial trial;
    std::vector<std::string> options;

    explicit Fixture(const RollbackMode& mode) : trial(source, mode), options(mode.options) {}
    [[nodiscard]] CommandResult rehearse(std::vector<std::string> more = {},
                                         const std::string& kill_at = {}) const {
        std::vector<std::string> arguments{"migrate",        "--from",       source, "--to",
                                           trial.endpoint(), "--chunk-rows", "20",   "--rehearse-rollback"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        return trial.run(arguments, kill_at);
    }
};

/// Databases and directories of rehearsals. Those of a program that was killed may be ended by the server a
/// moment later.
std::vector<std::string> places(const RollbackTrial& trial) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(trial.temporary_directory())) {
        found.push_back(entry.path().filename().string());
    }
    if (const auto server = pg_test_conninfo()) {
        for (const auto& row : PgConnection(*server).query(
                 "SELECT datname FROM pg_database WHERE datname LIKE 'migrate\\_rehearsal\\_%'")) {
            found.push_back(*row[0]);
        }
    }
    return found;
}

void wait_until_nobody_rehearses() {
    const auto server = pg_test_conninfo();
    for (int i = 0; server && i < 100; ++i) {
        if (PgConnection(*server).value("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE "
                                        "'migrate\\_rehearsal\\_%'") == "0") {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

const RollbackMode& mode_of(const std::string& engine, const std::string& name) {
    for (const RollbackMode& mode : rollback_modes()) {
        if (mode.engine == engine && mode.name == name) {
            return mode;
        }
    }
    throw std::logic_error("there is no such mode");
}

}  // namespace

TEST_CASE("rehearsal: a rollback is proven with a sample, and nothing of it is left",
          "[fault][rehearsal][slow]") {
    for (const RollbackMode& mode : rollback_modes()) {
        if (is_missing(mode)) {
            continue;
        }
        CAPTURE(mode.engine, mode.name);
        const Fixture fixture(mode);
        const Contents before = fixture.trial.contents();
        const CommandResult preview = fixture.rehearse({"--rehearsal-rows", "15"});
        INFO(preview.out << preview.err);
        CHECK(preview.exit_code == 0);
        CHECK_THAT(preview.out, Catch::Contains("The rollback works: by "));
        CHECK(difference_of(before, fixture.trial.contents()).empty());
        CHECK(places(fixture.trial).empty());

        const CommandResult run = fixture.rehearse({"--execute", "--json"});
        INFO(run.out << run.err);
        REQUIRE(run.exit_code == 0);
        const auto json = json_of(run.out);
        const auto& rehearsal = json["rehearsal"];
        CHECK(rehearsal["passed"].GetBool());
        CHECK(rehearsal["rows_migrated"].GetUint64() == 130);
        const bool changes_tables = !mode.tables.empty() && !mode.options.empty();
        CHECK((rehearsal["rows_there"].GetUint64() > 0) == changes_tables);
        for (const auto& table : rehearsal["tables"].GetArray()) {
            CHECK(table["proven"].GetBool());
        }
        CHECK(places(fixture.trial).empty());
        const CommandResult undone = fixture.trial.run({"rollback", fixture.trial.id(), "--execute"});
        INFO(undone.out << undone.err);
        CHECK(undone.exit_code == 0);
        CHECK(difference_of(before, fixture.trial.contents()).empty());
    }
}

TEST_CASE("rehearsal: killed anywhere it leaves the target as it is, and the next one clears its place",
          "[fault][rehearsal][slow]") {
    for (const auto& [engine, name] :
         std::vector<std::pair<std::string, std::string>>{{"sqlite", "overwrite"},
                                                          {"postgresql", "overwrite"},
                                                          {"postgresql", "replace"},
                                                          {"json", "replace"}}) {
        const RollbackMode& mode = mode_of(engine, name);
        if (is_missing(mode)) {
            continue;
        }
        const Fixture fixture(mode);
        const Contents before = fixture.trial.contents();
        // Of the copy of what is there, of the migration of the sample, and of its rollback.
        const bool is_json = engine == "json";
        for (const std::string point : {"rehearsal-begin", "chunk-written", "loaded:2", "cutover-done:2",
                                        is_json ? "rollback-rename" : "rollback-commit",
                                        is_json ? "rollback-renamed" : "rollback-committed", "rehearsed"}) {
            CAPTURE(engine, name, point);
            const CommandResult killed = fixture.rehearse({"--execute"}, point);
            INFO(killed.out << killed.err);
            REQUIRE(killed.signal == SIGKILL);
            CHECK(difference_of(before, fixture.trial.contents()).empty());
        }
        wait_until_nobody_rehearses();
        const CommandResult again = fixture.rehearse();
        INFO(again.out << again.err);
        CHECK(again.exit_code == 0);
        CHECK(places(fixture.trial).empty());
        CHECK(difference_of(before, fixture.trial.contents()).empty());
    }
}

TEST_CASE("rehearsal: where the rollback does not work nothing is migrated", "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Fixture fixture(mode_of("postgresql", "append"));
    // What code of the target's own makes, no undo log knows.
    fixture.trial.execute(
        "CREATE FUNCTION make_more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN CREATE TABLE IF NOT EXISTS "
        "made_by_trigger (i int); RETURN NULL; END';"
        "CREATE TRIGGER more AFTER INSERT ON event EXECUTE FUNCTION make_more()");
    const Contents before = fixture.trial.contents();
    const CommandResult preview = fixture.rehearse();
    INFO(preview.out << preview.err);
    CHECK(preview.exit_code == 4);
    CHECK_THAT(preview.out, Catch::Contains("does NOT work"));
    CHECK_THAT(preview.out, Catch::Contains("made_by_trigger"));
    const CommandResult run = fixture.rehearse({"--execute"});
    require_one_error(run, 4);
    CHECK_THAT(run.err, Catch::Contains("made_by_trigger"));
    CHECK(difference_of(before, fixture.trial.contents()).empty());
    CHECK(places(fixture.trial).empty());
}

TEST_CASE("rehearsal: a role that may not create a database is told so, and nothing is migrated",
          "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Fixture fixture(mode_of("postgresql", "replace"));
    PgConnection server(*pg_test_conninfo());
    server.exec("DROP ROLE IF EXISTS migrate_no_databases; CREATE ROLE migrate_no_databases LOGIN");
    fixture.trial.execute(
        "GRANT ALL ON SCHEMA public TO migrate_no_databases; DO $$ BEGIN EXECUTE format('GRANT ALL ON "
        "DATABASE "
        "%I TO migrate_no_databases', current_database()); END $$;"
        "ALTER TABLE author OWNER TO migrate_no_databases; ALTER TABLE book OWNER TO migrate_no_databases;"
        "ALTER TABLE event OWNER TO migrate_no_databases; ALTER TABLE note OWNER TO migrate_no_databases;"
        "ALTER VIEW authors OWNER TO migrate_no_databases");
    const Contents before = fixture.trial.contents();
    std::string endpoint = fixture.trial.endpoint();
    const std::size_t user = endpoint.find("user=");
    REQUIRE(user != std::string::npos);
    endpoint.replace(user, endpoint.find(' ', user) - user, "user=migrate_no_databases");
    const CommandResult run =
        fixture.trial.run({"migrate", "--from", fixture.source, "--to", endpoint, "--on-existing", "replace",
                           "--target-backup", "never", "--rehearse-rollback", "--execute"});
    require_one_error(run, 7);
    CHECK_THAT(run.err, Catch::Contains("CREATEDB"));
    CHECK(difference_of(before, fixture.trial.contents()).empty());
    fixture.trial.execute(
        "REASSIGN OWNED BY migrate_no_databases TO postgres; DROP OWNED BY "
        "migrate_no_databases; DROP ROLE migrate_no_databases");
}

TEST_CASE("rehearsal: rows refer to what either sample has", "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    // The source has neither keys that refer to others nor the table that they refer to at the target.
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("orders.db"))
        .exec(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, staff INTEGER);"
            "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INTEGER);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO "
            "orders SELECT i, 1 + (i * 7) % 300, 1 + (i * 3) % 50 FROM n;"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO staff "
            "SELECT i, nullif(i / 2, 0) FROM n");
    const PgDatabase database;
    database.connect().exec(
        "CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer SELECT generate_series(1, 300);"
        "CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff (id) DEFERRABLE);"
        "CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer (id), staff int "
        "REFERENCES staff (id))");
    const CommandResult preview =
        run_cli({"migrate", "--from", directory.path("orders.db"), "--to", "pg:" + database.conninfo(),
                 "--on-existing", "load", "--on-conflict", "stop", "--rehearse-rollback", "--rehearsal-rows",
                 "20", "--json"});
    INFO(preview.out << preview.err);
    REQUIRE(preview.exit_code == 0);
    const auto rehearsal = json_of(preview.out.substr(preview.out.find("\n{") + 1));
    CHECK(std::string(rehearsal["command"].GetString()) == "rehearsal");
    CHECK(rehearsal["passed"].GetBool());
    CHECK(rehearsal["rows_there"].GetUint64() == 20);
    // 20 of each at most; of orders those whose customer and staff are among the first 20.
    CHECK(rehearsal["rows_migrated"].GetUint64() > 20);
    CHECK(rehearsal["rows_migrated"].GetUint64() <= 40);
}

}  // namespace migrate::test
