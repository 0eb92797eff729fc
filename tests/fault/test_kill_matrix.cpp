#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "support/compare_databases.hpp"
#include "support/random.hpp"

/// Every pair of engines, killed at every named point, killed again while it is taken up, and taken up once
/// more: what is then in the target is what an uninterrupted run leaves.
namespace migrate::test {
namespace {

/// Places in the code, in the order in which a run passes them; ":n" is the nth time. Some belong to one kind
/// of target only.
constexpr std::array k_points{
    "backup-begun",   "backup-file",     "backup-renamed",  "state-write",       "state-written",
    "staging-begin",  "staging-begun",   "chunk-begun",     "chunk-written",     "chunk-recorded",
    "chunk-synced",   "chunk-committed", "chunk-begun:5",   "chunk-recorded:5",  "chunk-committed:7",
    "loaded",         "build-step",      "build-step-done", "build-step:3",      "build-step-done:3",
    "verified",       "ready",           "cutover",         "cutover-begun",     "cutover-marked",
    "cutover-rename", "cutover-renamed", "cutover-commit",  "cutover-committed", "cutover-done",
};

struct Trial {
    const KillSource& source;
    std::string target_engine;
    bool with_other_data;
};

void require_complete(const Trial& trial, const KillTarget& target) {
    CompareOptions options;
    options.skip_tables = {"other_data"};
    const CompareResult compared = compare_databases(trial.source.endpoint(), target.endpoint(), options);
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.difference_count == 0);
    REQUIRE(compared.tables == 3);
    REQUIRE(compared.rows == 1050);
    CHECK(target.leftovers() == std::vector<std::string>{});
}

/// A new directory of JSON keeps no account of its run: where that was killed after the cutover, no success
/// is claimed.
bool is_account_lost(const Trial& trial, const CommandResult& result) {
    return trial.target_engine == "json" && result.exit_code == 5 &&
           result.out.find("was not recorded") != std::string::npos;
}

/// Seen from outside, the target is as it was or as it will be.
void require_whole(const KillTarget& target) {
    const std::size_t seen = target.visible_tables();
    REQUIRE((seen == 0 || seen == 3));
}

/// True where the point is on this way, so that the run was killed.
bool kill_and_resume(const Trial& trial, const std::string& point, Random& random) {
    const KillTarget target(trial.target_engine, trial.with_other_data);
    const std::vector<std::string> migrate{"migrate",         "--from",    trial.source.endpoint(), "--to",
                                           target.endpoint(), "--execute", "--chunk-rows",          "100"};
    CommandResult result = target.run(migrate, point);
    INFO("killed at " << point << ": " << result.out << result.err);
    if (result.signal == 0) {
        REQUIRE(result.exit_code == 0);
        require_complete(trial, target);
        return false;
    }
    require_whole(target);
    const std::string second(random.pick(k_points));
    INFO("and again at " << second);
    for (const std::string& kill_at : {second, std::string()}) {
        result = target.run({"resume", "--last"}, kill_at);
        if (result.signal == 0 && result.exit_code != 0 && !is_account_lost(trial, result)) {
            // Either it was killed before the target had recorded anything, or the first resume has ended it.
            INFO(result.out << result.err);
            REQUIRE((result.err.find("nothing to resume") != std::string::npos ||
                     result.err.find("is not known to the target") != std::string::npos));
            const bool is_done = target.visible_tables() != 0;
            result = is_done ? CommandResult{0, 0, "", ""} : target.run(migrate, kill_at);
        }
        require_whole(target);
    }
    INFO(result.out << result.err);
    REQUIRE(result.signal == 0);
    REQUIRE((result.exit_code == 0 || is_account_lost(trial, result)));
    require_complete(trial, target);
    return true;
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
        for (const std::string point : k_points) {
            if (kill_and_resume({*source, to, with_other_data}, point, random)) {
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
