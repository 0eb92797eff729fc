#include <thread>

#include <catch2/catch.hpp>

#include "util/stage_clock.hpp"

using namespace std::chrono_literals;
using migrate::Stage;
using migrate::StageTime;
using migrate::util::StageClock;
using migrate::util::StageSums;

namespace {

/// Sums with a time that the test sets.
struct Timed {
    StageSums::Clock::time_point now{};
    StageSums sums{[this] { return now; }};
};

}  // namespace

TEST_CASE("stage clock: each stretch of time is one stage's work or wait, or nobody's", "[stages]") {
    Timed timed;
    {
        StageClock clock(&timed.sums);
        timed.now += 5ms;
        clock.worked(Stage::read);
        timed.now += 7ms;
        clock.waited(Stage::read);
        timed.now += 1h;
        clock.look();
        timed.now += 11ms;
        clock.worked(Stage::send);
        clock.move(Stage::send, Stage::encode, 4ms);
        timed.now += 2ms;
        clock.worked(Stage::read);
        CHECK(timed.sums.list().empty());
    }
    const auto stages = timed.sums.list();
    REQUIRE(stages.size() == 3);
    CHECK(stages[0].stage == Stage::read);
    CHECK(stages[0].busy == 7ms);
    CHECK(stages[0].waiting == 7ms);
    CHECK(stages[1].stage == Stage::encode);
    CHECK(stages[1].busy == 4ms);
    CHECK(stages[2].stage == Stage::send);
    CHECK(stages[2].busy == 7ms);
    CHECK(stages[2].threads == 1);
}

TEST_CASE("stage clock: times are added up over threads, and the threads counted", "[stages]") {
    Timed timed;
    const auto work = [&] {
        StageClock clock(&timed.sums);
        timed.now += 3ms;
        clock.worked(Stage::verify);
    };
    work();
    work();
    std::thread one(work);
    one.join();
    const auto stages = timed.sums.list();
    REQUIRE(stages.size() == 1);
    CHECK(stages[0].threads == 2);
    CHECK(stages[0].busy == 9ms);
}

TEST_CASE("stage clock: without sums nothing is kept", "[stages]") {
    StageClock clock(nullptr);
    clock.worked(Stage::read);
    CHECK(clock.look() == StageClock::Duration::zero());
}
