#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "migrator/build_run.hpp"
#include "support/memory_backend.hpp"
#include "util/pause_gate.hpp"

using namespace migrate;
using backend::BuildStep;

namespace {

BuildStep step(const std::string& name, std::size_t table, std::vector<std::size_t> after,
               BuildStep::Locks locks = BuildStep::Locks::nobody) {
    return {BuildStep::Kind::index, table, 0, name, std::move(after), locks};
}

/// Keeps the order in which steps began and ended; a step named in `held` waits until it is let go.
class StepTarget : public test::InMemoryTarget {
  public:
    explicit StepTarget(std::vector<BuildStep> steps)
        : InMemoryTarget(std::make_shared<test::InMemoryDatabase>()), m_steps(std::move(steps)) {}

    std::string failing;

    std::vector<BuildStep> build_steps() override { return m_steps; }

    backend::BuildResult build(const BuildStep& one) override {
        std::unique_lock lock(m_mutex);
        log.push_back("+" + one.description);
        m_most = std::max(m_most, ++m_running);
        m_changed.notify_all();
        const bool is_first = log.size() == 1;
        m_changed.wait(lock, [&] { return held != one.description && !(is_first && holds_first); });
        --m_running;
        log.push_back("-" + one.description);
        m_changed.notify_all();
        if (one.description == failing) {
            throw Error(ErrorCode::constraint, "step " + failing);
        }
        backend::BuildResult result;
        result.findings.push_back({Severity::note, "built", one.description, "", "", 0});
        return result;
    }

    void hold(const std::string& name) {
        const std::scoped_lock lock(m_mutex);
        held = name;
    }
    void let_go() {
        const std::scoped_lock lock(m_mutex);
        held.clear();
        holds_first = false;
        m_changed.notify_all();
    }
    void wait_for(const std::string& event) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return std::find(log.begin(), log.end(), event) != log.end(); });
    }
    void wait_until_ended(std::ptrdiff_t steps) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] {
            return std::count_if(log.begin(), log.end(),
                                 [](const std::string& event) { return event.starts_with('-'); }) >= steps;
        });
    }
    [[nodiscard]] bool has(const std::string& event) {
        const std::scoped_lock lock(m_mutex);
        return std::find(log.begin(), log.end(), event) != log.end();
    }
    [[nodiscard]] std::ptrdiff_t at(const std::string& event) const {
        return std::find(log.begin(), log.end(), event) - log.begin();
    }
    [[nodiscard]] int most_at_once() const { return m_most; }

    std::vector<std::string> log;
    std::string held;
    bool holds_first = false;  ///< Whichever step begins first waits until it is let go.

  private:
    std::vector<BuildStep> m_steps;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_running = 0;
    int m_most = 0;
};

BuildRun::Context with(unsigned builders, std::stop_token stop = {}) {
    return {builders,        [](std::size_t table) { return table; },
            std::move(stop), nullptr,
            nullptr,         [](const BuildStep&) {}};
}

}  // namespace

TEST_CASE("migrator: one builder takes the steps in their order", "[migrator][build]") {
    StepTarget target({step("a", 0, {}), step("b", 1, {}), step("c", 2, {0})});
    const auto results = BuildRun(target, with(1)).run();
    CHECK(target.log == std::vector<std::string>{"+a", "-a", "+b", "-b", "+c", "-c"});
    REQUIRE(results.size() == 3);
    CHECK(results[2].findings.at(0).object == "c");
}

TEST_CASE("migrator: several builders take the heaviest table first", "[migrator][build]") {
    StepTarget target(
        {step("held", 100, {}), step("small", 1, {}), step("large", 9, {}), step("middle", 5, {})});
    target.hold("held");
    BuildRun run(target, with(2));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    // One builder is held by the heaviest of all: the other takes the rest one after another.
    target.wait_for("-small");
    target.let_go();
    const auto results = running.get();
    CHECK(target.at("-large") < target.at("+middle"));
    CHECK(target.at("-middle") < target.at("+small"));
    // What was found is told in the order of the steps, whoever was done first.
    REQUIRE(results.size() == 4);
    CHECK(results[0].findings.at(0).object == "held");
    CHECK(results[1].findings.at(0).object == "small");
}

TEST_CASE("migrator: several builders wait for what a step comes after", "[migrator][build]") {
    StepTarget target(
        {step("a", 1, {}), step("b", 9, {}), step("after both", 5, {0, 1}), step("last", 0, {2})});
    BuildRun(target, with(2)).run();
    CHECK(target.at("+after both") > target.at("-a"));
    CHECK(target.at("+after both") > target.at("-b"));
    CHECK(target.at("+last") > target.at("-after both"));
}

TEST_CASE("migrator: steps that wait for nothing run side by side", "[migrator][build]") {
    StepTarget target({step("a", 0, {}), step("b", 1, {}), step("c", 2, {})});
    target.holds_first = true;
    BuildRun run(target, with(2));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    // Only where another builder goes on is the rest built while the first step is held.
    target.wait_until_ended(2);
    target.let_go();
    CHECK(running.get().size() == 3);
    CHECK(target.most_at_once() == 2);
}

TEST_CASE("migrator: a table is read once no step is left that locks its readers out", "[migrator][build]") {
    StepTarget target(
        {step("key", 0, {}, BuildStep::Locks::readers), step("other", 1, {0}), step("index", 0, {1})});
    target.hold("other");
    BuildRun run(target, with(2));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    CHECK(run.wait_until_readable(0));
    CHECK(target.has("-key"));
    CHECK_FALSE(target.has("-index"));
    CHECK(run.wait_until_readable(1));
    target.let_go();
    running.get();
    CHECK(target.has("-index"));
}

TEST_CASE("migrator: a step that may lock any table is waited for by all", "[migrator][build]") {
    StepTarget target({step("object", 0, {}, BuildStep::Locks::readers_of_any)});
    target.hold("object");
    BuildRun run(target, with(2));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    auto waiting = std::async(std::launch::async, [&] { return run.wait_until_readable(7); });
    target.wait_for("+object");
    CHECK(waiting.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
    target.let_go();
    CHECK(waiting.get());
    running.get();
}

TEST_CASE("migrator: a step that fails ends the run, and whoever waits for it", "[migrator][build]") {
    const unsigned builders = GENERATE(1U, 2U);
    StepTarget target(
        {step("a", 0, {}), step("bad", 0, {0}, BuildStep::Locks::readers), step("never", 0, {1})});
    target.failing = "bad";
    BuildRun run(target, with(builders));
    auto waiting = std::async(std::launch::async, [&] { return run.wait_until_readable(0); });
    CHECK_THROWS_WITH(run.run(), "step bad");
    CHECK_FALSE(waiting.get());
    CHECK(std::find(target.log.begin(), target.log.end(), "+never") == target.log.end());
}

TEST_CASE("migrator: a step that fails ends a run that is paused", "[migrator][build][pause]") {
    const auto control = std::make_shared<PauseControl>();
    util::PauseGate gate(control, {});
    StepTarget target({step("bad", 9, {}), step("first", 5, {}), step("never", 5, {1})});
    target.hold("bad");
    target.failing = "bad";
    BuildRun::Context context = with(2);
    context.gate = &gate;
    context.done = [&](const BuildStep&) { control->pause(); };
    BuildRun run(target, std::move(context));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    target.wait_for("-first");
    target.let_go();
    CHECK_THROWS_WITH(running.get(), "step bad");
    CHECK_FALSE(target.has("+never"));
}

TEST_CASE("migrator: a run is at rest when no step is under way", "[migrator][build][pause]") {
    const auto control = std::make_shared<PauseControl>();
    std::vector<std::string> at_rest;
    StepTarget target({step("long", 9, {}), step("first", 5, {}), step("last", 5, {1})});
    util::PauseGate gate(control, [&](bool paused) {
        if (paused) {
            at_rest = target.log;
            control->go_on();
        }
    });
    target.hold("long");
    BuildRun::Context context = with(2);
    context.gate = &gate;
    context.done = [&](const BuildStep& one) {
        if (one.description == "first") {
            control->pause();
        }
    };
    BuildRun run(target, std::move(context));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    target.wait_for("-first");
    target.let_go();
    CHECK(running.get().size() == 3);
    CHECK(std::find(at_rest.begin(), at_rest.end(), "-long") != at_rest.end());
    CHECK(std::find(at_rest.begin(), at_rest.end(), "+last") == at_rest.end());
}

TEST_CASE("migrator: a build ends between two steps when it is to stop", "[migrator][build]") {
    std::stop_source stop;
    StepTarget target({step("a", 0, {}), step("b", 0, {0})});
    target.hold("a");
    BuildRun run(target, with(2, stop.get_token()));
    auto running = std::async(std::launch::async, [&] { return run.run(); });
    target.wait_for("+a");
    stop.request_stop();
    target.let_go();
    CHECK_THROWS_AS(running.get(), Error);
    CHECK(std::find(target.log.begin(), target.log.end(), "+b") == target.log.end());
}
