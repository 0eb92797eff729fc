#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "fault/fault_trial.hpp"
#include "support/compare_databases.hpp"

/// The machine's clock is set back while a migration runs, and between its kill and its resumption.
namespace migrate::test {
namespace {

using Clock = std::chrono::system_clock;
using namespace std::chrono_literals;

/// A clock of the test's. Every look at it is an hour earlier than the one before, where it runs backwards.
struct TestClock {
    Clock::time_point now = Clock::time_point(1800000000s);
    bool backwards = false;

    std::function<Clock::time_point()> function() {
        return [this] {
            now += backwards ? Clock::duration(-1h) : Clock::duration(1s);
            return now;
        };
    }
};

MigratorConfig config_of(const KillTarget& target, TestClock& clock) {
    MigratorConfig config;
    config.state_path = target.directory() + "/index.db";
    config.audit_path = target.directory() + "/audit.jsonl";
    config.clock = clock.function();
    return config;
}

PlanOptions options_of(const KillTarget& target) {
    PlanOptions options;
    options.backup_directory = target.directory() + "/backups";
    options.chunk_rows = 100;
    options.keep_backups = 2;
    options.source_backup = SourceBackup::always;
    return options;
}

/// Begins a migration, and has it stop when all is loaded. Returns its id.
std::string stop_in_the_middle(MigratorConfig config, const KillSource& source, const KillTarget& target) {
    std::stop_source stop;
    config.stop = stop.get_token();
    config.observer = [&](const MigrationEvent& event) {
        if (event.kind == EventKind::phase_started && event.phase == Phase::build) {
            stop.request_stop();
        }
    };
    CrossDatabaseMigrator migrator(config);
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    const MigrationPlan plan = migrator.plan_migration({parse_endpoint(source.endpoint(), false)},
                                                       {parse_endpoint(target.endpoint(), true)}, options);
    const MigrationResult stopped = migrator.execute_migration(plan);
    REQUIRE(stopped.exit_code() == 6);
    return stopped.id;
}

}  // namespace

TEST_CASE("fault: a clock that is set back and back does not touch what is migrated",
          "[fault][clock][postgresql]") {
    const std::string from = GENERATE(as<std::string>(), "sqlite", "json");
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(from, to);
    const auto source = KillSource::make(from);
    const KillTarget target(to, false);
    const Endpoint at = parse_endpoint(target.endpoint(), true);
    TestClock clock;
    clock.backwards = true;
    CrossDatabaseMigrator migrator(config_of(target, clock));
    const MigrationPlan plan =
        migrator.plan_migration({parse_endpoint(source->endpoint(), false)}, {at}, options_of(target));
    // Stopped when it is ready, and gone on with a year earlier.
    MigrationOptions stop_before;
    stop_before.cut_over = false;
    const MigrationResult ready = migrator.execute_migration(plan, stop_before);
    INFO(ready.failure);
    REQUIRE(ready.exit_code() == 0);
    clock.now -= 24h * 365;
    const MigrationResult done = migrator.cutover(ready.id);
    INFO(done.failure);
    REQUIRE(done.exit_code() == 0);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
    clock.now -= 24h * 365;
    const RollbackResult undone = migrator.rollback_migration(ready.id, {true, false});
    CHECK(undone.exit_code() == 0);
    CHECK(target.visible_tables() == 0);
    const MigrationRecord record = migrator.status(ready.id);
    CHECK(record.state == MigrationState::rolled_back);
    CHECK(migrator.list_backups(target.directory() + "/backups").size() == 1);
    note_fault("clock", "clock set back: run, cutover, rollback", from, to);
}

TEST_CASE("fault: with a clock that was set back retention keeps the backups that were made last",
          "[fault][clock]") {
    const auto source = KillSource::make("sqlite");
    TestClock clock;
    const KillTarget place("sqlite", false);
    CrossDatabaseMigrator migrator(config_of(place, clock));
    const BackupOptions options{place.directory() + "/backups", {}, 2, false};
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i) {
        made.push_back(
            migrator.create_backup(parse_endpoint(source->endpoint(), false), options).backup.path);
        clock.now -= 24h;
        INFO("after " << i + 1 << " backups");
        std::vector<std::string> kept;
        for (const BackupInfo& one : migrator.list_backups(place.directory() + "/backups")) {
            kept.insert(kept.begin(), one.path);
        }
        CHECK(kept == std::vector<std::string>(made.end() - std::min<std::ptrdiff_t>(i + 1, 2), made.end()));
    }
    note_fault("clock", "clock set back: retention of backups", "sqlite", "sqlite");
}

TEST_CASE("fault: with a clock that was set back the newest migration is the one that was begun last",
          "[fault][clock]") {
    const auto source = KillSource::make("sqlite");
    TestClock clock;
    const KillTarget index("sqlite", false);
    const MigratorConfig config = config_of(index, clock);
    CrossDatabaseMigrator migrator(config);
    const std::vector<std::string> engines{"sqlite", "json", "sqlite"};
    std::vector<std::unique_ptr<KillTarget>> targets;
    std::vector<std::string> begun;
    for (const std::string& engine : engines) {
        targets.push_back(std::make_unique<KillTarget>(engine, false));
        begun.push_back(stop_in_the_middle(config, *source, *targets.back()));
        clock.now -= 24h;
        CHECK(migrator.history().front().id == begun.back());
    }
    // The last that was begun is the first that is gone on with, until none is left.
    for (std::size_t i = engines.size(); i-- > 0;) {
        const MigrationResult resumed = migrator.resume_migration("", {});
        INFO(resumed.failure);
        CHECK(resumed.id == begun[i]);
        CHECK(resumed.exit_code() == 0);
        clock.now -= 24h;
        CHECK(compare_databases(source->endpoint(), targets[i]->endpoint()).equal());
    }
    CHECK_THROWS_AS(migrator.resume_migration("", {}), Error);
    for (const std::string& engine : engines) {
        note_fault("clock", "clock set back: history, resume --last", "sqlite", engine);
    }
}

}  // namespace migrate::test
