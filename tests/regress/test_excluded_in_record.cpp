#include <string>

#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// On the way back to SQLite the record of the first way brought foreign keys and triggers of excluded tables
/// back, which then counted as left out, with exit code 5.
namespace migrate::test {

TEST_CASE("regress: the record brings nothing of excluded tables back", "[regress][sqlite][skip]") {
    const std::string through = GENERATE("json", "postgresql");
    CAPTURE(through);
    const auto server = through == "postgresql" ? make_pg_database() : nullptr;
    if (through == "postgresql" && !server) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string first = "sqlite:" + directory.path("first.db");
    const std::string last = "sqlite:" + directory.path("last.db");
    const std::string middle =
        server ? "pg:" + server->conninfo() : "json:" + directory.path("middle.d") + "/";
    SqliteDatabase(directory.path("first.db")).exec(R"(
        CREATE TABLE Parent (id INTEGER PRIMARY KEY);
        CREATE TABLE kept (id INTEGER PRIMARY KEY);
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id),
            other INTEGER REFERENCES kept (id));
        CREATE TRIGGER of_parent AFTER INSERT ON Parent BEGIN DELETE FROM kept; END;
        INSERT INTO Parent VALUES (1);
        INSERT INTO kept VALUES (1);
        INSERT INTO child VALUES (1, 1, 1))");
    // The trigger has no equal in between.
    REQUIRE(run_cli({"migrate", "--execute", "--from", first, "--to", middle}).exit_code == 5);

    const CommandResult back = run_cli({"migrate", "--execute", "--source-backup", "never", "--exclude",
                                        "Parent", "--from", middle, "--to", last});

    INFO(back.out << back.err);
    CHECK(back.exit_code == 0);
    SqliteDatabase made(directory.path("last.db"));
    CHECK(made.value("SELECT group_concat(\"table\") FROM pragma_foreign_key_list('child')") == "kept");
    CHECK(made.value("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == "0");
}

}  // namespace migrate::test
