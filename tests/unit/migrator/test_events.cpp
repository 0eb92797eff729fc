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
