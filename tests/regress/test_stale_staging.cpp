#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// A run that was killed while it made its staging file, before that said whose it is, left a file that
/// nobody could ask for: no resume and no abandon knew it.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

std::size_t hidden_files(const std::string& directory) {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(directory)) {
        count += entry.path().filename().string().starts_with(".to.db.migrate-") ? 1U : 0U;
    }
    return count;
}

}  // namespace

TEST_CASE("regress: a staging file that says nothing is removed by the next run",
          "[regress][sqlite][fault]") {
    const TemporaryDirectory directory;
    fs::create_directory(directory.path("place"));
    const std::string place = directory.path("place/");
    SqliteDatabase(directory.path("from.db"))
        .exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    // Killed before its first page, in its first transaction, and before its record.
    std::ofstream(place + ".to.db.migrate-000000000001").close();
    std::ofstream(place + ".to.db.migrate-000000000001-journal") << "not yet";
    SqliteDatabase(place + ".to.db.migrate-000000000002").exec("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    REQUIRE(hidden_files(place) == 3);
    const CommandResult run = run_cli(
        {"migrate", "--from", directory.path("from.db"), "--to", "sqlite:" + place + "to.db", "--execute"});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(hidden_files(place) == 0);
}

}  // namespace migrate::test
