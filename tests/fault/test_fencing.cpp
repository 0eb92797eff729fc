#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "fault/held_run.hpp"

/// A run that is thought dead, since its machine sleeps or its network is gone, and whose lock another has
/// taken over: when it goes on it must change nothing any more.
namespace migrate::test {
namespace {

/// What the lock hangs on goes: the file, as a file system in a network may lose it, or the server's session.
void lose_lock(const KillTarget& target, const std::string& engine) {
    if (engine != "postgresql") {
        REQUIRE(std::filesystem::remove(target.lock_file()));
        return;
    }
    REQUIRE(target.value("WITH holders AS (SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND "
                         "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
                         "granted) SELECT count(pg_terminate_backend(pid, 5000)) FROM holders") != "0");
}

struct Fenced {
    explicit Fenced(const std::string& to, bool with_other_data)
        : engine(to),
          source(KillSource::make("sqlite")),
          target(to, with_other_data),
          trial(*source, target) {}

    /// One that stands still at a point, and whose lock is lost.
    [[nodiscard]] std::unique_ptr<HeldRun> thought_dead(const std::string& point) const {
        auto run = std::make_unique<HeldRun>(
            target,
            std::vector<std::string>{"migrate", "--from", source->endpoint(), "--to", target.endpoint(),
                                     "--execute", "--workers", "1", "--chunk-rows", "100"},
            point);
        REQUIRE(run->stands());
        lose_lock(target, engine);
        return run;
    }

    std::string engine;
    std::unique_ptr<KillSource> source;
    KillTarget target;
    FaultTrial trial;
};

/// Points at which a run holds nothing that another would have to wait for.
const std::vector<std::string> k_points{"chunk-committed:3", "loaded", "build-step-done",
                                        "verified",          "ready",  "cutover"};

void require_told(const CommandResult& result) {
    INFO(result.out << result.err);
    REQUIRE(result.signal == 0);
    REQUIRE((result.exit_code == 6 || result.exit_code == 7 || result.exit_code == 8));
    // What is staged by then is for the other run to say.
    if (result.err.find("taken over") != std::string::npos) {
        CHECK(result.err.find("abandon") == std::string::npos);
        CHECK(result.out.find("nothing to undo") == std::string::npos);
    }
}

}  // namespace

TEST_CASE("fault: a run whose lock was taken over changes nothing of what the other has done",
          "[fault][fencing][postgresql][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const bool with_other_data = GENERATE(false, true);
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (const std::string& point : k_points) {
        CAPTURE(to, with_other_data, point);
        Fenced fenced(to, with_other_data);
        const auto dead = fenced.thought_dead(point);
        const CommandResult taken_up = fenced.target.run({"resume", "--last"});
        INFO(taken_up.out << taken_up.err);
        REQUIRE(taken_up.exit_code == 0);
        fenced.trial.require_complete();
        require_told(dead->end());
        fenced.trial.require_complete();
        CHECK_FALSE(fenced.target.newest_done().empty());
        note_fault("fencing", "taken over, and done by another", "sqlite", to);
    }
}

TEST_CASE("fault: a run whose lock was taken over drops nothing of what the other has staged",
          "[fault][fencing][postgresql][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (const std::string& point : k_points) {
        CAPTURE(to, point);
        Fenced fenced(to, true);
        const auto dead = fenced.thought_dead(point);
        // What is ready already is only cut over by the other.
        const std::string in_cutover = to == "postgresql" ? "cutover-commit" : "cutover-begun";
        HeldRun other(fenced.target, {"resume", "--last"},
                      point == "ready" || point == "cutover" ? in_cutover : "loaded");
        const bool stands = other.stands();
        const CommandResult late = dead->end();
        require_told(late);
        CHECK(fenced.target.visible_tables() == 0);
        const CommandResult taken_up = other.end();
        INFO(late.out << late.err << taken_up.out << taken_up.err);
        REQUIRE(stands);
        REQUIRE(taken_up.exit_code == 0);
        fenced.trial.require_complete();
        note_fault("fencing", "taken over, and under way by another", "sqlite", to);
    }
}

TEST_CASE("fault: a chunk that is under way is waited for, and its run not taken over",
          "[fault][fencing][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json");
    const std::string point = GENERATE(as<std::string>(), "chunk-begun:3", "chunk-recorded:3");
    CAPTURE(to, point);
    Fenced fenced(to, false);
    const auto dead = fenced.thought_dead(point);
    const CommandResult refused = fenced.target.run({"resume", "--last"});
    INFO(refused.out << refused.err);
    CHECK(refused.exit_code == 8);
    // It has not lost its migration, only the lock.
    const CommandResult done = dead->end();
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    fenced.trial.require_complete();
    note_fault("fencing", "thought dead in the middle of a chunk", "sqlite", to);
}

}  // namespace migrate::test
