#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

std::string rows_of(const TemporaryDirectory& directory, int rows) {
    const std::string path = directory.path("rows.db");
    SqliteDatabase database(path);
    database.exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b REAL);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(rows) + ") INSERT INTO t SELECT i, i % 7, i / 4.0 FROM n");
    return path;
}

/// A state directory of its own, so that nothing is known of earlier runs.
struct Place {
    TemporaryDirectory directory;

    CommandResult migrate(const std::string& from, const std::string& to,
                          const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"migrate", "--from", from, "--to", to};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return Command(cli(arguments), isolated({}, directory.path())).wait();
    }
};

/// The events among the lines of standard error.
std::vector<rapidjson::Document> events_of(const std::string& err) {
    std::vector<rapidjson::Document> events;
    std::istringstream lines(err);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("{")) {
            events.emplace_back().Parse(line.c_str());
            INFO(line);
            REQUIRE(events.back().IsObject());
        }
    }
    return events;
}

}  // namespace

TEST_CASE("cli: a plan says what its estimate is made of, and learns from runs", "[cli][estimate]") {
    const Place place;
    const std::string from = rows_of(place.directory, 60'000);

    const std::string to = place.directory.path("to.db");
    const CommandResult first = place.migrate(from, to, {});
    require_success(first);
    CHECK(first.out.find("reading measured: ") != std::string::npos);
    CHECK(first.out.find("no run of these engines is known here") != std::string::npos);

    const CommandResult run = place.migrate(from, to, {"--execute"});
    require_success(run);
    CHECK(run.out.find("\nEstimated: ") != std::string::npos);
    CHECK(run.out.find(" times as long)\n") != std::string::npos);

    const CommandResult second = place.migrate(from, place.directory.path("other.db"), {});
    require_success(second);
    CHECK(second.out.find("as in the last run of these engines here") != std::string::npos);

    const CommandResult other = place.migrate(from, "json:" + place.directory.path("out/"), {});
    CHECK(other.out.find("as in the last run") == std::string::npos);
}

TEST_CASE("cli: --progress json tells events with the time that is left", "[cli][estimate][progress]") {
    const Place place;
    const CommandResult result =
        place.migrate(rows_of(place.directory, 60'000), place.directory.path("to.db"),
                      {"--execute", "--json", "--progress", "json"});
    require_success(result);
    bool loads = false;
    std::int64_t elapsed = 0;
    const auto events = events_of(result.err);
    for (const rapidjson::Document& event : events) {
        CHECK(event["elapsed_ms"].GetInt64() >= elapsed);
        elapsed = event["elapsed_ms"].GetInt64();
        const std::string phase = event["phase"].GetString();
        if (phase == "load" && std::string(event["event"].GetString()) == "progress") {
            loads = true;
            CHECK(event["remaining_ms"].IsInt64());
            CHECK(std::string(event["table"].GetString()) == "t");
        }
    }
    CHECK(loads);
    REQUIRE_FALSE(events.empty());
    CHECK(std::string(events.back()["phase"].GetString()) == "done");
    CHECK(events.back()["remaining_ms"].GetInt64() == 0);

    rapidjson::Document document;
    document.Parse(result.out.c_str());
    CHECK(document["estimated_duration_ms"].GetInt64() > 0);
    CHECK(std::string(document["estimate_basis"].GetString()).find("assumed") != std::string::npos);
    bool beside = false;
    for (const auto& phase : document["phases"].GetArray()) {
        beside =
            beside || (std::string(phase["phase"].GetString()) == "load" && phase.HasMember("estimated_ms"));
    }
    CHECK(beside);
}

TEST_CASE("cli: --progress none says nothing of progress, and an unknown word is refused",
          "[cli][estimate][progress]") {
    const Place place;
    const std::string from = rows_of(place.directory, 100);
    const CommandResult none =
        place.migrate(from, place.directory.path("to.db"), {"--execute", "--progress", "none"});
    require_success(none);
    CHECK(none.err.empty());
    CHECK(place.migrate(from, place.directory.path("to.db"), {"--progress", "loud"}).exit_code == 2);
}

}  // namespace migrate::test
