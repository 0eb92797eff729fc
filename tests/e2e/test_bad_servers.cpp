#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

std::string small_database(const TemporaryDirectory& directory) {
    const std::string path = directory.path("source.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT NOT NULL);"
        "INSERT INTO album VALUES (1, 'one'), (2, 'two')");
    return path;
}

/// Every table with its rows, so that two of them are equal where nothing has changed.
std::string content_of(PgDatabase& database) {
    return database.connect().value(
        "SELECT string_agg(n.nspname || '.' || c.relname || ' ' || c.relkind::text, ',' ORDER BY 1) || "
        "(SELECT count(*) FROM pg_namespace) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')");
}

/// A role of its own, gone at the end.
class Role {
  public:
    Role(const std::string& name, const std::string& attributes) : m_name(name) {
        PgConnection admin(*pg_test_conninfo());
        admin.exec("DROP ROLE IF EXISTS " + name);
        admin.exec("CREATE ROLE " + name + " LOGIN " + attributes);
    }
    ~Role() {
        try {
            PgConnection(*pg_test_conninfo()).exec("DROP ROLE " + m_name);
        } catch (const std::exception&) {  // it still owns something: the cluster goes anyway
        }
    }
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;

  private:
    std::string m_name;
};

/// The database's conninfo with another user; later settings win.
std::string as_user(const PgDatabase& database, const std::string& user) {
    return "pg:" + database.conninfo() + " user=" + user;
}

CommandResult migrate_into(const std::string& source, const std::string& target,
                           CommandOptions options = {}) {
    options.environment.emplace("PGCONNECT_TIMEOUT", "5");
    return run_cli({"migrate", "--from", source, "--to", target, "--execute"}, options);
}

}  // namespace

TEST_CASE("bad input: a host that does not exist", "[cli][bad-input][pg]") {
    const TemporaryDirectory directory;

    const CommandResult result =
        migrate_into(small_database(directory), "postgresql://app@no-such-host.invalid/app");

    require_one_error(result, 7);
    CHECK(result.err.find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE("bad input: a server that does not run", "[cli][bad-input][pg]") {
    const TemporaryDirectory directory;

    const CommandResult result =
        migrate_into(small_database(directory), "pg:host=" + directory.path() + " dbname=app user=app");

    require_one_error(result, 7);
    CHECK(result.err.find(directory.path()) != std::string::npos);
}

TEST_CASE("bad input: a database that does not exist", "[cli][bad-input][pg]") {
    if (!pg_test_conninfo()) {
        WARN("skipped: MIGRATE_TEST_PG does not name a PostgreSQL cluster");
        return;
    }
    const TemporaryDirectory directory;

    const CommandResult result = migrate_into(
        small_database(directory), "pg:" + pg_conninfo_for(*pg_test_conninfo(), "no_such_database"));

    require_one_error(result, 7);
    CHECK(result.err.find("no_such_database") != std::string::npos);
}

TEST_CASE("bad input: a wrong password", "[cli][bad-input][pg][security]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec("DO $$ BEGIN CREATE ROLE migrate_password; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    const Role role("migrate_e2e_secret", "PASSWORD 'right' IN ROLE migrate_password");
    const TemporaryDirectory directory;
    const std::string before = content_of(*database);
    CommandOptions options;
    options.environment = {{"PGPASSWORD", "canary-wrong-8812"}};

    const CommandResult result =
        migrate_into(small_database(directory), as_user(*database, "migrate_e2e_secret"), options);

    require_one_error(result, 7);
    CHECK(result.err.find("migrate_e2e_secret") != std::string::npos);
    CHECK((result.out + result.err).find("canary") == std::string::npos);
    CHECK(content_of(*database) == before);
}

TEST_CASE("config: the password of a named endpoint reaches the server", "[cli][config][pg][security]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec("DO $$ BEGIN CREATE ROLE migrate_password; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    const Role role("migrate_e2e_named", "PASSWORD 'canary-right' IN ROLE migrate_password");
    const TemporaryDirectory directory;
    const std::string secret = directory.write("secret", "canary-right\n");
    fs::permissions(secret, fs::perms::owner_read);
    const std::string uri = "    uri: \"" + as_user(*database, "migrate_e2e_named") + "\"\n";
    directory.write("migrate.yaml", "endpoints:\n  by_file:\n" + uri + "    password_file: " + secret +
                                        "\n  by_variable:\n" + uri + "    password_env: E2E_SECRET\n");
    CommandOptions options;
    options.directory = directory.path();
    options.environment = {{"E2E_SECRET", "canary-right"}};

    for (const std::string name : {"by_file", "by_variable"}) {
        const CommandResult result = run_cli({"check", name, "--log-level", "debug"}, options);

        require_success(result);
        CHECK((result.out + result.err).find("canary") == std::string::npos);
    }
}

TEST_CASE("cli: a password is in nothing that is written", "[cli][pg][security]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec("DO $$ BEGIN CREATE ROLE migrate_password; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    const Role role("migrate_e2e_canary", "SUPERUSER PASSWORD 'canary4417' IN ROLE migrate_password");
    const TemporaryDirectory directory;
    const TemporaryDirectory home;
    const std::string target = as_user(*database, "migrate_e2e_canary");
    CommandOptions options = isolated({}, home.path());
    options.environment["PGPASSWORD"] = "canary4417";
    std::string said;
    const auto run = [&](std::vector<std::string> arguments) {
        const CommandResult result = Command(cli(arguments), options).wait();
        said += result.out + result.err;
        return result.exit_code;
    };
    const std::string source = small_database(directory);

    CHECK(run({"migrate", "--from", source, "--to", target, "--save-plan", home.path("plan")}) == 0);
    CHECK(run({"migrate", "--plan", home.path("plan"), "--execute", "--log-level", "debug"}) == 0);
    CHECK(run({"migrate", "--from", source, "--to", target, "--execute", "--json"}) == 3);
    CHECK(run({"verify", "--from", target, "--to", source, "--json"}) == 0);
    CHECK(run({"check", target + " password=canary4417", "--allow-password-in-uri", "--verbose"}) == 0);
    CHECK(run({"history"}) == 0);
    CHECK(run({"status", "--json"}) == 0);

    for (const auto& [name, bytes] : file_tree(home.path())) {
        said += bytes;
    }
    CHECK(said.find("canary4417") == std::string::npos);
    CHECK(database->connect().value(
              "SELECT count(*) FROM _migrate.migration m WHERE m::text LIKE '%canary4417%'") == "0");
}

TEST_CASE("bad input: a role that may not create", "[cli][bad-input][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const Role role("migrate_e2e_reader", "");
    database->connect().exec("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const TemporaryDirectory directory;
    const std::string before = content_of(*database);

    const CommandResult result =
        migrate_into(small_database(directory), as_user(*database, "migrate_e2e_reader"));

    CHECK((result.exit_code == 7 || result.exit_code == 3));
    require_one_error(result, result.exit_code);
    CHECK(content_of(*database) == before);
}

TEST_CASE("bad input: a server that only reads", "[cli][bad-input][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec("ALTER DATABASE " + database->name() + " SET default_transaction_read_only = on");
    const TemporaryDirectory directory;
    const std::string before = content_of(*database);

    const CommandResult result = migrate_into(small_database(directory), "pg:" + database->conninfo());

    CHECK((result.exit_code == 7 || result.exit_code == 3));
    require_one_error(result, result.exit_code);
    CHECK(content_of(*database) == before);
}

TEST_CASE("bad input: a table that the target already has", "[cli][bad-input][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    database->connect().exec("CREATE TABLE album (id int); INSERT INTO album VALUES (41), (42)");
    const TemporaryDirectory directory;
    const std::string before = content_of(*database);

    const CommandResult result = migrate_into(small_database(directory), "pg:" + database->conninfo());

    require_one_error(result, 3);
    CHECK(result.err.find("album") != std::string::npos);
    CHECK(content_of(*database) == before);
    CHECK(database->connect().value("SELECT sum(id) FROM album") == "83");
}

TEST_CASE("bad input: source and target are the same database of a server", "[cli][bad-input][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    database->connect().exec("CREATE TABLE album (id int)");
    const std::string before = content_of(*database);

    require_one_error(migrate_into("pg:" + database->conninfo(), "pg:" + database->conninfo()), 3);
    CHECK(content_of(*database) == before);
}

}  // namespace migrate::test
