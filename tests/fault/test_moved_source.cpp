#include <csignal>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "support/compare_databases.hpp"
#include "support/sqlite.hpp"

/// Migrations that were killed, and whose source has moved on before they are taken up: what is then in the
/// target is what the source says by then, all of it.
namespace migrate::test {
namespace {

std::vector<std::string> migrate(const KillSource& source, const KillTarget& target) {
    return {"migrate",      "--from", source.endpoint(), "--to", target.endpoint(),
            "--chunk-rows", "100",    "--workers",       "1",    "--execute"};
}

void require_same_rows(const KillSource& source, const KillTarget& target) {
    const CompareResult compared = compare_databases(source.endpoint(), target.endpoint());
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.equal());
    CHECK(compared.tables == 3);
    CHECK(target.leftovers().empty());
}

/// "3 of 7": chunks that stay; empty where nothing is said of them.
std::string kept_chunks(const CommandResult& result) {
    const std::size_t end = result.out.find(" chunks that had been loaded");
    const std::size_t begin = result.out.rfind("whether it has: ", end);
    return end == std::string::npos || begin == std::string::npos
               ? ""
               : result.out.substr(begin + 16, end - begin - 16);
}

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) {
        ++count;
    }
    return count;
}

/// Killed, changed, and killed again at each step of taking it up.
void run_pair(const std::string& from, const std::string& to, const std::string& killed_at) {
    const auto source = KillSource::make(from);
    if (!source || (to == "postgresql" && !pg_test_conninfo())) {
        return;
    }
    const KillTarget target(to, false);
    CAPTURE(from, to, killed_at);
    REQUIRE(target.run(migrate(*source, target), killed_at).signal == SIGKILL);
    source->change();
    for (const char* point : {"take-back", "taken-back", "chunk-committed"}) {
        const CommandResult killed = target.run({"resume", "--last"}, point);
        INFO("killed at " << point << ": " << killed.out << killed.err);
        // JSON takes nothing back where it has nothing to.
        REQUIRE((killed.signal == SIGKILL || (to == "json" && killed.exit_code == 0)));
        REQUIRE((target.visible_tables() == 0 || killed.exit_code == 0));
        if (killed.signal == 0) {
            require_same_rows(*source, target);
            return;
        }
    }
    const CommandResult resumed = target.run({"resume", "--last"});
    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);
    require_same_rows(*source, target);
}

}  // namespace

TEST_CASE("moved source: what it says by then is what arrives, of every pair", "[fault][moved][slow]") {
    const std::string from = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const std::string to = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    for (const char* point : {"chunk-committed", "chunk-committed:3", "build-step", "verified"}) {
        run_pair(from, to, point);
    }
}

TEST_CASE("moved source: chunks stay that are what it says now, and the migration keeps its id",
          "[fault][moved]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    const auto source = KillSource::make("sqlite");
    const KillTarget target(to, false);
    CAPTURE(to);
    REQUIRE(target.run(migrate(*source, target), "build-step").signal == SIGKILL);
    source->execute("UPDATE book SET title = 'another' WHERE id = 333");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);
    // Of 3 + 5 + 3 chunks one is another: its rows are found by their key, where single rows can be taken
    // out.
    CHECK(kept_chunks(resumed) == (to == "json" ? "6 of 11" : "10 of 11"));
    CHECK(resumed.out.find("begun anew") == std::string::npos);
    CHECK(target.run({"history"}).out.find("abandoned") == std::string::npos);
    require_same_rows(*source, target);
}

TEST_CASE("moved source: a row elsewhere on the server costs nothing that is loaded", "[fault][moved]") {
    const auto source = KillSource::make("postgresql");
    if (!source) {
        return;
    }
    const KillTarget target("sqlite", false);
    REQUIRE(target.run(migrate(*source, target), "build-step").signal == SIGKILL);
    source->execute(
        "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t AS SELECT 1 AS n; DROP SCHEMA elsewhere "
        "CASCADE; ANALYZE");

    const CommandResult resumed = target.run({"resume", "--last", "--json"});

    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);
    const std::string kept = kept_chunks(resumed);
    const std::size_t of = kept.find(" of ");
    REQUIRE(of != std::string::npos);
    CHECK(kept.substr(0, of) == kept.substr(of + 4));
    require_same_rows(*source, target);
}

TEST_CASE("moved source: what was refused before is looked at again", "[fault][moved][reject]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(to);
    const TemporaryDirectory directory;
    const std::string file = directory.path("source.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
        "FROM i WHERE i < 1000) INSERT INTO t SELECT i, CASE WHEN i % 50 = 0 AND i <= 200 THEN 'word' ELSE i "
        "END FROM i");
    const KillTarget target(to, false);
    REQUIRE(target
                .run({"migrate", "--from", file, "--to", target.endpoint(), "--execute", "--chunk-rows",
                      "100", "--workers", "1", "--on-reject", "dead-letter", "--type", "t.n=int64"},
                     "chunk-committed:8")
                .signal == SIGKILL);
    // What was accepted stays as it was.
    SqliteDatabase(file).exec("UPDATE t SET n = 7 WHERE id = 50");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 5);
    // Two of them have what was refused. The dead letters of a JSON target cannot be taken back in part.
    CHECK(kept_chunks(resumed) == (to == "json" ? "" : "6 of 8"));
    const CommandResult letters = target.run({"dead-letters", "list", target.newest_done(), "--show-values"});
    INFO(letters.out << letters.err);
    CHECK(count_of(letters.out, "\"word\"") == 3);
    SqliteDatabase(file).exec("DELETE FROM t WHERE typeof(n) = 'text'");
    const CompareResult compared = compare_databases("sqlite:" + file, target.endpoint());
    CHECK(compared.difference_count == 0);
    CHECK(compared.rows == 997);
}

TEST_CASE("moved source: tables of every kind are what they say by then", "[fault][moved]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const std::string level = GENERATE(as<std::string>(), "basic", "standard");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(to, level);
    const TemporaryDirectory directory;
    const std::string file = directory.path("source.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE keyed (code TEXT PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE counted (id INTEGER "
        "PRIMARY "
        "KEY AUTOINCREMENT, v TEXT); CREATE TABLE bare (v TEXT); CREATE TABLE parent (id INTEGER PRIMARY "
        "KEY, up "
        "INTEGER REFERENCES parent (id));"
        "WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 900) INSERT INTO keyed "
        "SELECT "
        "'k' || i, i FROM i; INSERT INTO counted SELECT v, 'v' || v FROM keyed; INSERT INTO bare SELECT v "
        "FROM "
        "counted; INSERT INTO parent SELECT v, max(v / 2, 1) FROM keyed;");
    const KillTarget target(to, false);
    REQUIRE(target
                .run({"migrate", "--from", file, "--to", target.endpoint(), "--execute", "--chunk-rows",
                      "100", "--level", level},
                     "build-step")
                .signal == SIGKILL);
    // The highest number that was given is remembered although its row is gone.
    SqliteDatabase(file).exec(
        "INSERT INTO counted (v) VALUES ('gone'); DELETE FROM counted WHERE id > 850; UPDATE keyed SET v = "
        "-1 WHERE "
        "code = 'k7'; UPDATE bare SET v = 'moved' WHERE rowid = 450; DELETE FROM parent WHERE id > 880; "
        "UPDATE "
        "parent SET up = 880 WHERE id = 500");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);
    CHECK(resumed.out.find("begun anew") == std::string::npos);
    const CompareResult compared = compare_databases("sqlite:" + file, target.endpoint());
    CHECK(compared.equal());
    CHECK(compared.tables == 4);
    if (to == "sqlite") {
        CHECK(target.value("SELECT seq FROM sqlite_sequence WHERE name = 'counted'") == "901");
    } else if (to == "postgresql") {
        CHECK(target.value("SELECT nextval(pg_get_serial_sequence('counted', 'id'))") == "902");
    }
}

TEST_CASE("moved source: partitions, children and rows that go where rows are already", "[fault][moved]") {
    const auto source = make_pg_database();
    if (!source) {
        return;
    }
    const std::string on_existing = GENERATE(as<std::string>(), "load", "replace");
    CAPTURE(on_existing);
    source->connect().exec(
        "CREATE TABLE part (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE part_a "
        "PARTITION "
        "OF part FOR VALUES FROM (0) TO (1000); CREATE TABLE part_b PARTITION OF part FOR VALUES FROM (1000) "
        "TO "
        "(9000); INSERT INTO part SELECT i, 'v' || i FROM generate_series(1, 2000) i; CREATE TABLE note (id "
        "int "
        "PRIMARY KEY, v text); INSERT INTO note SELECT i, 'n' || i FROM generate_series(1, 3000) i");
    const KillTarget target("postgresql", false);
    target.execute(
        "CREATE TABLE note (id int PRIMARY KEY, v text); INSERT INTO note VALUES (100000, 'was here')");
    std::vector<std::string> arguments{"migrate",
                                       "--from",
                                       "pg:" + source->conninfo(),
                                       "--to",
                                       target.endpoint(),
                                       "--execute",
                                       "--chunk-rows",
                                       "200",
                                       "--on-existing",
                                       on_existing,
                                       "--target-backup",
                                       "never"};
    if (on_existing == "load") {
        arguments.insert(arguments.end(), {"--on-conflict", "overwrite"});
    }
    const CommandResult killed = target.run(arguments, "loaded");
    INFO(killed.out << killed.err);
    REQUIRE(killed.signal == SIGKILL);
    source->connect().exec(
        "DELETE FROM part WHERE id = 5; CREATE TABLE part_c PARTITION OF part FOR VALUES FROM (9000) TO "
        "(9999); "
        "DROP TABLE part_c; INSERT INTO note VALUES (50000, 'new'); UPDATE note SET v = 'other' WHERE id = "
        "17");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);
    CHECK(resumed.out.find("begun anew") == std::string::npos);
    CHECK(target.value("SELECT count(*) FROM part") == "1999");
    CHECK(target.value("SELECT count(*) FROM note") == (on_existing == "load" ? "3002" : "3001"));
    CHECK(target.value("SELECT v FROM note WHERE id = 17") == "other");
    CHECK(target.value("SELECT v FROM note WHERE id = 50000") == "new");
    CHECK(target.value("SELECT count(*) FROM part WHERE id = 5") == "0");
    target.execute("DELETE FROM note WHERE id = 100000");
    const CompareResult compared = compare_databases("pg:" + source->conninfo(), target.endpoint());
    CHECK(compared.difference_count == 0);
}

}  // namespace migrate::test
