// Stops a migration on its way, here after so many rows; a window's button would do the same. The target is
// as it was before, and what would be left is dropped by the library.
//
//     example_cancellation app.db new.db 10000
#include <cstdint>
#include <iostream>
#include <optional>
#include <stop_token>
#include <string>

#include <migrate/migrate.hpp>

namespace {

/// What ended the migration; nullopt when it went through.
std::optional<migrate::ErrorCode> migrate_until(const std::string& from, const std::string& to,
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
    try {
        const auto plan = migrator.plan_migration({migrate::parse_endpoint(from, false)},
                                                  {migrate::parse_endpoint(to, true)});
        const migrate::MigrationResult result = migrator.execute_migration(plan);
        std::cout << render_text(result) << '\n';
        return result.error;
    } catch (const migrate::Error& error) {
        // Before anything was written a call throws; after that its result says how it ended.
        std::cerr << error.what() << '\n';
        return error.code();
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: " << argv[0] << " FROM TO ROWS\n";
        return 2;
    }
    const auto error = migrate_until(argv[1], argv[2], std::stoull(argv[3]));
    if (error == migrate::ErrorCode::cancelled) {
        std::cout << "cancelled: nothing has changed\n";
        return 0;
    }
    std::cout << (error ? "failed\n" : "done before it could be cancelled\n");
    return 1;
}
