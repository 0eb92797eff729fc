#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {
namespace {

constexpr const char* k_music =
    "CREATE TABLE artist (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL UNIQUE);"
    "CREATE TABLE album (id INTEGER PRIMARY KEY, artist INT NOT NULL REFERENCES artist (id) ON DELETE "
    "CASCADE,"
    "  title TEXT NOT NULL DEFAULT 'untitled', price DECIMAL(8,2) DEFAULT 0 CHECK (price >= 0));"
    "CREATE INDEX album_artist ON album (artist DESC);"
    "CREATE VIEW dear AS SELECT title FROM album WHERE price > 10;"
    "INSERT INTO artist (name) VALUES ('Ada'), ('Grace');"
    "INSERT INTO album VALUES (1, 1, 'One', 9.99), (2, 2, 'Two', 19.5);";

CommandResult verify(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"verify", "--from", from, "--to", to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cli(arguments);
}

}  // namespace

TEST_CASE("cli: verify finds what a PostgreSQL target lacks of the schema", "[cli][pg][verify]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(k_music);
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const std::string to = "pg:" + database->conninfo();
    require_success(run_cli({"migrate", "--from", from, "--to", to, "--execute"}));
    require_success(verify(from, to));
    require_success(verify(to, from));

    const std::vector<std::pair<std::string, std::string>> k_damage{
        {"ALTER TABLE artist DROP CONSTRAINT artist_name_key", "unique key (name): only in the source"},
        {"DROP INDEX album_artist", "index album_artist: only in the source"},
        {"ALTER TABLE album ALTER title DROP NOT NULL",
         "column title: NOT NULL expected, NULL allowed found"},
        {"ALTER TABLE album ALTER title SET DEFAULT 'x'", "column title: DEFAULT 'untitled'"},
        {"ALTER TABLE album ALTER price TYPE real",
         "column price: type numeric(8,2) expected, type real found"},
        {"ALTER TABLE album DROP CONSTRAINT album_check", "only in the source (check"},
        {"ALTER TABLE album DROP CONSTRAINT album_artist_fkey", "foreign key (artist): only in the source"},
        {"SELECT setval(pg_get_serial_sequence('artist', 'id'), 1)", "next value 3 expected"},
        {"DROP VIEW dear", "view public.dear: only in the source"},
        {"CREATE INDEX more ON album (title)", "index more: only in the target"},
    };
    for (const auto& [statement, told] : k_damage) {
        const PgDatabase other;
        const std::string damaged = "pg:" + other.conninfo();
        require_success(run_cli({"migrate", "--from", from, "--to", damaged, "--execute"}));
        if (statement.find("price TYPE") != std::string::npos) {
            other.connect().exec("DROP VIEW dear");
        }
        other.connect().exec(statement);
        const CommandResult result = verify(from, damaged);
        INFO(statement << "\n" << result.out << result.err);
        CHECK(result.exit_code == 4);
        CHECK(result.out.find(told) != std::string::npos);
        CHECK(run_cli({"diff", "--from", from, "--to", damaged}).exit_code == 4);
        require_success(verify(from, damaged, {"--rows-only"}));
        CHECK(verify(from, damaged, {"--level", "basic"}).exit_code == 4);
    }
}

TEST_CASE("cli: verify compares the schemas of two SQLite files as they are written", "[cli][verify]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(k_music);
    const std::string same = directory.path("same.db");
    SqliteDatabase(same).exec(k_music);
    require_success(verify(from, same));

    const std::string other = directory.path("other.db");
    std::string text = k_music;
    text.replace(text.find("price >= 0"), 10, "price > -1");
    SqliteDatabase(other).exec(text);
    const CommandResult result = verify(from, other, {"--json"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 4);
    const rapidjson::Document report = json_of(result.out);
    CHECK_FALSE(report["equal"].GetBool());
    REQUIRE(report["schema"].Size() == 1);
    CHECK(report["schema"][0]["kind"] == "changed");
    CHECK(report["schema"][0]["expected"] == "check (price >= 0)");
    CHECK(report["schema"][0]["found"] == "check (price > -1)");
    require_success(verify(from, other, {"--skip", "checks"}));
    require_success(verify(from, other, {"--tables", "artist"}));
}

TEST_CASE("cli: verify compares the schema that a JSON database describes", "[cli][verify]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(std::string(k_music) + "DROP VIEW dear;");
    const std::string to = "json:" + directory.path("there/");
    require_success(run_cli({"migrate", "--from", from, "--to", to, "--execute"}));
    require_success(verify(from, to));
    require_success(verify(to, from));
    SqliteDatabase(from).exec("DROP INDEX album_artist");
    const CommandResult result = verify(from, to);
    INFO(result.out << result.err);
    CHECK(result.exit_code == 4);
    CHECK(result.out.find("index album_artist: only in the target") != std::string::npos);
}

TEST_CASE("cli: what a migration ends well is equal by verify with the same options", "[cli][pg][verify]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b TEXT COLLATE NOCASE UNIQUE);"
        "CREATE INDEX i ON t (lower(a)); CREATE INDEX j ON t (a COLLATE NOCASE);"
        "INSERT INTO t VALUES (1, 'A', 'B')");
    const PgDatabase plain;
    const std::string to = "pg:" + plain.conninfo();
    require_success(run_cli({"migrate", "--from", from, "--to", to, "--execute"}));
    require_success(verify(from, to));

    const PgDatabase first;
    first.connect().exec(
        "CREATE TABLE \"T\" (\"Ab\" int PRIMARY KEY, \"bC\" int CHECK (\"bC\" > 0), d int GENERATED ALWAYS "
        "AS "
        "(\"bC\" + 1) STORED, f float8 DEFAULT 'NaN');"
        "CREATE INDEX ON \"T\" ((\"bC\" * 2)) WHERE \"Ab\" > 1; COMMENT ON SCHEMA public IS 'x'");
    const std::string source = "pg:" + first.conninfo();
    for (const std::vector<std::string>& options :
         {std::vector<std::string>{}, {"--names", "snake"}, {"--names", "lower"}, {"--skip", "checks"}}) {
        const PgDatabase second;
        std::vector<std::string> run{"migrate",  "--from", source, "--to", "pg:" + second.conninfo(),
                                     "--execute"};
        run.insert(run.end(), options.begin(), options.end());
        require_success(run_cli(run));
        require_success(verify(source, "pg:" + second.conninfo(), options));
    }
    const std::string files = "json:" + directory.path("j/");
    require_success(run_cli({"migrate", "--from", source, "--to", files, "--execute"}));
    const PgDatabase back;
    require_success(run_cli({"migrate", "--from", files, "--to", "pg:" + back.conninfo(), "--execute"}));
    require_success(verify(source, "pg:" + back.conninfo()));
}

TEST_CASE("cli: rules that only a manifest's record has are named where another engine gets none of them",
          "[cli][pg][verify]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT NOT NULL DEFAULT 'dd', n INT DEFAULT 7, CHECK (n > "
        "0));"
        "CREATE INDEX part ON t (n) WHERE u <> ''; CREATE TABLE plain (a INTEGER PRIMARY KEY, b TEXT UNIQUE);"
        "INSERT INTO t VALUES (1, 'a', 2)");
    const std::string files = "json:" + directory.path("files/");
    require_success(run_cli({"migrate", "--from", from, "--to", files, "--execute"}));
    const CommandResult result =
        run_cli({"migrate", "--from", files, "--to", "pg:" + database->conninfo(), "--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 5);
    CHECK(
        result.out.find("table t: only the record of what it was in sqlite has what it computes for u, n; 1 "
                        "check; 1 index on a part of its rows or an expression") != std::string::npos);
    CHECK(result.out.find("table plain: only the record") == std::string::npos);
    // Where they came from they are made again.
    require_success(run_cli({"migrate", "--from", files, "--to", directory.path("back.db"), "--execute"}));
    require_success(verify(from, directory.path("back.db")));
}

}  // namespace migrate::test
