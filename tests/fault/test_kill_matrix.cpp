#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_trial.hpp"
#include "support/random.hpp"

/// Every pair of engines, killed at every named point, killed again while it is taken up, and taken up once
/// more: what is then in the target is what an uninterrupted run leaves. scripts/reliability makes a table of
/// it.
namespace migrate::test {
namespace {

/// True where the point is on this way, so that the run was killed.
bool kill_and_resume(KillTrial trial, const std::string& point, Random& random) {
    if (!trial.begin({point})) {
        return false;
    }
    const std::string second(random.pick(kill_points()));
    INFO("and again at " << second);
    if (trial.go_on({second})) {
        REQUIRE_FALSE(trial.go_on({}));
    }
    return true;
}

/// A line for each cell, where a file for them is named.
void note_cell(const std::string& from, const std::string& to, const std::string& point, bool was_killed) {
    if (const char* const path = std::getenv("MIGRATE_KILL_MATRIX")) {
        std::ofstream(path, std::ios::app)
            << point << '|' << from << '|' << to << '|' << (was_killed ? "killed" : "not on the way") << '\n';
    }
}

void run_pair(const std::string& from, const std::string& to) {
    const auto source = KillSource::make(from);
    if (!source || (to == "postgresql" && !pg_test_conninfo())) {
        return;
    }
    // The second kills differ from pair to pair, and are the same in every run.
    Random random(std::hash<std::string>()(from + to));
    std::vector<std::string> passed;
    for (const bool with_other_data : {false, true}) {
        for (const std::string& point : kill_points()) {
            const bool was_killed = kill_and_resume(KillTrial(*source, to, with_other_data), point, random);
            note_cell(from, to, point, was_killed);
            if (was_killed) {
                passed.push_back(point);
            }
        }
    }
    for (const char* point :
         {"staging-begin", "staging-begun", "chunk-begun", "chunk-written", "chunk-recorded",
          "chunk-committed", "loaded", "build-step", "verified", "ready", "cutover", "cutover-done"}) {
        INFO(point);
        CHECK(std::count(passed.begin(), passed.end(), point) == 2);
    }
}

}  // namespace

TEST_CASE("fault: SQLite to SQLite survives being killed anywhere", "[fault][slow]") {
    run_pair("sqlite", "sqlite");
}
TEST_CASE("fault: SQLite to PostgreSQL survives being killed anywhere", "[fault][postgresql][slow]") {
    run_pair("sqlite", "postgresql");
}
TEST_CASE("fault: SQLite to JSON survives being killed anywhere", "[fault][slow]") {
    run_pair("sqlite", "json");
}
TEST_CASE("fault: PostgreSQL to SQLite survives being killed anywhere", "[fault][postgresql][slow]") {
    run_pair("postgresql", "sqlite");
}
TEST_CASE("fault: PostgreSQL to PostgreSQL survives being killed anywhere", "[fault][postgresql][slow]") {
    run_pair("postgresql", "postgresql");
}
TEST_CASE("fault: PostgreSQL to JSON survives being killed anywhere", "[fault][postgresql][slow]") {
    run_pair("postgresql", "json");
}
TEST_CASE("fault: JSON to SQLite survives being killed anywhere", "[fault][slow]") {
    run_pair("json", "sqlite");
}
TEST_CASE("fault: JSON to PostgreSQL survives being killed anywhere", "[fault][postgresql][slow]") {
    run_pair("json", "postgresql");
}
TEST_CASE("fault: JSON to JSON survives being killed anywhere", "[fault][slow]") {
    run_pair("json", "json");
}

}  // namespace migrate::test
