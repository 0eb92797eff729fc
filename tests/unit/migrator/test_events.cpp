#include <vector>

#include <catch2/catch.hpp>

#include "migrator/events.hpp"

using namespace migrate;

TEST_CASE("events: what steps tell as reached is not added up", "[events]") {
    std::vector<MigrationEvent> told;
    EventSink sink([&](const MigrationEvent& event) { told.push_back(event); });
    sink.start(Phase::plan, 100);
    for (const std::uint64_t reached : {20U, 50U, 50U, 40U, 100U}) {
        sink.reached("t", reached, 100);
    }
    sink.progress("other", 7, 0, 7);
    REQUIRE(told.size() >= 3);
    const MigrationEvent& last_of_t = told[told.size() - 2];
    CHECK(last_of_t.table == "t");
    CHECK(last_of_t.done == 100);
    CHECK(last_of_t.all_done == 100);
    CHECK(told.back().all_done == 107);
}

TEST_CASE("events: a run that is foreseen tells what is left of it", "[events][remaining]") {
    std::vector<MigrationEvent> told;
    EventSink sink([&](const MigrationEvent& event) { told.push_back(event); });
    sink.start(Phase::preflight);
    CHECK_FALSE(told.back().remaining);

    RunForecast forecast;
    forecast.phases = {{Phase::load, std::chrono::seconds(400), {100, {{"t", 1}}, 1}},
                       {Phase::build, std::chrono::seconds(200), {}}};
    sink.expect(forecast);
    sink.start(Phase::load, 100);
    REQUIRE(told.back().remaining);
    // What was expected, but for the moment that has passed.
    CHECK(*told.back().remaining > std::chrono::seconds(590));
    CHECK(*told.back().remaining <= std::chrono::seconds(600));

    // Half of it took no time to speak of: the rest will not either, keys included.
    sink.progress("t", 50, 0, 100);
    CHECK(*told.back().remaining < std::chrono::seconds(300));
    sink.progress("t", 50, 0, 100);
    sink.expect_work(Phase::build, {2, {{"index", 2}}, 0});
    sink.start(Phase::build, 1);
    CHECK(*told.back().remaining < std::chrono::seconds(100));
    sink.progress("index", 1, 0, 1);
    CHECK(*told.back().remaining == std::chrono::seconds(0));
}
