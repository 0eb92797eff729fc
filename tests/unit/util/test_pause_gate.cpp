#include <atomic>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/pause_control.hpp>

#include "util/pause_gate.hpp"

using migrate::PauseControl;
using migrate::util::PauseGate;

namespace {

/// A gate and what it has told.
struct Gate {
    std::shared_ptr<PauseControl> control = std::make_shared<PauseControl>();
    std::vector<bool> told;
    PauseGate gate{control, [this](bool paused) {
                       told.push_back(paused);
                       at_rest = paused;
                       at_rest.notify_all();
                   }};
    std::atomic<bool> at_rest = false;
};

}  // namespace

TEST_CASE("pause control: says what it was told last", "[pause]") {
    PauseControl control;
    CHECK_FALSE(control.is_paused());
    control.pause();
    control.pause();
    CHECK(control.is_paused());
    control.go_on();
    CHECK_FALSE(control.is_paused());
    control.wait({});
}

TEST_CASE("pause control: waiting ends when it goes on, or by a stop", "[pause]") {
    PauseControl control;
    control.pause();
    std::stop_source stop;
    std::jthread waiting([&] { control.wait(stop.get_token()); });
    const bool by_stop = GENERATE(true, false);
    by_stop ? static_cast<void>(stop.request_stop()) : control.go_on();
    waiting.join();
    CHECK(control.is_paused() == by_stop);
}

TEST_CASE("pause gate: nothing waits at one that is open, or that nobody can close", "[pause]") {
    Gate open;
    CHECK_FALSE(open.gate.pass({}));
    CHECK(open.gate.begin_work());
    open.gate.end_work();
    CHECK(open.told.empty());
    PauseGate uncontrolled(nullptr, {});
    CHECK_FALSE(uncontrolled.pass({}));
    CHECK(uncontrolled.begin_work());
    uncontrolled.end_work();
    const PauseGate::Work work(nullptr, {});
    CHECK_FALSE(work.has_waited());
}

TEST_CASE("pause gate: the run is at rest once what was begun is done, and that is said once", "[pause]") {
    Gate run;
    REQUIRE(run.gate.begin_work());
    run.control->pause();
    CHECK_FALSE(run.gate.begin_work());
    std::vector<std::jthread> others;
    for (int i = 0; i < 3; ++i) {
        others.emplace_back([&] { run.gate.pass({}); });
    }
    CHECK_FALSE(run.at_rest);
    run.gate.end_work();
    run.at_rest.wait(false);
    run.control->go_on();
    others.clear();
    CHECK(run.told == std::vector{true, false});
    CHECK(run.gate.begin_work());
    run.gate.end_work();
    CHECK(run.told == std::vector{true, false});
}

TEST_CASE("pause gate: a stop ends a pause, and nothing is begun after it", "[pause]") {
    Gate run;
    run.control->pause();
    std::stop_source stop;
    std::jthread stopping([&] {
        run.at_rest.wait(false);
        stop.request_stop();
    });
    {
        const PauseGate::Work work(&run.gate, stop.get_token());
        CHECK(work.has_waited());
    }
    CHECK(run.told == std::vector{true});
    CHECK(run.control->is_paused());
}

TEST_CASE("pause gate: whoever is told of the rest may end it", "[pause]") {
    const auto control = std::make_shared<PauseControl>();
    std::vector<bool> told;
    PauseGate gate(control, [&](bool paused) {
        told.push_back(paused);
        control->go_on();
    });
    control->pause();
    CHECK(gate.pass({}));
    CHECK(told == std::vector{true, false});
}
