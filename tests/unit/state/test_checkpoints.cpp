#include <catch2/catch.hpp>

#include "state/checkpoints.hpp"

namespace migrate::state {

TEST_CASE("state: phases are numbered, and those after a checkpoint that was gone back to have not been",
          "[state][rollback]") {
    auto all = no_checkpoints();
    REQUIRE(all.size() == 10);
    CHECK(all.front().number == 1);
    CHECK(all.front().phase == Phase::open);
    CHECK(all.back().phase == Phase::done);
    add_event(all, "at 1", "load", k_phase_started);
    CHECK(all[5].begun_at == "at 1");
    CHECK(all[5].ended_at.empty());
    add_event(all, "at 2", "load", k_phase_finished);
    add_event(all, "at 3", "build", k_phase_started);
    add_event(all, "at 4", "build", k_phase_finished);
    add_event(all, "at 5", "no phase", k_phase_finished);
    CHECK(all[6].ended_at == "at 4");
    add_event(all, "at 6", "load", k_gone_back);
    CHECK(all[5].ended_at == "at 2");
    CHECK(all[6].begun_at.empty());
    CHECK(all[6].ended_at.empty());
    // Once more from there.
    add_event(all, "at 7", "load", k_phase_started);
    CHECK(all[5].begun_at == "at 7");
    CHECK(all[5].ended_at.empty());
}

}  // namespace migrate::state
