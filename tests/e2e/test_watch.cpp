#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

/// Held back, so that it is still under way when it is looked at.
struct SlowMigration {
    TemporaryDirectory directory;
    CommandOptions options = isolated({}, directory.path("state"));
    std::unique_ptr<Command> run;
    std::string first;  ///< What is shown of it as it begins.

    SlowMigration() {
        SqliteDatabase(directory.path("a.db"))
            .exec(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL "
                "SELECT i + 1 FROM i WHERE i < 3000) INSERT INTO t SELECT i, 'v' FROM i");
        run = std::make_unique<Command>(cli({"migrate", "--from", directory.path("a.db"), "--to",
                                             directory.path("b.db"), "--execute", "--max-rate", "1500rows"}),
                                        options);
        for (int i = 0; i < 100 && first.find("loading") == std::string::npos; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            first = Command(cli({"status"}), options).wait().out;
        }
        REQUIRE(first.find("loading") != std::string::npos);
    }
};

}  // namespace

TEST_CASE("watch: a migration is shown until it has ended", "[cli][watch]") {
    const SlowMigration slow;
    const CommandResult watched = Command(cli({"status", "--watch"}), slow.options).wait();
    require_success(slow.run->wait());
    require_success(watched);
    CHECK(watched.out.find(": done") != std::string::npos);
    CHECK(watched.out.size() > slow.first.size());
    // One that has ended is shown, and that is all.
    const CommandResult ended = Command(cli({"status", "--watch", "--json"}), slow.options).wait();
    require_success(ended);
    CHECK(std::string(json_of(ended.out)["migration"]["state"].GetString()) == "done");
}

TEST_CASE("watch: Ctrl-C ends the looking, not the migration", "[cli][watch]") {
    const SlowMigration slow;
    Command watch(cli({"status", "--watch"}), slow.options);
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    watch.send(SIGINT);
    const CommandResult result = watch.wait();
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(result.out.find("loading") != std::string::npos);
    CHECK(result.out.find(": done") == std::string::npos);
    require_success(slow.run->wait());
}

}  // namespace migrate::test
