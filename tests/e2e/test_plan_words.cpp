// What a plan says before anything is written: all of what a run will meet, and what is true of it.

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

/// A database of PostgreSQL, and the plan of its way to a new SQLite file.
struct ToSqlite {
    TemporaryDirectory directory;
    std::unique_ptr<PgDatabase> from = make_pg_database();
    std::string file = "sqlite:" + directory.path("out.db");

    explicit ToSqlite(const std::string& sql) { from->connect().exec(sql); }

    [[nodiscard]] CommandResult run(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"migrate", "--from", "pg:" + from->conninfo(), "--to", file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cli(arguments);
    }
};

}  // namespace

TEST_CASE("plan: a line that is no JSON is in the way of a dry run as of the run", "[e2e][json][plan]") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path("lines.ndjson")) << "{\"id\":1}\n{\"id\":\n{\"id\":3}\n";
    std::vector<std::string> arguments{"migrate", "--from", "json:" + directory.path("lines.ndjson"), "--to",
                                       "sqlite:" + directory.path("out.db")};
    const CommandResult dry = run_cli(arguments);
    INFO(dry.out << dry.err);
    CHECK(dry.exit_code == 3);
    CHECK_THAT(dry.out, Catch::Contains("1 line is not JSON") && Catch::Contains("line 2, byte") &&
                            Catch::Contains("--on-reject dead-letter"));
    arguments.emplace_back("--execute");
    CHECK(run_cli(arguments).exit_code == 3);
    CHECK_FALSE(std::filesystem::exists(directory.path("out.db")));
    arguments.insert(arguments.end(), {"--on-reject", "dead-letter"});
    CHECK(run_cli(arguments).exit_code == 5);
    CHECK(SqliteDatabase(directory.path("out.db")).value("SELECT count(*) FROM lines") == "2");
}

TEST_CASE("plan: numbers that SQLite's floats cannot hold are named", "[e2e][json][plan]") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path("n.json")) << R"([{"id":1,"x":-0},{"id":2,"x":1.5}])";
    const CommandResult plan = run_cli(
        {"migrate", "--from", directory.path("n.json"), "--to", "sqlite:" + directory.path("out.db")});
    INFO(plan.out << plan.err);
    CHECK(plan.exit_code == 0);
    CHECK_THAT(plan.out, Catch::Contains("column x") && Catch::Contains("-zero"));
}

TEST_CASE("plan: a column of text that a mapping computes with keeps its reading, which is told",
          "[e2e][plan][mapping]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, til DATETIME); INSERT INTO t VALUES (1, "
            "'2026-01-01T10:00:00Z', '2026-01-02T10:00:00Z')");
    SqliteDatabase(directory.path("b.db")).exec("CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT, til TEXT)");
    std::ofstream(directory.path("m.yaml"))
        << "version: 1\ntables:\n  - from: t\n    where: at is not null\n";
    const CommandResult result =
        run_cli({"migrate", "--from", directory.path("a.db"), "--to", directory.path("b.db"), "--mapping",
                 directory.path("m.yaml"), "--on-existing", "load", "--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Catch::Contains("column at: its values are read as timestamp_tz") &&
                               !Catch::Contains("column til: its values are read"));
    CHECK(SqliteDatabase(directory.path("b.db")).value("SELECT at || ' ' || til FROM t") ==
          "2026-01-01T10:00:00.000000Z 2026-01-02T10:00:00Z");
}

TEST_CASE("check: what is found in a file of lines is said once, and a broken line is damage",
          "[e2e][json][cli]") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path("lines.ndjson")) << "{\"id\":1}\n{\"id\":\n";
    const CommandResult check = run_cli({"check", directory.path("lines.ndjson")});
    INFO(check.out << check.err);
    CHECK(check.exit_code == 4);
    const std::size_t first = check.out.find("is not JSON");
    REQUIRE(first != std::string::npos);
    CHECK(check.out.find("is not JSON", first + 1) == std::string::npos);
}

TEST_CASE("plan: an option that an endpoint does not have is refused with those that it has", "[e2e][cli]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    const std::string target = "json:" + directory.path("out/");
    const auto to = [&](const std::string& options) {
        return run_cli({"migrate", "--from", directory.path("a.db"), "--to", target + options});
    };
    const CommandResult misspelled = to("?layuot=file");
    CHECK(misspelled.exit_code == 2);
    CHECK_THAT(misspelled.err, Catch::Contains("no option \"layuot\"") && Catch::Contains("layout"));
    CHECK(to("?bigint=text").exit_code == 2);
    CHECK(to("?max_nesting=2").exit_code == 0);
    CHECK(to("?max_nesting=2&max-nesting=3").exit_code == 2);
    CHECK(run_cli({"check", "sqlite:" + directory.path("a.db") + "?layout=file"}).exit_code == 2);
}

TEST_CASE("plan: how a new table among others would be undone is said, in JSON too", "[e2e][json][plan]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    SqliteDatabase(directory.path("b.db")).exec("CREATE TABLE u (a INTEGER PRIMARY KEY)");
    const std::string target = "json:" + directory.path("out/");
    const CommandResult first =
        run_cli({"migrate", "--from", directory.path("a.db"), "--to", target, "--execute"});
    REQUIRE(first.exit_code == 0);
    CHECK_THAT(first.out, Catch::Contains("nothing was there before"));
    const CommandResult second = run_cli({"migrate", "--from", directory.path("b.db"), "--to", target});
    INFO(second.out << second.err);
    CHECK(second.exit_code == 0);
    CHECK_THAT(second.out, Catch::Contains("drop the tables that were added"));
}

TEST_CASE("plan: what SQLite holds as text is listed, and what its keys cannot say",
          "[e2e][postgresql][plan]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const ToSqlite way(
        "CREATE TABLE t (id int PRIMARY KEY, price numeric(10,2), list int[], span interval, name text, a "
        "int, b "
        "int, UNIQUE NULLS NOT DISTINCT (a, b))");
    const CommandResult plan = way.run();
    INFO(plan.out << plan.err);
    CHECK(plan.exit_code == 5);
    const std::string mapped =
        plan.out.substr(plan.out.find("Columns that are not mapped in the obvious way"));
    CHECK_THAT(mapped,
               Catch::Contains("public.t.price") && Catch::Contains("as text, which keeps every digit"));
    CHECK_THAT(mapped, Catch::Contains("public.t.list") && Catch::Contains("public.t.span"));
    CHECK_THAT(mapped, !Catch::Contains("public.t.name"));
    CHECK_THAT(plan.out, Catch::Contains("unique key t_a_b_key: is made, but lets rows repeat"));
}

TEST_CASE("names: what a unique key says beside its columns stays when they are renamed",
          "[e2e][postgresql][names]") {
    const auto to = make_pg_database();
    if (!to) {
        return;
    }
    const auto from = make_pg_database();
    from->connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY, \"nullsA\" int, nulls int, c int, UNIQUE NULLS NOT DISTINCT "
        "(\"nullsA\", "
        "nulls) INCLUDE (c))");
    const CommandResult result = run_cli({"migrate", "--from", "pg:" + from->conninfo(), "--to",
                                          "pg:" + to->conninfo(), "--names", "snake", "--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(to->connect().value("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'u' AND "
                              "conrelid = 't'::regclass") ==
          "UNIQUE NULLS NOT DISTINCT (nulls_a, nulls) INCLUDE (c)");
}

TEST_CASE("names: two unique keys of the same columns come back as the two that they were",
          "[e2e][postgresql][names]") {
    const auto back = make_pg_database();
    if (!back) {
        return;
    }
    const ToSqlite way(
        "CREATE TABLE t (a int UNIQUE, CONSTRAINT late UNIQUE (a) DEFERRABLE INITIALLY DEFERRED)");
    REQUIRE(way.run({"--execute"}).exit_code == 0);
    REQUIRE(
        run_cli({"migrate", "--from", way.file, "--to", "pg:" + back->conninfo(), "--execute"}).exit_code ==
        0);
    CHECK(back->connect().value(
              "SELECT string_agg(conname || ' ' || condeferrable, ', ' ORDER BY conname) FROM "
              "pg_constraint WHERE conrelid = 't'::regclass AND contype = 'u'") ==
          "late true, t_a_key false");
}

TEST_CASE("plan: types of a database's own are told to be kept by the record, unless they are skipped",
          "[e2e][postgresql][plan]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const ToSqlite way(
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t (id int PRIMARY KEY, m mood); INSERT INTO "
        "t "
        "VALUES (1, 'glad')");
    const CommandResult plan = way.run();
    INFO(plan.out << plan.err);
    CHECK_THAT(plan.out, Catch::Contains("enum public.mood: SQLite has no types of its own making") &&
                             Catch::Contains("keeps its definition for the way back") &&
                             Catch::Contains("--skip enums"));
    const bool skipped = GENERATE(false, true);
    const CommandResult there = way.run(skipped ? std::vector<std::string>{"--skip", "enums", "--execute"}
                                                : std::vector<std::string>{"--execute"});
    CHECK(there.exit_code == (skipped ? 0 : 5));
    const auto back = make_pg_database();
    const CommandResult again =
        run_cli({"migrate", "--from", way.file, "--to", "pg:" + back->conninfo(), "--execute"});
    INFO(again.out << again.err);
    CHECK(back->connect().value("SELECT count(*) FROM pg_type WHERE typname = 'mood'") ==
          (skipped ? "0" : "1"));
    CHECK(back->connect().value("SELECT m FROM t") == "glad");
}

TEST_CASE("plan: of generated columns it is said what keeps them from being generated, and what changes",
          "[e2e][postgresql][plan]") {
    const auto back = make_pg_database();
    if (!back) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE g (id INTEGER PRIMARY KEY, a INT, b INT, s INT GENERATED ALWAYS AS (a + b) STORED, "
            "v "
            "TEXT AS (a || 'x') VIRTUAL, w TEXT AS (v || 'y')); INSERT INTO g (a, b) VALUES (1, 2)");
    const std::vector<std::string> arguments{"migrate", "--from", directory.path("a.db"), "--to",
                                             "pg:" + back->conninfo()};
    const CommandResult plan = run_cli(arguments);
    INFO(plan.out << plan.err);
    CHECK(plan.exit_code == 5);
    CHECK_THAT(plan.out,
               Catch::Contains("column s: Its expression has no equal in PostgreSQL (a result beyond "
                               "64 bits is a real number in SQLite and an error in PostgreSQL)"));
    CHECK_THAT(plan.out,
               Catch::Contains("column w: Its expression has no equal in PostgreSQL (it is computed "
                               "from v, which is generated itself"));
    CHECK_THAT(plan.out, Catch::Contains("column v: It is VIRTUAL in SQLite and becomes STORED"));
    std::vector<std::string> execute = arguments;
    execute.emplace_back("--execute");
    CHECK(run_cli(execute).exit_code == 5);
    CHECK(back->connect().value("SELECT s || v || w FROM g") == "31x1xy");
}

TEST_CASE("help: every word that an option takes is in it", "[e2e][cli][help]") {
    const CommandResult help = run_cli({"migrate", "--help"});
    CHECK(help.exit_code == 0);
    for (const char* word : {"dead-letter", "null-value", "not-valid", "keep-newest", "replace", "enums",
                             "policies", "default-privileges", "normalize"}) {
        INFO(word);
        CHECK_THAT(help.out, Catch::Contains(word));
    }
}

}  // namespace migrate::test
