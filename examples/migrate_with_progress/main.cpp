// Migrates one database into another, with the plan shown first and progress while it runs.
//
//     example_migrate_with_progress app.db json:out/
//     example_migrate_with_progress app.db 'postgresql://user@host/db?schema=public'
#include <iostream>

#include <migrate/migrate.hpp>

namespace {

// Called from the library's threads, but never from two at once.
void show(const migrate::MigrationEvent& event) {
    switch (event.kind) {
        case migrate::EventKind::phase_started:
            std::cerr << to_string(event.phase) << "…\n";
            break;
        case migrate::EventKind::progress:
            std::cerr << "  " << event.table << ": " << event.done;
            if (event.total > 0) {
                std::cerr << " of " << event.total;
            }
            std::cerr << '\n';
            break;
        case migrate::EventKind::finding:
        case migrate::EventKind::retry:
        case migrate::EventKind::paused:
        case migrate::EventKind::going_on:
            std::cerr << "  " << event.message << '\n';
            break;
        case migrate::EventKind::phase_finished:
            break;
    }
}

int migrate_all(const std::string& from, const std::string& to) {
    migrate::MigratorConfig config;
    config.observer = show;
    migrate::CrossDatabaseMigrator migrator(config);

    const migrate::MigrationPlan plan =
        migrator.plan_migration({migrate::parse_endpoint(from, false)}, {migrate::parse_endpoint(to, true)});
    std::cout << render_text(plan) << '\n';
    if (!plan.executable()) {
        return plan.exit_code();
    }
    const migrate::MigrationResult result = migrator.execute_migration(plan);
    std::cout << render_text(result) << '\n';
    return result.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " FROM TO\n";
        return 2;
    }
    try {
        return migrate_all(argv[1], argv[2]);
    } catch (const migrate::Error& error) {
        std::cerr << error.what() << '\n' << error.facts().next_step << '\n';
        return migrate::exit_code_of(error.code());
    }
}
