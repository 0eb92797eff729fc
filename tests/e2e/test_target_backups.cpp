#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/compare_databases.hpp"
#include "support/file_tree.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Backups of what a migration replaces or changes, and of servers.
namespace migrate::test {

namespace {

namespace fs = std::filesystem;

std::string make_source(const TemporaryDirectory& directory) {
    const std::string path = directory.path("new.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        "INSERT INTO item VALUES (1, 'new one'), (2, 'new two'), (3, 'new three')");
    return path;
}

std::vector<std::string> replace_arguments(const TemporaryDirectory& directory, const std::string& to) {
    return {"migrate", "--from",       directory.path("new.db"), "--to",  to,
            "--json",  "--execute",    "--source-backup",        "never", "--on-existing",
            "replace", "--backup-dir", directory.path("backups")};
}

std::string target_backup_of(const CommandResult& result) {
    require_success(result);
    return json_of(result.out)["target_backup"].GetString();
}

void require_equal(const std::string& left, const std::string& right, std::uint64_t rows) {
    const CompareResult compared = compare_databases(left, right);
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.difference_count == 0);
    REQUIRE(compared.rows == rows);
}

}  // namespace

TEST_CASE("backup: a SQLite target whose tables are replaced has a backup of what it was", "[e2e][backup]") {
    const TemporaryDirectory directory;
    make_source(directory);
    const std::string target = directory.path("old.db");
    SqliteDatabase(target).exec(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE other (x);"
        "INSERT INTO item VALUES (7, 'old'); INSERT INTO other VALUES (1)");
    fs::copy_file(target, directory.path("before.db"));
    const std::string backup = target_backup_of(run_cli(replace_arguments(directory, target)));
    CHECK(backup.ends_with("-target"));
    require_success(run_cli({"backup", "verify", backup}));
    require_success(run_cli({"backup", "restore", backup, "--to", directory.path("back.db")}));
    require_equal("sqlite:" + directory.path("before.db"), "sqlite:" + directory.path("back.db"), 2);
    CHECK(SqliteDatabase(target).value("SELECT count(*) FROM item") == "3");
}

TEST_CASE("backup: a target is backed up where something in it changes, or always, or never",
          "[e2e][backup]") {
    const TemporaryDirectory directory;
    make_source(directory);
    const std::string target = directory.path("old.db");
    // Nothing is there that could change.
    CHECK(target_backup_of(run_cli(replace_arguments(directory, target))).empty());
    auto never = replace_arguments(directory, target);
    never.insert(never.end(), {"--target-backup", "never"});
    CHECK(target_backup_of(run_cli(never)).empty());
    CHECK_FALSE(fs::exists(directory.path("backups")));
    CHECK_FALSE(target_backup_of(run_cli(replace_arguments(directory, target))).empty());
    SqliteDatabase(directory.path("fresh.db")).exec("CREATE TABLE unrelated (x)");
    auto always = replace_arguments(directory, directory.path("fresh.db"));
    CHECK(target_backup_of(run_cli(always)).empty());
    SqliteDatabase(directory.path("fresh2.db")).exec("CREATE TABLE unrelated (x)");
    always = replace_arguments(directory, directory.path("fresh2.db"));
    always.insert(always.end(), {"--target-backup", "always"});
    CHECK_FALSE(target_backup_of(run_cli(always)).empty());
}

TEST_CASE("backup: a JSON target whose tables are replaced has a backup of what it was", "[e2e][backup]") {
    const TemporaryDirectory directory;
    make_source(directory);
    SqliteDatabase(directory.path("old.db"))
        .exec("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO item VALUES (7, 'old')");
    const std::string target = "json:" + directory.path("out/");
    require_success(run_cli({"migrate", "--from", directory.path("old.db"), "--to", target, "--execute",
                             "--source-backup", "never"}));
    const auto before = file_tree(directory.path("out"));
    const std::string backup = target_backup_of(run_cli(replace_arguments(directory, target)));
    require_success(run_cli({"backup", "restore", backup, "--to", "json:" + directory.path("back/")}));
    const auto after = file_tree(directory.path("back"));
    CHECK(after.at("manifest.json") == before.at("manifest.json"));
    CHECK(after.at("item.ndjson") == before.at("item.ndjson"));
}

TEST_CASE("backup: a PostgreSQL target whose tables change has a backup of what it was",
          "[e2e][backup][postgresql]") {
    if (!pg_test_conninfo()) {
        WARN("MIGRATE_TEST_PG is not set");
        return;
    }
    const TemporaryDirectory directory;
    make_source(directory);
    const PgDatabase database;
    const PgDatabase before;
    for (const PgDatabase* one : {&database, &before}) {
        one->connect().exec(
            "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL CHECK (name <> ''));"
            "CREATE TABLE part (id serial PRIMARY KEY, item bigint REFERENCES item ON DELETE CASCADE, size "
            "numeric(8,2) DEFAULT 1.50);"
            "INSERT INTO item VALUES (1, 'old one'), (9, 'old nine');"
            "INSERT INTO part (item) VALUES (1), (9), (9)");
    }
    std::vector<std::string> arguments{"migrate",
                                       "--from",
                                       directory.path("new.db"),
                                       "--to",
                                       "pg:" + database.conninfo(),
                                       "--json",
                                       "--execute",
                                       "--source-backup",
                                       "never",
                                       "--on-existing",
                                       "load",
                                       "--on-conflict",
                                       "overwrite",
                                       "--backup-dir",
                                       directory.path("backups")};
    const std::string backup = target_backup_of(run_cli(arguments));
    CHECK(database.connect().value("SELECT name FROM item WHERE id = 1") == "new one");
    require_success(run_cli({"backup", "verify", backup}));

    const PgDatabase fresh;
    require_success(run_cli({"backup", "restore", backup, "--to", "pg:" + fresh.conninfo()}));
    require_equal("pg:" + before.conninfo(), "pg:" + fresh.conninfo(), 5);
    // Tables that are there are not written over.
    require_one_error(run_cli({"backup", "restore", backup, "--to", "pg:" + fresh.conninfo()}), 3);
    require_success(
        run_cli({"backup", "restore", backup, "--to", "pg:" + database.conninfo(), "--overwrite"}));
    CHECK(database.connect().value("SELECT string_agg(name, ',' ORDER BY id) FROM item") ==
          "old one,old nine");
}

TEST_CASE("backup: a PostgreSQL database is backed up by hand, encrypted, and comes back",
          "[e2e][backup][postgresql]") {
    if (!pg_test_conninfo()) {
        WARN("MIGRATE_TEST_PG is not set");
        return;
    }
    const TemporaryDirectory directory;
    const PgDatabase database;
    database.connect().exec(
        "CREATE TABLE event (id bigserial PRIMARY KEY, at timestamptz, what jsonb, tags text[]);"
        "CREATE INDEX event_at ON event (at);"
        "INSERT INTO event (at, what, tags) SELECT now() + i * interval '1 hour', jsonb_build_object('n', "
        "i), "
        "ARRAY['canary-5TgQ', i::text] FROM generate_series(1, 300) i");
    const std::string key = directory.write_secret("key", std::string(32, 'k'));
    const std::string place = directory.path("backups");
    const CommandResult made =
        run_cli({"backup", "create", "--from", "pg:" + database.conninfo(), "--backup-dir", place,
                 "--encrypt-backup", "--backup-key-file", key, "--json", "--max-connections", "5"});
    require_success(made);
    const std::string path = json_of(made.out)["path"].GetString();
    for (const auto& [name, content] : file_tree(place)) {
        CHECK(content.find("canary-5TgQ") == std::string::npos);
    }
    const PgDatabase fresh;
    require_success(
        run_cli({"backup", "restore", path, "--to", "pg:" + fresh.conninfo(), "--backup-key-file", key}));
    require_equal("pg:" + database.conninfo(), "pg:" + fresh.conninfo(), 300);
    require_success(run_cli(
        {"backup", "restore", path, "--to", "json:" + directory.path("json/"), "--backup-key-file", key}));
    require_success(run_cli(
        {"verify", "--from", "pg:" + database.conninfo(), "--to", "json:" + directory.path("json/")}));
}

}  // namespace migrate::test
