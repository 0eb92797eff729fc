#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Rows that point to no row: told by whoever plans, found by whoever runs.
namespace migrate::test {
namespace {

struct Orphans {
    TemporaryDirectory directory;
    std::string from = directory.path("from.db");

    Orphans() {
        SqliteDatabase(from).exec(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, "
            "parent "
            "INTEGER REFERENCES parent (id)); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, "
            "1), (2, "
            "7)");
    }
    CommandResult run(const std::string& to, const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"migrate", "--from", from, "--to", directory.path(to), "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return Command(cli(arguments), isolated({}, directory.path())).wait();
    }
};

}  // namespace

TEST_CASE("orphans: a plan counts them, and a run that nobody has planned finds them", "[cli][orphans]") {
    const std::string to = GENERATE(as<std::string>(), "new.db", "dir/");
    const Orphans orphans;
    const CommandResult plan = orphans.run(to, {});
    CHECK(plan.exit_code == (to == "new.db" ? 5 : 0));
    CHECK(plan.out.find("orphans-at-source") != std::string::npos);
    const CommandResult result = orphans.run(to, {"--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 5);
    CHECK(count_of(result.out, "orphans") == 1);
}

TEST_CASE("orphans: where they are to stop a run, it is refused before anything is written",
          "[cli][orphans]") {
    const Orphans orphans;
    const CommandResult result = orphans.run("new.db", {"--execute", "--on-orphan", "stop"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.out.find("orphans-at-source") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(orphans.directory.path("new.db")));
}

}  // namespace migrate::test
