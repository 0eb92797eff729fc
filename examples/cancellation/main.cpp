// Stops a migration on its way, here after so many rows; a window's button would do the same. The target
// shows what it showed before. What was loaded so far waits beside it: the migration goes on from there, or
// drops it.
//
//     example_cancellation app.db new.db 10000 resume|abandon
#include <cstdint>
#include <iostream>
#include <stop_token>
#include <string>

#include <migrate/migrate.hpp>

namespace {

/// Where the migration ended: MigrationState::interrupted where it was cancelled, MigrationState::done when
/// it went through.
migrate::MigrationResult migrate_until(const migrate::Endpoint& from, const migrate::Endpoint& to,
                                       std::uint64_t rows) {
    std::stop_source stop;
    migrate::MigratorConfig config;
    config.stop = stop.get_token();
    config.observer = [&](const migrate::MigrationEvent& event) {
        if (event.phase == migrate::Phase::load && event.all_done >= rows) {
            stop.request_stop();
        }
    };
    migrate::CrossDatabaseMigrator migrator(config);
    return migrator.execute_migration(migrator.plan_migration({from}, {to}));
}

int go_on(const migrate::MigrationResult& cancelled, const migrate::Endpoint& to) {
    migrate::CrossDatabaseMigrator migrator{migrate::MigratorConfig{}};
    migrate::ResumeOptions options;
    options.to = to;  // No index of migrations is kept here, so the target is named.
    const migrate::MigrationResult result = migrator.resume_migration(cancelled.id, options);
    std::cout << render_text(result) << '\n';
    return result.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string then = argc == 5 ? argv[4] : "";
    if (then != "resume" && then != "abandon") {
        std::cerr << "usage: " << argv[0] << " FROM TO ROWS resume|abandon\n";
        return 2;
    }
    try {
        const migrate::Endpoint from = migrate::parse_endpoint(argv[1], false);
        const migrate::Endpoint to = migrate::parse_endpoint(argv[2], true);
        const migrate::MigrationResult result = migrate_until(from, to, std::stoull(argv[3]));
        if (result.error != migrate::ErrorCode::cancelled) {
            std::cout << render_text(result) << "\nended before it could be cancelled\n";
            return 1;
        }
        std::cout << "cancelled: nothing has changed\n";
        if (then == "resume") {
            return go_on(result, to);
        }
        migrate::CrossDatabaseMigrator(migrate::MigratorConfig{}).abandon(result.id, to);
        std::cout << "abandoned: nothing is left of it\n";
        return 0;
    } catch (const migrate::Error& error) {
        // Before anything was written a call throws; after that its result says how it ended.
        std::cerr << error.what() << '\n';
        return 1;
    }
}
