#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// A manifest claims only keys that hold: rows that break them go the way that the policies say, as at the
/// databases that enforce keys.
namespace migrate::test {

namespace {

namespace fs = std::filesystem;

bool holds(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// parent 3 points nowhere, so 4 goes, so 5 goes; child 11 pointed to 5 and 13 nowhere; leaf 101, 103 pointed
// to these, 104 nowhere.
constexpr const char* k_orphans = R"(
    CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id));
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);
    CREATE TABLE leaf (id INTEGER PRIMARY KEY, child INTEGER NOT NULL REFERENCES child (id));
    INSERT INTO parent VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 4);
    INSERT INTO child VALUES (10, 1), (11, 5), (12, NULL), (13, 77);
    INSERT INTO leaf VALUES (100, 10), (101, 11), (102, 12), (103, 13), (104, 66);
)";

struct Bench {
    TemporaryDirectory home;
    TemporaryDirectory files;

    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, home.path())).wait();
    }
    CommandResult migrate(const std::string& target, std::vector<std::string> more) const {
        more.insert(more.begin(), {"migrate", "--from", "sqlite:" + files.path("from.db"), "--to",
                                   "json:" + files.path(target), "--execute"});
        return run(more);
    }
    std::string letters() const {
        std::string all;
        for (const auto& entry : fs::directory_iterator(files.path())) {
            const std::string name = entry.path().filename().string();
            if (holds(name, ".migrate-") && entry.is_directory()) {
                all += files.read(name + "/state/dead_letters.ndjson");
            }
        }
        return all;
    }
};

}  // namespace

TEST_CASE("regress: rows that repeat a key do not arrive in JSON under a key that is claimed",
          "[regress][json][keys]") {
    for (const char* target : {"d/", "f.json"}) {
        const Bench bench;
        SqliteDatabase(bench.files.path("from.db"))
            .exec(
                "CREATE TABLE t (id INTEGER, name TEXT);"
                "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
                "INSERT INTO t SELECT i / 2, 'row ' || i FROM n");
        const std::string mapping =
            bench.files.write("m.yaml", "version: 1\ntables:\n  - from: t\n    key: [id]\n");
        const CommandResult stopped = bench.migrate(target, {"--mapping", mapping});
        CHECK(stopped.exit_code != 0);
        CHECK(holds(stopped.err, "500 rows repeat the key of another"));
        CHECK_FALSE(fs::exists(bench.files.path(target)));
        const CommandResult result =
            bench.migrate(target, {"--mapping", mapping, "--on-reject", "dead-letter"});
        INFO(result.out << result.err);
        CHECK(result.exit_code == 5);
        const std::string letters = bench.letters();
        CHECK(lines_in(letters) == 500);
        CHECK(holds(letters, "row 999"));
        CHECK_FALSE(holds(letters, "row 998\\"));
        const CommandResult check = bench.run({"check", "json:" + bench.files.path(target)});
        CHECK(check.exit_code == 0);
        CHECK_FALSE(holds(check.out, "was edited"));
        CHECK_FALSE(holds(check.out, "repeat"));
        const std::string back = bench.files.path("back.db");
        require_success(bench.run({"migrate", "--from", "json:" + bench.files.path(target), "--to",
                                   "sqlite:" + back, "--execute"}));
        SqliteDatabase database(back);
        CHECK(database.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM t") == "500 500");
        CHECK(database.value("SELECT count(*) FROM t WHERE name = 'row ' || (2 * id)") == "500");
    }
}

TEST_CASE("regress: rows of JSON that point nowhere go the way that --on-orphan says",
          "[regress][json][keys]") {
    for (const char* target : {"d/", "f.json"}) {
        const Bench bench;
        SqliteDatabase(bench.files.path("from.db")).exec(k_orphans);
        SECTION(std::string(target) + ": stop") {
            const CommandResult result = bench.migrate(target, {"--on-orphan", "stop"});
            CHECK(result.exit_code != 0);
            CHECK(holds(result.err, "that are not there"));
            CHECK_FALSE(fs::exists(bench.files.path(target)));
        }
        SECTION(std::string(target) + ": not valid") {
            const CommandResult result = bench.migrate(target, {});
            CHECK(result.exit_code == 5);
            CHECK(holds(result.out, "1 row points to rows of child that are not there"));
            const std::string manifest =
                bench.files.read(std::string(target) == "d/" ? "d/manifest.json" : std::string(target));
            CHECK(holds(manifest, "\"validated\": false"));
            CHECK(holds(bench.run({"check", "json:" + bench.files.path(target)}).out, "that are not there"));
        }
        SECTION(std::string(target) + ": dead letters") {
            const CommandResult result = bench.migrate(target, {"--on-orphan", "dead-letter"});
            INFO(result.out << result.err);
            CHECK(result.exit_code == 5);
            CHECK(lines_in(bench.letters()) == 8);
            const std::string back = bench.files.path("back.db");
            require_success(bench.run({"migrate", "--from", "json:" + bench.files.path(target), "--to",
                                       "sqlite:" + back, "--execute"}));
            SqliteDatabase database(back);
            CHECK(database.value("SELECT group_concat(id) FROM parent") == "1,2");
            CHECK(database.value("SELECT group_concat(id) FROM child") == "10,12");
            CHECK(database.value("SELECT group_concat(id) FROM leaf") == "100,102");
        }
    }
}

TEST_CASE("regress: keys of JSON are compared as the database compares them", "[regress][json][keys]") {
    const Bench bench;
    const std::string sql =
        "CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT);"
        "INSERT INTO t VALUES ('x', '1'), ('X', '2'), (NULL, '3'), (NULL, '4'), ('y', '5');";
    SqliteDatabase(bench.files.path("from.db")).exec(sql);
    const std::string mapping =
        bench.files.write("m.yaml", "version: 1\ntables:\n  - from: t\n    key: [a]\n");
    const CommandResult result = bench.migrate("d/", {"--mapping", mapping, "--on-reject", "dead-letter"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 5);
    CHECK(lines_in(bench.letters()) == 3);  // a key of a mapping takes no NULL
    CHECK(lines_in(bench.files.read("d/t.ndjson")) == 2);
}

TEST_CASE("regress: check tells of keys that hold no longer", "[regress][json][keys]") {
    const Bench bench;
    SqliteDatabase(bench.files.path("from.db"))
        .exec(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id));"
            "INSERT INTO c VALUES (1, 1), (2, 2)");
    require_success(bench.migrate("d/", {}));
    bench.files.write("d/p.ndjson", "{\"id\":1}\n{\"id\":1}\n");
    const CommandResult result = bench.run({"check", "json:" + bench.files.path("d/")});
    CHECK(holds(result.out, "1 row repeats the key of another"));
    CHECK(holds(result.out, "1 row points to rows of p that are not there"));
}

}  // namespace migrate::test
