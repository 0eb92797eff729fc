#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
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

/// Directories of rehearsals, and databases that nobody is connected to: other tests rehearse at the same
/// server meanwhile, and the server takes a moment to end sessions.
std::vector<std::string> places(const RollbackTrial& trial) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(trial.temporary_directory())) {
        found.push_back(entry.path().filename().string());
    }
    const auto server = pg_test_conninfo();
    PgRows left;
    for (int i = 0; server && i < 50; ++i) {
        left = PgConnection(*server).query(
            "SELECT datname FROM pg_database d WHERE datname LIKE 'migrate\\_rehearsal\\_%' AND "
            "shobj_description(oid, 'pg_database') LIKE 'A rehearsal of a rollback%' AND NOT EXISTS (SELECT "
            "FROM pg_stat_activity a WHERE a.datid = d.oid)");
        if (left.empty()) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    for (const auto& row : left) {
        found.push_back(*row[0]);
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
        CHECK_THAT(preview.out, Catch::Contains("The rollback works"));
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

TEST_CASE("rehearsal: a role that may load and not undo is told so, and nothing is migrated",
          "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Fixture fixture(mode_of("postgresql", "append"));
    PgConnection server(*pg_test_conninfo());
    server.exec("DROP ROLE IF EXISTS migrate_loader; CREATE ROLE migrate_loader LOGIN CREATEDB");
    fixture.trial.execute(
        "GRANT ALL ON SCHEMA public TO migrate_loader; DO $$ BEGIN EXECUTE format('GRANT ALL ON DATABASE %I "
        "TO "
        "migrate_loader', current_database()); END $$; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA "
        "public TO migrate_loader; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO migrate_loader");
    std::string endpoint = fixture.trial.endpoint();
    const std::size_t user = endpoint.find("user=");
    REQUIRE(user != std::string::npos);
    endpoint.replace(user, endpoint.find(' ', user) - user, "user=migrate_loader");
    const Contents before = fixture.trial.contents();
    const std::vector<std::string> load{"migrate", "--from",          fixture.source, "--to",
                                        endpoint,  "--on-existing",   "load",         "--on-conflict",
                                        "stop",    "--target-backup", "never"};
    const CommandResult preview = fixture.trial.run(load);
    INFO(preview.out << preview.err);
    CHECK_THAT(preview.out, Catch::Contains("may not DELETE") && Catch::Contains("it has triggers"));
    auto rehearsed = load;
    rehearsed.insert(rehearsed.end(), {"--rehearse-rollback", "--execute"});
    const CommandResult run = fixture.trial.run(rehearsed);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 4);
    CHECK_THAT(run.err, Catch::Contains("could not be rolled back"));
    CHECK(difference_of(before, fixture.trial.contents()).empty());
    fixture.trial.execute("DROP OWNED BY migrate_loader; DROP ROLE migrate_loader");
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
    // The first 20 customers, and those of the first 20 orders, of which the staff comes beside.
    CHECK(rehearsal["rows_there"].GetUint64() > 20);
    CHECK(rehearsal["rows_there"].GetUint64() <= 40);
    CHECK(rehearsal["rows_migrated"].GetUint64() >= 40);
    CHECK(rehearsal["rows_migrated"].GetUint64() <= 60);
    for (const auto& table : rehearsal["tables"].GetArray()) {
        CHECK(table["rows_after"].GetUint64() >= 20);
    }
}

TEST_CASE("rehearsal: what only looks like a rehearsal of ours stays", "[fault][rehearsal]") {
    const Fixture fixture(mode_of("sqlite", "overwrite"));
    REQUIRE(fixture.rehearse().exit_code == 0);
    const std::filesystem::path place = fixture.trial.temporary_directory();
    const auto put = [&](const std::string& name) {
        std::filesystem::create_directories((place / name).parent_path());
        std::ofstream(place / name) << "theirs";
    };
    // Names of others, one of ours without a lock in it, and one that others may read.
    put("migrate-rehearsal-notes/important");
    put("migrate-rehearsal-2024.log");
    put("migrate-rehearsal-abcdefgh12345678/important");
    put("migrate-rehearsal-bbcdefgh12345678/.rehearsal-lock");
    std::filesystem::permissions(place / "migrate-rehearsal-abcdefgh12345678",
                                 std::filesystem::perms::owner_all);
    REQUIRE(fixture.rehearse().exit_code == 0);
    CHECK(places(fixture.trial).size() >= 4);
    CHECK(std::filesystem::exists(place / "migrate-rehearsal-notes/important"));
    CHECK(std::filesystem::exists(place / "migrate-rehearsal-2024.log"));
    CHECK(std::filesystem::exists(place / "migrate-rehearsal-abcdefgh12345678/important"));
    CHECK(std::filesystem::exists(place / "migrate-rehearsal-bbcdefgh12345678/.rehearsal-lock"));
    if (!pg_test_conninfo()) {
        return;
    }
    PgConnection server(*pg_test_conninfo());
    const std::vector<std::string> theirs{"migrate_rehearsal_production",
                                          "migrate_rehearsal_1700000000_abcdefgh12345678"};
    for (const std::string& name : theirs) {
        server.exec("CREATE DATABASE " + name);
        server.exec("COMMENT ON DATABASE " + name + " IS 'important'");
    }
    const Fixture other(mode_of("postgresql", "replace"));
    CHECK(other.rehearse().exit_code == 0);
    for (const std::string& name : theirs) {
        CHECK(server.query("SELECT FROM pg_database WHERE datname = $1", {name}).size() == 1);
        server.exec("DROP DATABASE IF EXISTS " + name);
    }
}

TEST_CASE("rehearsal: the scratch database is reached by the target's password", "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Fixture fixture(mode_of("postgresql", "new"));
    PgConnection server(*pg_test_conninfo());
    server.exec(
        "DO $$ BEGIN CREATE ROLE migrate_password; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    server.exec(
        "DROP ROLE IF EXISTS migrate_rehearser; CREATE ROLE migrate_rehearser LOGIN CREATEDB PASSWORD "
        "'pw-of-a-rehearser' IN ROLE migrate_password");
    std::string endpoint = fixture.trial.endpoint();
    const std::size_t user = endpoint.find("user=");
    REQUIRE(user != std::string::npos);
    endpoint.replace(user, endpoint.find(' ', user) - user, "user=migrate_rehearser");
    fixture.trial.execute(
        "GRANT ALL ON SCHEMA public TO migrate_rehearser; DO $$ BEGIN EXECUTE format('GRANT ALL "
        "ON DATABASE %I TO migrate_rehearser', current_database()); END $$");
    std::string database = endpoint.substr(endpoint.find("dbname=") + 7);
    database = database.substr(0, database.find(' '));
    std::erase(database, '\'');
    const std::string passfile = fixture.directory.write_secret(
        "passfile", "*:*:" + database + ":migrate_rehearser:pw-of-a-rehearser\n");
    const std::vector<std::string> from{"migrate", "--from", fixture.source, "--rehearse-rollback", "--to"};
    auto by_file = from;
    by_file.push_back(endpoint + " passfile=" + passfile);
    auto by_uri = from;
    by_uri.insert(by_uri.end(), {endpoint + " password=pw-of-a-rehearser", "--allow-password-in-uri"});
    for (const auto& arguments : {by_file, by_uri}) {
        const CommandResult run = fixture.trial.run(arguments);
        INFO(run.out << run.err);
        CHECK(run.exit_code == 0);
        CHECK((run.out + run.err).find("pw-of-a-rehearser") == std::string::npos);
    }
    fixture.trial.execute("DROP OWNED BY migrate_rehearser; DROP ROLE migrate_rehearser");
}

TEST_CASE("rehearsal: code of others' schemas, settings of the database, and partitions are there",
          "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Fixture fixture(mode_of("postgresql", "new"));
    fixture.trial.execute(
        "DROP ROLE IF EXISTS migrate_app_owner; CREATE ROLE migrate_app_owner;"
        "CREATE SCHEMA app AUTHORIZATION migrate_app_owner;"
        "CREATE TABLE app.seen (what text);"
        "CREATE TABLE author (id bigint PRIMARY KEY, name text, born int) PARTITION BY RANGE (id);"
        "CREATE TABLE author_a PARTITION OF author FOR VALUES FROM (0) TO (20);"
        "CREATE TABLE author_b PARTITION OF author FOR VALUES FROM (20) TO (10000);"
        "CREATE TABLE book (id bigint PRIMARY KEY, author bigint REFERENCES author (id), title text);"
        "CREATE TABLE event (id bigint PRIMARY KEY, what text);"
        "INSERT INTO author VALUES (5, 'there', 1), (25, 'there', 2); INSERT INTO event VALUES (3, 'there');"
        "CREATE FUNCTION app.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN INSERT INTO "
        "seen "
        "VALUES (NEW.what); RETURN NULL; END';"
        "GRANT ALL ON app.seen TO migrate_app_owner; ALTER FUNCTION app.see() OWNER TO migrate_app_owner;"
        "CREATE TRIGGER see AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION app.see();"
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); "
        "END "
        "$$");
    const Contents before = fixture.trial.contents();
    const std::vector<std::string> load{"--on-existing", "load", "--on-conflict", "overwrite"};
    const CommandResult preview = fixture.rehearse(load);
    INFO(preview.out << preview.err);
    CHECK(preview.exit_code == 0);
    CHECK_THAT(preview.out, Catch::Contains("app.seen") && Catch::Contains("The rollback works: by revert"));
    auto execute = load;
    execute.emplace_back("--execute");
    const CommandResult run = fixture.rehearse(execute);
    INFO(run.out << run.err);
    REQUIRE(run.exit_code == 0);
    const CommandResult undone = fixture.trial.run({"rollback", fixture.trial.id(), "--execute"});
    INFO(undone.out << undone.err);
    CHECK(undone.exit_code == 0);
    CHECK(difference_of(before, fixture.trial.contents()).empty());
    fixture.trial.execute("DROP OWNED BY migrate_app_owner CASCADE; DROP ROLE migrate_app_owner");
}

TEST_CASE("rehearsal: rows refer to what is far away, and none is taken whose key cannot be told",
          "[fault][rehearsal]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("new.db"))
        .exec(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, code INTEGER);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO orders "
            "SELECT i, 4900 + i, 2 * i FROM n");
    const PgDatabase database;
    database.connect().exec(
        "CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer SELECT generate_series(1, 5000);"
        "CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer (id), code int);"
        "CREATE FUNCTION make_more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN CREATE TABLE IF NOT EXISTS "
        "made_by_trigger (i int); RETURN NULL; END';"
        "CREATE TRIGGER more AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION make_more()");
    const std::vector<std::string> arguments{
        "migrate",          "--from", directory.path("new.db"), "--to", "pg:" + database.conninfo(),
        "--on-existing",    "load",   "--on-conflict",          "stop", "--rehearse-rollback",
        "--rehearsal-rows", "20"};
    const CommandResult fails = run_cli(arguments);
    INFO(fails.out << fails.err);
    CHECK(fails.exit_code == 4);
    CHECK_THAT(fails.out, Catch::Contains("made_by_trigger"));
    // A key that leads to a generated column is not looked up: without rows nothing is said of the rows.
    database.connect().exec(
        "DROP TRIGGER more ON orders; CREATE TABLE twice (i int, code int GENERATED ALWAYS AS (i * 2) STORED "
        "UNIQUE); INSERT INTO twice SELECT generate_series(1, 100); ALTER TABLE orders ADD FOREIGN KEY "
        "(code) "
        "REFERENCES twice (code)");
    const CommandResult works = run_cli(arguments);
    INFO(works.out << works.err);
    CHECK(works.exit_code == 0);
    CHECK_THAT(works.out, Catch::Contains("rows of orders of the source") &&
                              Catch::Contains("works as far as it was rehearsed"));
}

}  // namespace migrate::test
