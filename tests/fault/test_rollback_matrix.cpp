#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/rollback_fixture.hpp"

/// Every mode of every target, killed at each kind of place and undone in place of gone on with, the rollback
/// killed once more: what is there is then what was there before, by plain driver calls.
namespace migrate::test {
namespace {

const std::vector<std::string>& points() {
    static const std::vector<std::string> k_points{"state-written",
                                                   "backup-file",
                                                   "staging-begin",
                                                   "staging-begun",
                                                   "chunk-recorded:2",
                                                   "loaded",
                                                   "build-step",
                                                   "build-step-done",
                                                   "verified",
                                                   "ready",
                                                   "cutover-begun",
                                                   "cutover-marked",
                                                   "cutover-rename",
                                                   "cutover-commit",
                                                   "cutover-renamed",
                                                   "cutover-done",
                                                   "cutover-committed",
                                                   "audit-write:7",
                                                   ""};
    return k_points;
}

const std::vector<std::string>& rollback_points() {
    static const std::vector<std::string> k_points{
        "rollback-commit", "rollback-committed", "rollback-rename", "rollback-renamed", "audit-write:2", ""};
    return k_points;
}

void check_undone(const RollbackTrial& trial, const Contents& before) {
    CHECK(difference_of(before, trial.contents()) == "");
    CHECK(trial.leftovers() == std::vector<std::string>{});
}

/// True where the rollback was killed at its point.
bool undo(const RollbackTrial& trial, const std::string& kill_at, const Contents& before) {
    const std::string id = trial.id();
    if (id.empty()) {
        // Nobody knows of it, and it has changed nothing.
        check_undone(trial, before);
        return false;
    }
    const std::vector<std::string> rollback{"rollback", id, "--to", trial.endpoint(), "--execute"};
    const CommandResult first = trial.run(rollback, kill_at);
    INFO("rolled back, killed at " << kill_at << ": " << first.out << first.err);
    CHECK((first.signal != 0 || first.exit_code == 0));
    const CommandResult again = trial.run(rollback);
    INFO("and again: " << again.out << again.err);
    CHECK(again.exit_code == 0);
    check_undone(trial, before);
    return first.signal != 0;
}

void run_mode(const std::string& source, const RollbackMode& mode) {
    std::set<std::string> killed;
    std::set<std::string> killed_in_rollback;
    std::size_t turn = 0;
    for (const std::string& point : points()) {
        const RollbackTrial trial(source, mode);
        const Contents before = trial.contents();
        INFO(mode.engine << ", " << mode.name << ", killed at " << (point.empty() ? "no point" : point));
        const bool was_killed = trial.migrate(point);
        if (!was_killed && !point.empty()) {
            continue;  // Not on this way.
        }
        killed.insert(point);
        const std::string& kill_at = rollback_points()[turn++ % rollback_points().size()];
        if (undo(trial, kill_at, before)) {
            killed_in_rollback.insert(kill_at);
        }
    }
    for (const char* point : {"staging-begun", "chunk-recorded:2", "loaded", "ready", "cutover-done", ""}) {
        INFO(mode.engine << ", " << mode.name << ", " << point);
        CHECK(killed.contains(point));
    }
    CHECK_FALSE(killed_in_rollback.empty());
}

void run_engine(const std::string& engine) {
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string source = make_rollback_source(directory);
    for (const RollbackMode& mode : rollback_modes()) {
        if (mode.engine == engine) {
            run_mode(source, mode);
        }
    }
}

}  // namespace

TEST_CASE("rollback: a SQLite target is what it was, wherever the migration was killed",
          "[fault][rollback][slow]") {
    run_engine("sqlite");
}
TEST_CASE("rollback: a PostgreSQL target is what it was, wherever the migration was killed",
          "[fault][rollback][postgresql][slow]") {
    run_engine("postgresql");
}
TEST_CASE("rollback: a JSON target is what it was, wherever the migration was killed",
          "[fault][rollback][slow]") {
    run_engine("json");
}

}  // namespace migrate::test
