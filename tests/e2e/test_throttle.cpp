#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

void make_source(const std::string& path, int rows) {
    SqliteDatabase database(path);
    for (const std::string table : {"one", "two", "three"}) {
        database.exec("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, a TEXT, b REAL)");
        database.exec("CREATE INDEX " + table + "_a ON " + table + " (a)");
        database.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                      std::to_string(rows) + ") INSERT INTO " + table +
                      " SELECT i, 'row ' || i, i / 3.0 FROM n");
    }
}

/// Looks all the time how many sessions of the command there are in these databases of one server, which
/// others may use as well.
class SessionWatch {
  public:
    SessionWatch(const PgDatabase& database, const PgDatabase& other) : m_connection(database.connect()) {
        const std::string databases = "('" + database.name() + "', '" + other.name() + "')";
        m_thread = std::jthread([this, databases](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                // What the server starts by itself, as to build an index, is no session of ours.
                const std::string open = m_connection.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migrate-cli' AND "
                    "backend_type = 'client backend' AND datname IN " +
                    databases);
                m_most = std::max(m_most, std::stoi(open));
            }
        });
    }
    int most() {
        m_thread = {};
        return m_most;
    }

  private:
    PgConnection m_connection;
    int m_most = 0;
    std::jthread m_thread;
};

/// Waits until it has said this on standard error.
bool has_said(const Command& command, const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (command.said().find(text) == std::string::npos) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// A run into PostgreSQL that is slow enough to be held up in its load.
struct SlowRun {
    explicit SlowRun(const PgDatabase& database) : m_watching(database.connect()) {
        make_source(directory.path("source.db"), 10000);
        command = std::make_unique<Command>(
            cli({"migrate", "--from", directory.path("source.db"), "--to", "pg:" + database.conninfo(),
                 "--execute", "--chunk-rows", "500", "--max-rate", "20000rows", "--source-backup", "never"}),
            isolated({}, directory.path()));
    }

    int chunks() { return std::stoi(m_watching.value("SELECT count(*) FROM _migrate.checkpoint")); }
    int transactions() {
        return std::stoi(
            m_watching.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                             "'migrate-cli' AND xact_start IS NOT NULL AND datname = current_database()"));
    }
    /// Waits for the first chunks, and pauses.
    void pause_in_load() {
        REQUIRE(wait_for_chunks());
        command->send(SIGUSR1);
        INFO(command->said());
        REQUIRE(has_said(*command, "load: paused"));
    }

    TemporaryDirectory directory;
    std::unique_ptr<Command> command;

  private:
    bool wait_for_chunks() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < deadline) {
            if (m_watching.value("SELECT to_regclass('_migrate.checkpoint') IS NOT NULL") == "t" &&
                chunks() > 1) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }

    PgConnection m_watching;
};

std::string rows_of(const PgDatabase& database) {
    return database.connect().value(
        "SELECT (SELECT count(*) FROM one) + (SELECT count(*) FROM two) + (SELECT count(*) FROM three)");
}

}  // namespace

TEST_CASE("throttle: a rate that says neither rows nor bytes is a usage error", "[cli][throttle]") {
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 10);
    for (const char* rate : {"20", "20M", "rows", "-5rows", "0rows", "0MB", "20XB", "5000 rows"}) {
        CAPTURE(rate);
        const CommandResult result = run_cli({"migrate", "--from", directory.path("a.db"), "--to",
                                              directory.path("b.db"), "--max-rate", rate});
        require_one_error(result, 2);
        CHECK(result.err.find("--max-rate") != std::string::npos);
    }
}

TEST_CASE("throttle: rates of rows and of bytes are taken, and everything arrives", "[cli][throttle]") {
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 500);
    int run = 0;
    for (const char* rate : {"5000rows", "5000rows/s", "1MB", "500kB/s", "1GiB", "100000B"}) {
        CAPTURE(rate);
        const std::string target = directory.path("b" + std::to_string(++run) + ".db");
        const CommandResult result = run_cli(
            {"migrate", "--from", directory.path("a.db"), "--to", target, "--execute", "--max-rate", rate});
        require_success(result);
        CHECK(SqliteDatabase(target).value("SELECT count(*) FROM three") == "500");
    }
}

TEST_CASE("throttle: limits can stand in the configuration and the environment", "[cli][throttle][config]") {
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 10);
    directory.write("migrate.yaml", "defaults:\n  max-rate: 5000rows\n  max-connections: 7\n");
    CommandOptions options;
    options.directory = directory.path();
    const CommandResult file = run_cli({"config", "show"}, options);
    CHECK(file.out.find("5000rows") != std::string::npos);
    options.environment["MIGRATE_MAX_RATE"] = "fast";
    const CommandResult environment = run_cli({"migrate", "--from", "a.db", "--to", "b.db"}, options);
    require_one_error(environment, 2);
    CHECK(environment.err.find("MIGRATE_MAX_RATE") != std::string::npos);
}

TEST_CASE("throttle: fewer connections than a run needs are a usage error, in a dry run too",
          "[cli][throttle][pg]") {
    const auto database = make_pg_database();
    const auto other = make_pg_database();
    if (!database || !other) {
        return;
    }
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 10);
    const std::string server = "pg:" + database->conninfo();
    const auto refused = [&](std::vector<std::string> arguments, const char* few, const std::string& least) {
        CAPTURE(arguments, few);
        arguments.insert(arguments.end(), {"--max-connections", few});
        const CommandResult result = run_cli(arguments);
        require_one_error(result, 2);
        CHECK(result.err.find("needs " + least + " sessions") != std::string::npos);
        CHECK(result.err.find("at least " + least + " with --max-connections") != std::string::npos);
    };
    refused({"migrate", "--from", directory.path("a.db"), "--to", server}, "2", "3");
    refused({"migrate", "--from", directory.path("a.db"), "--to", server, "--execute"}, "1", "3");
    refused({"migrate", "--from", server, "--to", directory.path("b.db"), "--execute"}, "1", "2");
    refused({"migrate", "--from", server, "--to", "pg:" + other->conninfo()}, "4", "5");
    refused({"verify", "--from", server, "--to", "pg:" + other->conninfo()}, "3", "4");
    CHECK_FALSE(fs::exists(directory.path("b.db")));
}

TEST_CASE("throttle: a run never has more sessions at a server than it may", "[cli][throttle][pg]") {
    const auto database = make_pg_database();
    const auto other = make_pg_database();
    if (!database || !other) {
        return;
    }
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 20000);
    const std::string server = "pg:" + database->conninfo();
    const auto watched = [&](std::vector<std::string> arguments, const std::string& most) {
        CAPTURE(arguments, most);
        arguments.insert(arguments.end(), {"--workers", "6", "--max-connections", most});
        SessionWatch watch(*database, *other);
        const CommandResult result = run_cli(arguments);
        const int seen = watch.most();
        require_success(result);
        CHECK(seen <= std::stoi(most));
        CHECK(seen >= 1);
    };
    const std::string chunks = "3000";
    watched(
        {"migrate", "--from", directory.path("a.db"), "--to", server, "--execute", "--chunk-rows", chunks},
        "3");
    watched(
        {"migrate", "--from", server, "--to", directory.path("b.db"), "--execute", "--chunk-rows", chunks},
        "2");
    watched(
        {"migrate", "--from", server, "--to", "pg:" + other->conninfo(), "--execute", "--chunk-rows", chunks},
        "5");
    watched({"verify", "--from", server, "--to", "pg:" + other->conninfo()}, "4");
    watched({"verify", "--from", directory.path("a.db"), "--to", server}, "2");
}

TEST_CASE("throttle: SIGUSR1 pauses between chunks, SIGUSR2 goes on, and everything arrives",
          "[cli][throttle][pause][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    SlowRun run(*database);
    run.pause_in_load();
    // At rest: no transaction waits at the target, and no chunk is added.
    CHECK(run.transactions() == 0);
    const int chunks = run.chunks();
    CHECK(chunks < 60);
    CHECK(has_said(*run.command, "load, paused: "));
    CHECK(run.chunks() == chunks);
    run.command->send(SIGUSR2);

    const CommandResult result = run.command->wait();

    require_success(result);
    CHECK(result.err.find("kill -USR2") != std::string::npos);
    CHECK(result.err.find("going on") != std::string::npos);
    CHECK(rows_of(*database) == "30000");
}

TEST_CASE("throttle: Ctrl-C ends a run that is paused, and resume does the rest",
          "[cli][throttle][pause][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    SlowRun run(*database);
    run.pause_in_load();
    run.command->send(SIGINT);

    const CommandResult result = run.command->wait();

    INFO("stdout: " << result.out << "\nstderr: " << result.err);
    CHECK(result.exit_code == 6);
    CHECK(result.err.find("interrupted") != std::string::npos);
    const CommandResult resumed =
        Command(cli({"resume", "--last", "--max-connections", "3"}), isolated({}, run.directory.path()))
            .wait();
    require_success(resumed);
    CHECK(rows_of(*database) == "30000");
}

namespace {

/// The milliseconds of work at each stage of a run, by the JSON of its result.
std::map<std::string, std::uint64_t> stages_of(const CommandResult& result) {
    require_success(result);
    const auto json = json_of(result.out);
    std::map<std::string, std::uint64_t> stages;
    for (const auto& stage : json["stages"].GetArray()) {
        stages[stage["stage"].GetString()] = stage["busy_ms"].GetUint64();
        CHECK(stage["threads"].GetUint() >= 1);
        // Two workers, and whoever waits for them.
        CHECK(stage["threads"].GetUint() <= 3);
        CHECK(stage["waiting_ms"].IsUint64());
    }
    CHECK((json["bottleneck"].IsNull() || json["bottleneck"]["message"].IsString()));
    return stages;
}

}  // namespace

TEST_CASE("throttle: where the time went is in the JSON of a run, into every engine", "[cli][stages][pg]") {
    const auto database = make_pg_database();
    const TemporaryDirectory directory;
    make_source(directory.path("a.db"), 20000);
    std::vector<std::string> targets{directory.path("b.db"), "json:" + directory.path("out/")};
    if (database) {
        targets.push_back("pg:" + database->conninfo());
    }
    for (const std::string& target : targets) {
        CAPTURE(target);
        const auto stages = stages_of(run_cli({"migrate", "--from", directory.path("a.db"), "--to", target,
                                               "--execute", "--json", "--workers", "2"}));
        // Each writer tells its parts from each other.
        CHECK(stages.at("encode") > 0);
        for (const char* stage : {"read", "send", "map", "target", "index", "verify"}) {
            CHECK(stages.contains(stage));
        }
        CHECK_FALSE(stages.contains("held"));
    }
}

}  // namespace migrate::test
