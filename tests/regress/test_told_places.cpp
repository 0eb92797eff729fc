#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What was told in a way that nobody could act on: a row by its number in a chunk, a broken line only by the
/// load, a failure twice, mistakes of a file one at a time.
namespace migrate::test {
namespace {

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

std::vector<std::string> migrate(const std::string& from, const std::string& to,
                                 const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"migrate", "--from", from, "--to", to, "--source-backup", "never"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

constexpr const char* k_rows =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (10, 'a'), (20, 'b'), (30, 'c'), "
    "(40, "
    "'far too long'), (50, 'e')";

}  // namespace

TEST_CASE("regress: a row that ends a load is told by a place that finds it",
          "[regress][postgresql][errors]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (!from || !to) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_rows);
    from->connect().exec(
        "CREATE TABLE t (id bigint PRIMARY KEY, n text); INSERT INTO t VALUES (10, 'a'), (20, 'far too "
        "long')");
    to->connect().exec("CREATE TABLE t (id bigint PRIMARY KEY, n varchar(5))");
    const std::string target = "pg:" + to->conninfo();
    const std::vector<std::string> load{"--on-existing", "load", "--execute"};

    const CommandResult sqlite = run_cli(migrate("sqlite:" + directory.path("a.db"), target, load));
    CHECK_THAT(sqlite.err, Catch::Contains("table t, row 4, column n: "));
    const CommandResult server = run_cli(migrate("pg:" + from->conninfo(), target, load));
    CHECK_THAT(server.err, Catch::Contains("table public.t, row 2, column n: "));
    const std::string files = "json:" + directory.path("files/");
    REQUIRE(run_cli(migrate("sqlite:" + directory.path("a.db"), files, {"--execute"})).exit_code == 0);
    const CommandResult json = run_cli(migrate(files, target, load));
    CHECK_THAT(json.err, Catch::Contains("table t, row 4, column n: "));
}

TEST_CASE("regress: a dry run finds a broken line of a database in JSON", "[regress][json][plan]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_rows);
    const std::string files = directory.path("files");
    REQUIRE(run_cli(migrate("sqlite:" + directory.path("a.db"), "json:" + files + "/", {"--execute"}))
                .exit_code == 0);
    write_file(files + "/t.ndjson", "{\"id\":10,\"n\":\"a\"}\n{\"id\":20,\"n\":\n{\"id\":30,\"n\":\"c\"}\n");
    const CommandResult dry = run_cli(migrate("json:" + files + "/", "sqlite:" + directory.path("b.db")));
    INFO(dry.out << dry.err);
    CHECK(dry.exit_code == 3);
    CHECK_THAT(dry.out, Catch::Contains("1 line is not JSON and cannot become a row. The first: ") &&
                            Catch::Contains("t.ndjson, line 2, byte "));
    // Told once, where the plan is.
    CHECK(times(dry.out + dry.err, "1 line is not JSON") == 1);
    CHECK_THAT(dry.err, Catch::Contains("preflight found something in the way"));
    const CommandResult rejecting = run_cli(migrate("json:" + files + "/", "sqlite:" + directory.path("b.db"),
                                                    {"--on-reject", "dead-letter", "--execute"}));
    INFO(rejecting.out << rejecting.err);
    CHECK(rejecting.exit_code == 5);
}

TEST_CASE("regress: why a migration failed is told once", "[regress][postgresql][errors]") {
    const auto to = make_pg_database();
    if (!to) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_rows);
    to->connect().exec("CREATE TABLE t (id bigint PRIMARY KEY, n varchar(5))");
    const CommandResult failed = run_cli(migrate("sqlite:" + directory.path("a.db"), "pg:" + to->conninfo(),
                                                 {"--on-existing", "load", "--execute"}));
    INFO(failed.out << failed.err);
    CHECK(failed.exit_code == 6);
    CHECK(times(failed.out + failed.err, "a value does not fit") == 1);
    CHECK(times(failed.out + failed.err, "mend the row") == 1);
    CHECK_THAT(failed.out, Catch::Contains(": failed, "));
}

TEST_CASE("regress: all mistakes of a mapping file or a configuration are told at once",
          "[regress][mapping][config]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_rows);
    write_file(directory.path("m.yaml"),
               "version: 1\ntables:\n  - from: t\n    colums: {}\n    where: [x]\n  - to: y\n    rename: "
               "{}\nfoo: 1\n");
    const CommandResult mapping =
        run_cli(migrate("sqlite:" + directory.path("a.db"), "sqlite:" + directory.path("b.db"),
                        {"--mapping", directory.path("m.yaml")}));
    INFO(mapping.err);
    CHECK(mapping.exit_code == 2);
    for (const char* place :
         {"m.yaml:4:5: ", "m.yaml:5:12: ", "m.yaml:7:5: ", "m.yaml:6:5: ", "m.yaml:8:1: "}) {
        CHECK_THAT(mapping.err, Catch::Contains(place));
    }

    write_file(
        directory.path("c.yaml"),
        "endpoints:\n  a: {uri: x.db, foo: 1}\n  b: {}\ndefaults:\n  level: nonsense\n  nope: 1\nblah: 2\n");
    const CommandResult config = run_cli({"config", "show", "--config", directory.path("c.yaml")});
    INFO(config.err);
    CHECK(config.exit_code == 2);
    for (const char* place : {"line 2: ", "line 3: ", "line 5: ", "line 6: ", "line 7: "}) {
        CHECK_THAT(config.err, Catch::Contains(place));
    }
}

TEST_CASE("regress: a copy of values that are spelled their own way keeps the recorded type",
          "[regress][postgresql][types]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (!from || !to) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY, a int[], u uuid); INSERT INTO t VALUES (1, '{1,2}', "
        "'0f0e0d0c-0b0a-4908-8706-050403020100'), (2, '{3}', NULL)");
    const TemporaryDirectory directory;
    const std::string between = "sqlite:" + directory.path("between.db");
    const std::string copy = "sqlite:" + directory.path("copy.db");
    REQUIRE(run_cli(migrate("pg:" + from->conninfo(), between, {"--execute"})).exit_code == 0);
    SqliteDatabase(directory.path("between.db")).exec("UPDATE t SET a = '[1, 2]', u = upper(u) WHERE id = 1");
    REQUIRE(run_cli(migrate(between, copy, {"--execute"})).exit_code == 0);
    CHECK(SqliteDatabase(directory.path("copy.db")).value("SELECT a FROM t WHERE id = 1") == "[1, 2]");
    for (const char* command : {"diff", "verify"}) {
        const CommandResult same = run_cli({command, "--from", between, "--to", copy});
        INFO(command << ": " << same.out << same.err);
        CHECK(same.exit_code == 0);
    }
    REQUIRE(run_cli(migrate(copy, "pg:" + to->conninfo(), {"--execute"})).exit_code == 0);
    CHECK(
        to->connect().value("SELECT pg_typeof(a)::text || pg_typeof(u)::text || a[2] FROM t WHERE id = 1") ==
        "integer[]uuid2");
}

TEST_CASE("regress: orphans and repeated keys of citext are counted as citext compares them",
          "[regress][postgresql][keys]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (!from || !to ||
        from->connect().value("SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'") == "0") {
        return;
    }
    from->connect().exec(
        "CREATE EXTENSION citext; CREATE TABLE p (n citext PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, "
        "n citext "
        "REFERENCES p (n)); INSERT INTO p VALUES ('Abc'), ('Def'); INSERT INTO c VALUES (1, 'aBC'), (2, "
        "'def')");
    to->connect().exec("CREATE EXTENSION citext");
    const TemporaryDirectory directory;
    const std::string file = "sqlite:" + directory.path("between.db");
    run_cli(migrate("pg:" + from->conninfo(), file, {"--execute"}));
    const CommandResult fits = run_cli(migrate(file, "pg:" + to->conninfo()));
    INFO(fits.out << fits.err);
    CHECK(fits.exit_code == 0);

    SqliteDatabase(directory.path("between.db"))
        .exec("INSERT INTO c VALUES (3, 'gone'); INSERT INTO p VALUES ('ABC')");
    const CommandResult broken = run_cli(migrate(file, "pg:" + to->conninfo()));
    INFO(broken.out << broken.err);
    CHECK(broken.exit_code == 3);
    CHECK_THAT(broken.out,
               Catch::Contains("table c, foreign key (n): 1 row points to rows of p that are not there"));
    CHECK_THAT(broken.out,
               Catch::Contains("table p, primary key (n): 1 row repeats the key of another by value"));
}

TEST_CASE("regress: rows whose second key another row has are refused by that key's name",
          "[regress][postgresql][existing]") {
    const auto to = make_pg_database();
    if (!to) {
        return;
    }
    PgConnection pg = to->connect();
    pg.exec("CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE, n int)");
    const TemporaryDirectory directory;
    const auto load = [&](const std::string& rows, const std::string& there, const std::string& conflict) {
        pg.exec("TRUNCATE t; INSERT INTO t VALUES " + there);
        SqliteDatabase source(directory.path("a.db"));
        source.exec(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT, n INT); INSERT INTO t "
            "VALUES " +
            rows);
        std::vector<std::string> more{"--on-existing", "load", "--on-conflict", conflict, "--execute"};
        if (conflict == "keep-newest") {
            more.insert(more.end(), {"--newest-column", "n"});
        }
        return run_cli(migrate("sqlite:" + directory.path("a.db"), "pg:" + to->conninfo(), more));
    };
    const std::string before = "SELECT string_agg(id || u, ',' ORDER BY id) FROM t";
    for (const char* conflict : {"overwrite", "keep-newest"}) {
        const CommandResult result = load("(1, 'b', 10), (3, 'c', 3)", "(1, 'a', 1), (2, 'b', 2)", conflict);
        INFO(conflict << ": " << result.out << result.err);
        CHECK(result.exit_code == 6);
        CHECK_THAT(result.err, Catch::Contains("1 row whose value of unique key t_u_key (\"u\")"));
        CHECK_THAT(result.err, !Catch::Contains("SQLSTATE"));
        CHECK(pg.value(before) == "1a,2b");
    }
    const CommandResult exchanged =
        load("(1, 'b', 10), (2, 'a', 10)", "(1, 'a', 1), (2, 'b', 2)", "overwrite");
    INFO(exchanged.out << exchanged.err);
    CHECK_THAT(exchanged.err, Catch::Contains("DEFERRABLE") && !Catch::Contains("SQLSTATE"));
    CHECK(pg.value(before) == "1a,2b");
    // Without a clash the rows are overwritten.
    CHECK(load("(1, 'x', 10), (3, 'c', 3)", "(1, 'a', 1), (2, 'b', 2)", "overwrite").exit_code == 0);
    CHECK(pg.value(before) == "1x,2b,3c");
}

}  // namespace migrate::test
