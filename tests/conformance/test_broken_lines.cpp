// Files of lines beside a manifest, in which a line was broken since.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate;
using namespace migrate::test;

namespace {

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

/// A database of this many rows as lines of JSON, of which line 3 is broken.
std::string make_broken(const TemporaryDirectory& directory, int rows) {
    SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"
            "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(rows) + ") SELECT i, 'name ' || i FROM n");
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const Endpoint from = parse_endpoint("sqlite:" + directory.path("a.db"), false);
    const Endpoint to = parse_endpoint("json:" + directory.path("out/"), true);
    REQUIRE(migrator.execute_migration(migrator.plan_migration({from}, {to}, {}), {}).exit_code() == 0);
    std::string text = content(directory.path("out/t.ndjson"));
    const std::string line = "{\"id\":3,\"name\":\"name 3\"}";
    REQUIRE(text.find(line) != std::string::npos);
    text.replace(text.find(line), line.size(), "{\"id\":3,\"name\":oops}");
    std::ofstream(directory.path("out/t.ndjson"), std::ios::trunc | std::ios::binary) << text;
    return "json:" + directory.path("out");
}

MigrationResult read_back(const std::string& from, const TemporaryDirectory& directory,
                          const PlanOptions& options) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const MigrationPlan plan = migrator.plan_migration(
        {parse_endpoint(from, false)}, {parse_endpoint("sqlite:" + directory.path("b.db"), true)}, options);
    return migrator.execute_migration(plan, {});
}

}  // namespace

TEST_CASE("broken lines: beside a manifest one stops the run by default, with file, line and byte",
          "[conformance][broken-lines]") {
    const TemporaryDirectory directory;
    const std::string from = make_broken(directory, 5);
    CHECK_THROWS_WITH(read_back(from, directory, {}), Catch::Contains("t.ndjson, line 3, byte "));
    CHECK_FALSE(std::filesystem::exists(directory.path("b.db")));
}

TEST_CASE("broken lines: beside a manifest one is a dead letter where that is asked, whatever the chunks",
          "[conformance][broken-lines]") {
    for (const std::uint64_t chunk_rows : {1ULL, 2ULL, 150'000ULL}) {
        DYNAMIC_SECTION("chunks of " << chunk_rows) {
            const TemporaryDirectory directory;
            PlanOptions options;
            options.on_reject = RejectHandling::dead_letter;
            options.chunk_rows = chunk_rows;
            const MigrationResult result = read_back(make_broken(directory, 200), directory, options);
            INFO(result.failure);
            CHECK(result.exit_code() == 5);
            REQUIRE(result.tables.size() == 1);
            CHECK(result.tables[0].source_rows == 200);
            CHECK(result.tables[0].committed == 199);
            CHECK(result.tables[0].rejected == 1);
            SqliteDatabase database(directory.path("b.db"));
            CHECK(
                database.value("SELECT group_concat(id) FROM (SELECT id FROM t WHERE id < 6 ORDER BY id)") ==
                "1,2,4,5");
            std::vector<DeadLetter> letters;
            CrossDatabaseMigrator(MigratorConfig{})
                .dead_letters(
                    result.id, [&](const DeadLetter& letter) { letters.push_back(letter); },
                    parse_endpoint("sqlite:" + directory.path("b.db"), false));
            REQUIRE(letters.size() == 1);
            CHECK(letters[0].reason.find("t.ndjson, line 3, byte ") != std::string::npos);
            CHECK(letters[0].row.find("oops") != std::string::npos);
        }
    }
}
