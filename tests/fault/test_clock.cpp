#include <chrono>
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

TEST_CASE("fault: with a clock that was set back the backup that was just made is not what retention drops",
          "[fault][clock]") {
    const auto source = KillSource::make("sqlite");
    TestClock clock;
    const KillTarget place("sqlite", false);
    CrossDatabaseMigrator migrator(config_of(place, clock));
    const BackupOptions options{place.directory() + "/backups", {}, 2, false};
    std::string newest;
    for (int i = 0; i < 4; ++i) {
        newest = migrator.create_backup(parse_endpoint(source->endpoint(), false), options).backup.path;
        clock.now -= 24h;
        INFO("after " << i + 1 << " backups");
        bool is_there = false;
        for (const BackupInfo& one : migrator.list_backups(place.directory() + "/backups")) {
            is_there = is_there || one.path == newest;
        }
        CHECK(is_there);
    }
    note_fault("clock", "clock set back: retention of backups", "sqlite", "sqlite");
}

}  // namespace migrate::test
