// Migrates a small database from JSON to SQLite, which verifies it, in a folder that is gone afterwards.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include <migrate/migrate.hpp>

namespace {

namespace fs = std::filesystem;

fs::path make_folder() {
    const fs::path folder =
        fs::temp_directory_path() / ("migrate-test-package-" + std::to_string(std::random_device{}()));
    fs::create_directory(folder);
    return folder;
}

int migrate_small_database(const fs::path& folder) {
    std::ofstream(folder / "people.json") << R"([{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}])";

    migrate::CrossDatabaseMigrator migrator{migrate::MigratorConfig{}};
    const auto from = migrate::parse_endpoint("json:" + (folder / "people.json").string(), false);
    const auto to = migrate::parse_endpoint("sqlite:" + (folder / "people.db").string(), true);
    const auto plan = migrator.plan_migration({from}, {to});
    const auto result = migrator.execute_migration(plan);
    std::cout << migrate::render_text(result) << '\n';
    const bool whole = result.tables.size() == 1 && result.tables.front().committed == 2;
    return whole ? result.exit_code() : 1;
}

}  // namespace

int main() {
    const fs::path folder = make_folder();
    int status = 1;
    try {
        status = migrate_small_database(folder);
    } catch (const migrate::Error& error) {
        std::cerr << error.what() << '\n';
    }
    fs::remove_all(folder);
    return status;
}
