#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

TEST_CASE("cli: --version names the tool and what it stands on", "[cli][options]") {
    const CommandResult result = run_cli({"--version"});

    require_success(result);
    for (const char* name : {"migrate-cli ", "SQLite 3.", "libpq ", "SOCI "}) {
        CHECK(count_of(result.out, name) == 1);
    }
    CHECK(result.err.empty());
}

TEST_CASE("cli: help lists the commands that are offered, and no other", "[cli][options]") {
    const CommandResult result = run_cli({"--help"});

    require_success(result);
    for (const char* name : {"migrate", "verify", "diff", "check", "status", "history", "cutover", "finalize",
                             "abandon", "rollback", "resume", "dead-letters", "audit", "report", "config"}) {
        CHECK(result.out.find(std::string("\n  ") + name + " ") != std::string::npos);
    }
    CHECK(result.out.find("\n  sync") == std::string::npos);
}

TEST_CASE("cli: each command has help with examples", "[cli][options]") {
    for (const std::string name :
         {"migrate", "verify", "diff", "check", "status", "history", "cutover", "finalize", "abandon",
          "rollback", "resume", "dead-letters", "audit", "report", "config"}) {
        const CommandResult result = run_cli({name, "--help"});

        require_success(result);
        CHECK(result.out.find("Usage: migrate-cli " + name) == 0);
        CHECK(result.out.find("\nExamples:\n  migrate-cli " + name) != std::string::npos);
    }
}

TEST_CASE("cli: a misspelled command or option suggests the real one", "[cli][options]") {
    struct Case {
        std::vector<std::string> arguments;
        std::string suggestion;
    };
    const std::vector<Case> cases{
        {{"migarte"}, "did you mean migrate?"},
        {{"migrate", "--form", "a.db"}, "did you mean --from?"},
        {{"migrate", "--exec"}, "did you mean --execute?"},
        {{"verify", "--levle", "basic"}, "did you mean --level?"},
        {{"migrate", "--level", "standart"}, "did you mean standard?"},
        {{"migrate", "--from", "json:a/", "--to", "b.db", "--skip", "view"}, "did you mean views?"},
        {{"config", "shwo"}, "did you mean show?"},
    };
    for (const Case& one : cases) {
        const CommandResult result = run_cli(one.arguments);

        require_one_error(result, 2);
        CHECK(result.err.find(one.suggestion) != std::string::npos);
        CHECK(result.out.empty());
    }
}

TEST_CASE("cli: what cannot be meant is a usage error", "[cli][options]") {
    const std::vector<std::vector<std::string>> cases{
        {},
        {"--json"},
        {"migrate"},
        {"migrate", "--from", "a.db"},
        {"migrate", "a.db", "b.db"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--execute", "--preview"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--execute", "--dry-run"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--memory", "much"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--memory", "1M"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--chunk-rows", "0"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--chunk-rows", "-1"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--workers", "65"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--type", "nonsense"},
        {"migrate", "--from", "a.db", "--to", "b.db", "--type", "t.c=nonsense"},
        {"migrate", "--plan", "a.plan", "--level", "basic"},
        {"migrate", "--from", "a.db", "--level"},
        {"check", "a.db", "b.db"},
        {"cutover"},
        {"config"},
        {"config", "set-default"},
        {"config", "set-default", "execute", "true"},
    };
    for (const auto& arguments : cases) {
        CAPTURE(arguments);
        const CommandResult result = run_cli(arguments);

        CHECK(result.exit_code == 2);
        CHECK(count_of("\n" + result.err, "\nmigrate-cli: ") == 1);
        CHECK((result.out.empty() || arguments == std::vector<std::string>{"--json"}));
    }
}

TEST_CASE("cli: an option about JSON is refused where no side is JSON", "[cli][options]") {
    const CommandResult result =
        run_cli({"verify", "--from", "sqlite:a.db", "--to", "sqlite:b.db", "--nested", "json"});

    require_one_error(result, 2);
    CHECK(result.err.find("--nested") != std::string::npos);
}

TEST_CASE("cli: with --json an error is one document on standard output, too", "[cli][options][json]") {
    const CommandResult result = run_cli({"migrate", "--form", "x", "--json"});

    REQUIRE(result.exit_code == 2);
    const rapidjson::Document document = json_of(result.out);
    CHECK(std::string(document["command"].GetString()) == "migrate");
    CHECK(document["exit_code"].GetInt() == 2);
    CHECK(std::string(document["error"]["code"].GetString()) == "usage");
    CHECK(std::string(document["error"]["next_step"].GetString()) == "did you mean --from?");
}

TEST_CASE("cli: a password on the command line is refused and not repeated", "[cli][options][security]") {
    for (const std::string uri :
         {"postgresql://app:canary7391@localhost/app", "postgresql://app@localhost/app?password=canary7391",
          "pg:host=localhost password=canary7391 dbname=app"}) {
        const CommandResult result = run_cli({"check", uri, "--json"});

        require_one_error(result, 2);
        CHECK((result.out + result.err).find("canary7391") == std::string::npos);
        CHECK(result.err.find(".pgpass") != std::string::npos);
    }
}

TEST_CASE("cli: output that cannot be written is an error", "[cli][options]") {
    CommandOptions options;
    options.wrapper = {"sh", "-c", "exec \"$0\" \"$@\" > /dev/full"};

    const CommandResult result = run_cli({"config", "show"}, options);

    CHECK(result.exit_code == 6);
    CHECK(result.err.find("standard output") != std::string::npos);
}

}  // namespace migrate::test
