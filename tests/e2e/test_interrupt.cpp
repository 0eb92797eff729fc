#include <array>
#include <filesystem>
#include <thread>

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

void make_source(const std::string& path) {
    SqliteDatabase database(path);
    for (const std::string table : {"one", "two", "three"}) {
        database.exec("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, a TEXT, b REAL, c BLOB)");
        database.exec(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) INSERT INTO " +
            table + " SELECT i, 'row ' || i, i / 3.0, randomblob(50) FROM n");
    }
}

/// Ends it after the delay. Where it was too late the run is done and whole; else it says what goes on, and
/// `is_as_before` must hold. What had been begun by then is gone on with, to the end.
template <class AsBefore>
void interrupt_once(const std::vector<std::string>& arguments, int signal, std::chrono::milliseconds delay,
                    const std::string& state, AsBefore is_as_before) {
    CAPTURE(delay.count());
    Command command(cli(arguments), isolated({}, state));
    std::this_thread::sleep_for(delay);
    command.send(signal);

    const CommandResult result = command.wait();

    INFO("stdout: " << result.out << "\nstderr: " << result.err);
    // Before main has set up anything (later on a busy machine), a signal ends the process as it always does.
    const bool before_main = result.signal == signal && delay.count() < 500;
    if (before_main || result.exit_code != 0) {
        CHECK((before_main || result.exit_code == 3 || result.exit_code == 6));
        CHECK((before_main || result.err.find("migrate-cli: interrupted") != std::string::npos));
        CHECK(is_as_before());
    }
    if (result.exit_code == 6 && (result.out + result.err).find("resume") != std::string::npos) {
        const CommandResult resumed = Command(cli({"resume", "--last"}), isolated({}, state)).wait();
        INFO("stdout: " << resumed.out << "\nstderr: " << resumed.err);
        CHECK(resumed.exit_code == 0);
        CHECK_FALSE(is_as_before());
    }
}

constexpr std::array k_delays{10, 60, 120, 200, 300, 450, 650, 900, 1300};

}  // namespace

TEST_CASE("interrupt: Ctrl-C at any time leaves a SQLite target as it was", "[cli][bad-input][interrupt]") {
    const TemporaryDirectory directory;
    make_source(directory.path("source.db"));
    for (const int delay : k_delays) {
        fs::create_directories(directory.path("target"));
        SqliteDatabase(directory.path("target/there.db"))
            .exec("CREATE TABLE kept (a); INSERT INTO kept VALUES (7)");
        const auto before = file_tree(directory.path("target"));
        interrupt_once({"migrate", "--from", directory.path("source.db"), "--to",
                        directory.path("target/there.db"), "--execute"},
                       SIGINT, std::chrono::milliseconds(delay), directory.path(), [&] {
                           SqliteDatabase target(directory.path("target/there.db"));
                           return target.value("SELECT group_concat(name) FROM sqlite_schema") == "kept" &&
                                  target.value("SELECT sum(a) FROM kept") == "7" &&
                                  fs::exists(directory.path("target/there.db")) && before.size() == 1;
                       });
        fs::remove_all(directory.path("target"));
    }
}

TEST_CASE("interrupt: SIGTERM at any time leaves no half of an export", "[cli][bad-input][interrupt]") {
    const TemporaryDirectory directory;
    make_source(directory.path("source.db"));
    for (const int delay : k_delays) {
        fs::create_directories(directory.path("target"));
        interrupt_once({"migrate", "--from", directory.path("source.db"), "--to",
                        "json:" + directory.path("target/out/"), "--execute"},
                       SIGTERM, std::chrono::milliseconds(delay), directory.path(),
                       [&] { return !fs::exists(directory.path("target/out")); });
        fs::remove_all(directory.path("target"));
    }
}

TEST_CASE("interrupt: Ctrl-C at any time leaves a PostgreSQL target as it was",
          "[cli][bad-input][interrupt][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const TemporaryDirectory directory;
    make_source(directory.path("source.db"));
    for (const int delay : k_delays) {
        interrupt_once({"migrate", "--from", directory.path("source.db"), "--to",
                        "pg:" + database->conninfo(), "--execute"},
                       SIGINT, std::chrono::milliseconds(delay), directory.path(), [&] {
                           return database->connect().value(
                                      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                      "c.relnamespace WHERE n.nspname NOT IN ('pg_catalog', "
                                      "'information_schema', 'pg_toast') AND n.nspname !~ '^_migrate' AND "
                                      "c.relkind = 'r'") == "0";
                       });
        database->connect().exec("DROP TABLE IF EXISTS one, two, three");
        database->connect().exec("DROP SCHEMA IF EXISTS _migrate CASCADE");
    }
}

TEST_CASE("interrupt: a dry run that is interrupted exits 3", "[cli][interrupt]") {
    const TemporaryDirectory directory;
    make_source(directory.path("source.db"));
    // Held up by a lock, so that it is certain to be at work when the signal comes.
    SqliteDatabase other(directory.path("source.db"));
    other.exec("BEGIN EXCLUSIVE");
    Command command(cli({"migrate", "--from", directory.path("source.db"), "--to", directory.path("x.db")}),
                    isolated({}, directory.path()));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    command.send(SIGINT);

    const CommandResult result = command.wait();

    INFO(result.err);
    // Either the wait for the lock was given up, or the lock was not had in time.
    CHECK((result.exit_code == 3 || result.exit_code == 8));
    CHECK(result.err.find("interrupted") != std::string::npos);
}

TEST_CASE("interrupt: a second Ctrl-C ends at once", "[cli][interrupt]") {
    const TemporaryDirectory directory;
    make_source(directory.path("source.db"));
    SqliteDatabase other(directory.path("source.db"));
    other.exec("BEGIN EXCLUSIVE");
    Command command(cli({"migrate", "--from", directory.path("source.db"), "--to", directory.path("x.db")}),
                    isolated({}, directory.path()));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    command.send(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    command.send(SIGINT);

    const CommandResult result = command.wait();

    INFO(result.err);
    CHECK(result.exit_code == 3);
    CHECK_FALSE(fs::exists(directory.path("x.db")));
}

}  // namespace migrate::test
