#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "fault/held_run.hpp"
#include "support/sqlite.hpp"

/// Two commands at once on one target: two migrations, two that take one up, one that takes another back. One
/// of them stands still at a point of its code, so that they do overlap.
namespace migrate::test {
namespace {

const std::vector<std::string> k_engines{"sqlite", "json", "postgresql"};

std::vector<std::string> migrate_into(const KillSource& source, const KillTarget& target) {
    return {"migrate",         "--from",    source.endpoint(), "--to",
            target.endpoint(), "--execute", "--chunk-rows",    "100"};
}

bool says(const CommandResult& result, const char* part) {
    return (result.out + result.err).find(part) != std::string::npos;
}

/// Requires that it was refused because of the other, in words that say so.
void require_locked_out(const CommandResult& result) {
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 8);
    CHECK(says(result, "lock"));
    CHECK(says(result, "Wait until"));
}

struct Trial {
    explicit Trial(const std::string& to)
        : source(KillSource::make("sqlite")), target(to, false), trial(*source, target) {}

    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments) const {
        return target.run(arguments);
    }

    std::unique_ptr<KillSource> source;
    KillTarget target;
    FaultTrial trial;
};

}  // namespace

TEST_CASE("fault: of two migrations into one target one wins, and the other is refused",
          "[fault][two][postgresql]") {
    const std::string to = GENERATE(from_range(k_engines));
    const std::string point =
        GENERATE(as<std::string>(), "staging-begin", "chunk-begun:2", "loaded", "cutover");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(to, point);
    Trial two(to);
    HeldRun first(two.target, migrate_into(*two.source, two.target), point);
    REQUIRE(first.stands());
    require_locked_out(two.run(migrate_into(*two.source, two.target)));
    CHECK(two.target.visible_tables() == 0);
    const CommandResult done = first.end();
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    two.trial.require_complete();
    note_fault("two", "two migrations at once", "sqlite", to);
}

TEST_CASE("fault: of two migrations that begin at the same time one is there in the end",
          "[fault][two][postgresql]") {
    const std::string to = GENERATE(from_range(k_engines));
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (int i = 0; i < 6; ++i) {
        CAPTURE(to, i);
        Trial two(to);
        HeldRun first(two.target, migrate_into(*two.source, two.target), "");
        HeldRun second(two.target, migrate_into(*two.source, two.target), "");
        const CommandResult a = first.end();
        const CommandResult b = second.end();
        INFO(a.out << a.err << b.out << b.err);
        const auto is_refused = [](int exit_code) { return exit_code == 8 || exit_code == 3; };
        const bool a_won = a.exit_code == 0 && is_refused(b.exit_code);
        const bool b_won = b.exit_code == 0 && is_refused(a.exit_code);
        REQUIRE(a_won != b_won);
        two.trial.require_complete();
        note_fault("two", "two migrations begun at the same time", "sqlite", to);
    }
}

TEST_CASE("fault: of two runs that take one migration up one goes on, and the other changes nothing",
          "[fault][two][postgresql][slow]") {
    const std::string to = GENERATE(from_range(k_engines));
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (const char* point : {"chunk-begun:2", "loaded", "build-step", "verified", "cutover"}) {
        CAPTURE(to, point);
        Trial two(to);
        REQUIRE(two.target.run(migrate_into(*two.source, two.target), "chunk-committed:3").signal == SIGKILL);
        HeldRun first(two.target, {"resume", "--last"}, point);
        REQUIRE(first.stands());
        // The other waits for a while: the lock may be of a session whose process is dead.
        HeldRun second(two.target, {"resume", "--last"}, "");
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        CHECK(two.target.visible_tables() == 0);
        const CommandResult done = first.end();
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
        const CommandResult late = second.end();
        INFO(late.out << late.err);
        // Either it has the lock in the end, and finds all done, or it gave up before.
        REQUIRE((late.exit_code == 0 || late.exit_code == 3 || late.exit_code == 7 || late.exit_code == 8));
        CHECK((late.exit_code != 0 || says(late, ": done")));
        two.trial.require_complete();
        note_fault("two", "two runs that take one migration up", "sqlite", to);
    }
}

TEST_CASE("fault: a run that takes a migration up is not waited for without end",
          "[fault][two][postgresql][slow]") {
    const std::string to = GENERATE(from_range(k_engines));
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(to);
    Trial two(to);
    REQUIRE(two.target.run(migrate_into(*two.source, two.target), "chunk-committed:3").signal == SIGKILL);
    HeldRun first(two.target, {"resume", "--last"}, "chunk-committed:2");
    REQUIRE(first.stands());
    require_locked_out(two.run({"resume", "--last"}));
    const CommandResult done = first.end();
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    two.trial.require_complete();
    note_fault("two", "two runs that take one migration up", "sqlite", to);
}

namespace {

/// A target into which one migration was done, and another killed half-way.
struct HalfWay : Trial {
    explicit HalfWay(const std::string& to) : Trial(to) {
        const std::string other = target.directory() + "/other.db";
        SqliteDatabase(other).exec(
            "CREATE TABLE other_data (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO other_data "
            "VALUES (1, 'stays')");
        REQUIRE(
            run({"migrate", "--from", "sqlite:" + other, "--to", target.endpoint(), "--execute"}).exit_code ==
            0);
        done = target.newest_done();
        REQUIRE(target.run(migrate_into(*source, target), "chunk-committed:3").signal == SIGKILL);
        const CommandResult history = run({"history", "--json"});
        const std::size_t id = history.out.find("\"id\": \"");
        killed = history.out.substr(id + 7, 12);
        REQUIRE(killed != done);
    }
    [[nodiscard]] CommandResult roll_back(const std::string& id) const {
        return run({"rollback", id, "--to", target.endpoint(), "--execute"});
    }

    std::string done;
    std::string killed;
};

}  // namespace

TEST_CASE(
    "fault: nothing is rolled back while a migration is taken up, and nothing taken up while it is rolled "
    "back",
    "[fault][two][postgresql][slow]") {
    const std::string to = GENERATE(from_range(k_engines));
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(to);
    {
        HalfWay two(to);
        HeldRun resumed(two.target, {"resume", two.killed}, "build-step");
        REQUIRE(resumed.stands());
        require_locked_out(two.roll_back(two.done));
        const CommandResult half = two.roll_back(two.killed);
        INFO(half.out << half.err);
        CHECK((half.exit_code == 3 || half.exit_code == 8));
        const CommandResult done = resumed.end();
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
        two.trial.require_complete();
    }
    HalfWay two(to);
    const std::string point = to == "json" ? "rollback-rename" : "rollback-commit";
    HeldRun undoing(two.target, {"rollback", two.done, "--to", two.target.endpoint(), "--execute"}, point);
    REQUIRE(undoing.stands());
    require_locked_out(two.run({"resume", two.killed}));
    const CommandResult undone = undoing.end();
    INFO(undone.out << undone.err);
    REQUIRE(undone.exit_code == 0);
    // What was rolled back is kept until then.
    REQUIRE(two.run({"finalize", two.done, "--to", two.target.endpoint()}).exit_code == 0);
    const CommandResult done = two.run({"resume", two.killed});
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    two.trial.require_complete();
    note_fault("two", "a rollback while a migration is taken up", "sqlite", to);
}

TEST_CASE("fault: of several that are unfinished in a target the one that was begun last is taken up",
          "[fault][two][postgresql]") {
    const std::string to = GENERATE(from_range(k_engines));
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (int i = 0; i < 4; ++i) {
        CAPTURE(to, i);
        Trial two(to);
        for (int begun = 0; begun < 3; ++begun) {
            REQUIRE(two.target.run(migrate_into(*two.source, two.target), "chunk-committed:2").signal ==
                    SIGKILL);
        }
        const CommandResult history = two.run({"history", "--json"});
        const std::string newest = history.out.substr(history.out.find("\"id\": \"") + 7, 12);
        const CommandResult done = two.run({"resume", "--to", two.target.endpoint()});
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
        CHECK(says(done, ("Migration " + newest + ": done").c_str()));
        note_fault("two", "several unfinished in one target", "sqlite", to);
    }
}

}  // namespace migrate::test
