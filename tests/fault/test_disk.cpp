#include <cerrno>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "fault/fault_trial.hpp"
#include "io/fault.hpp"
#include "support/compare_databases.hpp"

/// Disks that are full, fail, or take only a part of what is written: of the target, its backup, the index of
/// migrations, the audit trail.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

/// Runs the command where no file may grow past so many bytes, as on a disk that is full: what SQLite, and
/// whatever else writes, gets is an error of the system. The signal that goes with it is ignored.
CommandResult run_with_room(const KillTarget& target, const std::vector<std::string>& arguments,
                            std::size_t bytes) {
    return target.run_wrapped(arguments, {"/bin/sh", "-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"",
                                          std::to_string(bytes / 512)});
}

std::size_t size_of_tree(const fs::path& directory) {
    std::size_t largest = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        largest = entry.is_regular_file() ? std::max<std::size_t>(largest, entry.file_size()) : largest;
    }
    return largest;
}

/// Ever less room, down to what the output needs: every file of a run is the first to be stopped at one of
/// them. Then there is room again.
void fill_up(const std::string& from, const std::string& to) {
    const auto source = KillSource::make(from);
    if (!source || (to == "postgresql" && !pg_test_conninfo())) {
        return;
    }
    const KillTarget plain(to, false);
    FaultTrial measured(*source, plain);
    REQUIRE(measured.migrate().exit_code == 0);
    const std::size_t largest = size_of_tree(plain.directory());
    int stopped = 0;
    for (std::size_t room = largest; room >= 4096; room /= 2) {
        INFO(from << " to " << to << ", room for " << room << " of " << largest << " bytes");
        const KillTarget target(to, false);
        FaultTrial trial(*source, target);
        trial.by([&](const std::vector<std::string>& arguments) {
            return run_with_room(target, arguments, room);
        });
        const CommandResult first = trial.migrate();
        stopped += first.exit_code == 0 ? 0 : 1;
        trial.by([&](const std::vector<std::string>& arguments) { return target.run(arguments); });
        trial.settle(first);
    }
    CHECK(stopped > 1);
    note_fault("disk", "disk full: target, backup, index, audit trail", from, to);
}

#ifdef MIGRATE_FAULT_POINTS

struct Fault {
    const char* name;
    io::FaultPoint point;
    io::Fault fault;
};

const std::vector<Fault>& faults() {
    static const std::vector<Fault> k_faults{
        {"ENOSPC at every third write", io::FaultPoint::write, {ENOSPC, false}},
        {"EIO at every third write", io::FaultPoint::write, {EIO, false}},
        {"every third write cut short", io::FaultPoint::write, {0, true}},
        {"EIO at every third fsync", io::FaultPoint::sync, {EIO, false}},
        {"EIO at every third rename", io::FaultPoint::rename, {EIO, false}},
    };
    return k_faults;
}

/// The nth call of one kind fails, for every third n until a run meets none. In this process, so that the
/// seam in `io` can be armed: JSON files, backups and the audit trail are written through it.
void fail_each(const KillSource& source, const std::string& from, const std::string& to, const Fault& fault) {
    constexpr std::uint64_t k_step = 3;
    std::uint64_t met = 0;
    for (std::uint64_t nth = 1;; nth += k_step) {
        INFO(fault.name << ", number " << nth << ", " << from << " to " << to);
        const KillTarget target(to, false);
        MigratorConfig config;
        config.state_path = target.directory() + "/index.db";
        config.audit_path = target.directory() + "/audit.jsonl";
        CrossDatabaseMigrator migrator(config);
        PlanOptions options;
        options.backup_directory = target.directory() + "/backups";
        options.chunk_rows = 250;
        const Endpoint at = parse_endpoint(target.endpoint(), true);
        const MigrationPlan plan =
            migrator.plan_migration({parse_endpoint(source.endpoint(), false)}, {at}, options);
        io::clear_faults();
        io::fail_nth(fault.point, nth, fault.fault);
        int exit_code = -1;
        std::string said;
        std::string id;
        try {
            const MigrationResult result = migrator.execute_migration(plan);
            exit_code = result.exit_code();
            said = result.failure + " " + result.next_step;
            id = result.id;
        } catch (const Error& error) {
            exit_code = exit_code_of(error.code());
            said = error.what();
        }
        const bool was_met = io::calls_of(fault.point) >= nth;
        io::clear_faults();
        INFO("exit code " << exit_code << ": " << said);
        REQUIRE(exit_code != 1);
        const std::size_t seen = target.visible_tables();
        REQUIRE((seen == 0 || seen == 3));
        if (exit_code != 0) {
            REQUIRE(said.size() > 10);
            // What is shown already may not be called a cutover that has not happened.
            REQUIRE((seen == 0 || said.find("asks the target") != std::string::npos));
        }
        for (int attempt = 0; target.visible_tables() == 0 && attempt < 2; ++attempt) {
            try {
                migrator.resume_migration("", {{}, at, {}});
            } catch (const Error& error) {
                INFO(error.what());
                REQUIRE(error.code() == ErrorCode::not_found);
                REQUIRE(migrator.execute_migration(plan).exit_code() == 0);
            }
        }
        REQUIRE(compare_databases(source.endpoint(), target.endpoint()).equal());
        if (!was_met) {
            break;
        }
        ++met;
    }
    CHECK(met > 0);
    note_fault("disk", fault.name, from, to);
}

#endif

}  // namespace

TEST_CASE("fault: the disk is full", "[fault][disk][postgresql][slow]") {
    const std::string from = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    fill_up(from, to);
}

#ifdef MIGRATE_FAULT_POINTS
TEST_CASE("fault: calls of the disk fail one after the other", "[fault][disk][postgresql][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const auto source = KillSource::make("sqlite");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    for (const Fault& fault : faults()) {
        fail_each(*source, "sqlite", to, fault);
    }
}
#endif

}  // namespace migrate::test
