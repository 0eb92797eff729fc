#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// A database that two migrations have written into remembers both: the second's record took the first's
/// place.
namespace migrate::test {

namespace {

void migrate(const std::string& from, const std::string& to) {
    const CommandResult result = run_cli({"migrate", "--from", from, "--to", to, "--execute"});
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
}

/// The declared types of two SQLite databases' tables after both went into one database and back together.
std::string declared_after(const TemporaryDirectory& directory, const std::string& between) {
    const std::string first = directory.path("first.db");
    const std::string second = directory.path("second.db");
    SqliteDatabase(first).exec("CREATE TABLE a (p NUMBER(9,2)); INSERT INTO a VALUES (1.25)");
    SqliteDatabase(second).exec(
        "CREATE TABLE b (c NATIVE VARYING CHARACTER ( 40 )); INSERT INTO b VALUES ('x')");
    migrate("sqlite:" + first, between);
    migrate("sqlite:" + second, between);
    const std::string back = directory.path("back.db");
    migrate(between, "sqlite:" + back);
    std::string declared;
    for (const auto& row :
         SqliteDatabase(back).query("SELECT (SELECT type FROM pragma_table_info('a')) || ' and ' "
                                    "|| (SELECT type FROM pragma_table_info('b'))")) {
        declared += row.at(0).value_or("NULL");
    }
    return declared;
}

constexpr const char* k_declared = "NUMBER(9,2) and NATIVE VARYING CHARACTER ( 40 )";

}  // namespace

TEST_CASE("regress: two migrations into one JSON database are both remembered",
          "[regress][provenance][json]") {
    const TemporaryDirectory directory;
    CHECK(declared_after(directory, "json:" + directory.path("between") + "/") == k_declared);
}

TEST_CASE("regress: two migrations into one JSON file are both remembered", "[regress][provenance][json]") {
    const TemporaryDirectory directory;
    CHECK(declared_after(directory, "json:" + directory.path("between.json")) == k_declared);
}

TEST_CASE("regress: two migrations into one PostgreSQL database are both remembered",
          "[regress][provenance][postgresql]") {
    if (const auto database = make_pg_database()) {
        const TemporaryDirectory directory;
        CHECK(declared_after(directory, "pg:" + database->conninfo()) == k_declared);
    }
}

TEST_CASE("regress: two migrations into one SQLite database are both remembered",
          "[regress][provenance][sqlite][postgresql]") {
    const auto first = make_pg_database();
    const auto second = make_pg_database();
    const auto back = make_pg_database();
    if (!first || !second || !back) {
        return;
    }
    first->connect().exec("CREATE TABLE a (p numeric(12,2)); INSERT INTO a VALUES (1.25)");
    second->connect().exec(
        "CREATE TABLE b (u uuid, t timestamptz); INSERT INTO b VALUES (gen_random_uuid(), now())");
    const TemporaryDirectory directory;
    const std::string between = "sqlite:" + directory.path("between.db");
    migrate("pg:" + first->conninfo(), between);
    migrate("pg:" + second->conninfo(), between);
    migrate(between, "pg:" + back->conninfo());
    CHECK(back->connect().value(
              "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attrelid::regclass::text, "
              "attnum) FROM pg_attribute WHERE attrelid IN ('a'::regclass, 'b'::regclass) AND attnum > 0") ==
          "numeric(12,2), uuid, timestamp with time zone");
}

}  // namespace migrate::test
