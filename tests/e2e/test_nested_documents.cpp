// --layout documents of a database that never was JSON, by the command.

#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate::test;

namespace {

std::string make_source(const TemporaryDirectory& directory) {
    SqliteDatabase(directory.path("app.db"))
        .exec(
            "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE genre (id INTEGER PRIMARY KEY, up INTEGER REFERENCES genre (id));"
            "CREATE TABLE track (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist (id), genre "
            "INTEGER "
            "REFERENCES genre (id));"
            "INSERT INTO artist VALUES (1, 'a'); INSERT INTO genre VALUES (5, NULL);"
            "INSERT INTO track VALUES (1, 1, 5), (2, NULL, 5)");
    return directory.path("app.db");
}

}  // namespace

TEST_CASE("nested documents: the plan says which table stands where, and why", "[cli][nested-documents]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const std::vector<std::string> command{
        "migrate", "--from", source, "--to", "json:" + directory.path("out/"), "--layout", "documents"};
    const CommandResult plan = run_cli(command);
    require_success(plan);
    CHECK(plan.out.find(
              "table track: its rows stand in those of artist, as the member \"track\", by artist: it "
              "is the first of its foreign keys; references stay: genre.") != std::string::npos);
    CHECK(plan.out.find("table genre: it is documents of its own: up: it refers to rows of its own table") !=
          std::string::npos);
    std::vector<std::string> chosen = command;
    chosen.insert(chosen.end(), {"--nest", "track:genre", "--json"});
    const CommandResult json = run_cli(chosen);
    require_success(json);
    bool found = false;
    const rapidjson::Document document = json_of(json.out);
    for (const auto& finding : document["findings"].GetArray()) {
        const std::string message = finding["message"].GetString();
        found =
            found || (finding["code"] == "nested" && message.find("those of genre") != std::string::npos &&
                      message.find("as asked; references stay") == std::string::npos);
    }
    CHECK(found);
}

TEST_CASE("nested documents: wishes are followed, and those that make no sense refused",
          "[cli][nested-documents]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const auto migrate = [&](const std::string& nest) {
        return run_cli({"migrate", "--from", source, "--to", "json:" + directory.path("out/"), "--layout",
                        "documents", "--nest", nest, "--execute"});
    };
    require_one_error(migrate("track"), 2);
    require_one_error(migrate("track:nothing"), 3);
    require_one_error(migrate("artist:genre"), 3);
    CHECK_FALSE(std::filesystem::exists(directory.path("out")));
    require_success(migrate("track:-"));
    CHECK(std::filesystem::exists(directory.path("out/track.json")));
    require_success(run_cli({"check", "json:" + directory.path("out")}));
    require_success(run_cli({"verify", "--from", source, "--to", "json:" + directory.path("out")}));
}
