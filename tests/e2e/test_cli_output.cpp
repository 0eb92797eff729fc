#include <filesystem>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"
#include "support/terminal_run.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

std::string shop(const TemporaryDirectory& directory, int orders = 50) {
    const std::string path = directory.path("shop.db");
    SqliteDatabase database(path);
    database.exec(
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer (id),"
        " total REAL);"
        "INSERT INTO customer VALUES (1, 'Ada'), (2, 'Grace')");
    database.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                  std::to_string(orders) + ") INSERT INTO orders SELECT i, 1 + i % 2, i / 4.0 FROM n");
    return path;
}

/// A home of its own for state and configuration.
struct Home {
    TemporaryDirectory directory;

    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, directory.path())).wait();
    }
};

std::vector<std::string> migrate_to(const std::string& from, const std::string& to,
                                    const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"migrate", "--from", from, "--to", to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

TEST_CASE("cli: a dry run writes nothing anywhere", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    const auto before = file_tree(directory.path());

    for (const std::string target : {"copy.db", "copy/", "copy.json"}) {
        for (const auto& more : {std::vector<std::string>{}, std::vector<std::string>{"--preview"},
                                 std::vector<std::string>{"--dry-run"}, std::vector<std::string>{"--json"},
                                 std::vector<std::string>{"--show-sql"}}) {
            require_success(home.run(migrate_to(from, directory.path(target), more)));
            CHECK((file_tree(directory.path()) == before));
            CHECK(file_tree(home.directory.path()).empty());
        }
    }
}

TEST_CASE("cli: the plan names both sides, the tables with their rows, and what is risky", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;

    const CommandResult result = home.run(migrate_to(shop(directory), directory.path("copy.db")));

    require_success(result);
    for (const char* text : {"shop.db", "copy.db", "customer", "orders", "50"}) {
        CHECK(result.out.find(text) != std::string::npos);
    }
    CHECK(result.err.find("--execute") != std::string::npos);
}

TEST_CASE("cli: --execute and --dry-run=false migrate, and history knows", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);

    require_success(home.run(migrate_to(from, directory.path("a.db"), {"--execute"})));
    require_success(home.run(migrate_to(from, directory.path("b.db"), {"--dry-run=false"})));

    for (const char* name : {"a.db", "b.db"}) {
        CHECK(SqliteDatabase(directory.path(name), true).value("SELECT count(*) FROM orders") == "50");
    }
    const CommandResult listed = home.run({"history", "--json"});
    require_success(listed);
    const rapidjson::Document history = json_of(listed.out);
    REQUIRE(history["migrations"].Size() == 2);
    for (const auto& migration : history["migrations"].GetArray()) {
        CHECK(std::string(migration["state"].GetString()) == "done");
        CHECK(migration["migration_exit_code"].GetInt() == 0);
        CHECK(migration["rows"].GetUint64() == 52);
    }
    const std::string newest = history["migrations"][0]["id"].GetString();
    const CommandResult status = home.run({"status"});
    CHECK(status.out.find(newest) != std::string::npos);
    CHECK(json_of(home.run({"status", newest, "--json"}).out)["migration"]["events"].Size() > 0);
    CHECK(home.run({"status", "ffffffffffff"}).exit_code == 7);
}

TEST_CASE("cli: the source is the same to the last byte after a run", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    fs::create_directories(directory.path("wal"));
    fs::rename(shop(directory), directory.path("wal/shop.db"));
    const std::string from = directory.path("wal/shop.db");
    {
        // A process that is cut off leaves frames in the write-ahead log: another's last close must not move
        // them.
        SqliteDatabase writer(from);
        writer.exec("PRAGMA journal_mode=WAL; INSERT INTO customer VALUES (3, 'Edsger')");
        for (const char* side : {"shop.db", "shop.db-wal"}) {
            run_tool({"cp", directory.path(std::string("wal/") + side), directory.path(side)});
        }
    }
    const std::string before = directory.read("shop.db");
    const std::string log_before = directory.read("shop.db-wal");
    REQUIRE_FALSE(log_before.empty());

    for (const std::string to : {"a.db", "b/", "c.json"}) {
        require_success(home.run(migrate_to(directory.path("shop.db"), directory.path(to), {"--execute"})));
        CHECK(directory.read("shop.db") == before);
        CHECK(directory.read("shop.db-wal") == log_before);
    }
    const auto exported = file_tree(directory.path("b"));
    require_success(home.run(migrate_to(directory.path("b/"), directory.path("d.db"), {"--execute"})));

    CHECK((file_tree(directory.path("b")) == exported));
    CHECK(SqliteDatabase(directory.path("d.db"), true).value("SELECT count(*) FROM customer") == "3");
}

TEST_CASE("cli: the state's directory and file are the owner's alone", "[cli][output][security]") {
    const TemporaryDirectory directory;
    const Home home;
    require_success(home.run(migrate_to(shop(directory), directory.path("a.db"), {"--execute"})));

    struct stat status {};
    REQUIRE(::stat(home.directory.path("migrate").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    REQUIRE(::stat(home.directory.path("migrate/state.db").c_str(), &status) == 0);
    CHECK((status.st_mode & 0077) == 0);
}

TEST_CASE("cli: every command prints one JSON document with its exit code", "[cli][output][json]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    const std::string to = directory.path("a.db");

    const rapidjson::Document done = json_of(home.run(migrate_to(from, to, {"--execute", "--json"})).out);
    CHECK(std::string(done["command"].GetString()) == "migrate");
    CHECK(done["exit_code"].GetInt() == 0);
    CHECK(std::string(done["state"].GetString()) == "done");
    CHECK(done["verification"]["equal"].GetBool());
    REQUIRE(done["tables"].Size() == 2);
    for (const auto& table : done["tables"].GetArray()) {
        CHECK(table["source_rows"].GetUint64() == table["committed"].GetUint64());
        CHECK(table["rejected"].GetUint64() == 0);
    }

    SqliteDatabase(to).exec("UPDATE orders SET total = 0.5 WHERE id = 7");
    const CommandResult verified = home.run({"verify", "--from", from, "--to", to, "--json"});
    CHECK(verified.exit_code == 4);
    const rapidjson::Document verify = json_of(verified.out);
    CHECK(verify["exit_code"].GetInt() == 4);
    CHECK_FALSE(verify["equal"].GetBool());

    const CommandResult differs = home.run({"diff", "--from", from, "--to", to, "--json"});
    CHECK(differs.exit_code == 4);
    const rapidjson::Document diff = json_of(differs.out);
    REQUIRE(diff["rows"].Size() == 1);
    CHECK(std::string(diff["rows"][0]["kind"].GetString()) == "changed");
    CHECK(std::string(diff["rows"][0]["key"][0].GetString()) == "id=7");
    CHECK(std::string(diff["rows"][0]["columns"][0].GetString()) == "total");

    const rapidjson::Document check = json_of(home.run({"check", from, "--json"}).out);
    CHECK(std::string(check["endpoint"]["engine"].GetString()) == "sqlite");
    CHECK(check["tables"].GetUint64() == 2);
    CHECK(check["rows"].GetUint64() == 52);
}

TEST_CASE("cli: a plan that was saved is run later, and refused when its source has changed",
          "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    const std::string plan = directory.path("shop.plan");
    require_success(home.run(migrate_to(from, directory.path("a.db"), {"--save-plan", plan})));
    CHECK_FALSE(fs::exists(directory.path("a.db")));
    struct stat status {};
    REQUIRE(::stat(plan.c_str(), &status) == 0);
    CHECK((status.st_mode & 0077) == 0);

    require_success(home.run({"migrate", "--plan", plan}));
    require_success(home.run({"migrate", "--plan", plan, "--execute"}));
    CHECK(SqliteDatabase(directory.path("a.db"), true).value("SELECT count(*) FROM orders") == "50");

    require_success(home.run(migrate_to(from, directory.path("b.db"), {"--save-plan", plan})));
    SqliteDatabase(from).exec("ALTER TABLE orders ADD COLUMN note TEXT");
    require_one_error(home.run({"migrate", "--plan", plan, "--execute"}), 3);
    CHECK_FALSE(fs::exists(directory.path("b.db")));
}

TEST_CASE("cli: --save-plan does not overwrite what is no plan", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    const std::string precious = directory.write("precious.txt", "mine");

    require_one_error(home.run(migrate_to(from, directory.path("a.db"), {"--save-plan", precious})), 2);

    CHECK(directory.read("precious.txt") == "mine");
}

TEST_CASE("cli: --no-cutover stops before the last step, and cutover does it", "[cli][output]") {
    for (const std::string name : {"a.db", "there.db", "a.json", "a/"}) {
        const TemporaryDirectory directory;
        const Home home;
        const std::string to = directory.path(name);
        const bool there = name == "there.db";
        if (there) {
            SqliteDatabase(to).exec("CREATE TABLE kept (a)");
        }
        CAPTURE(name);

        const CommandResult staged =
            home.run(migrate_to(shop(directory), to, {"--execute", "--no-cutover", "--json"}));
        const rapidjson::Document document = json_of(staged.out);
        CHECK(std::string(document["state"].GetString()) == "ready");
        CHECK(fs::exists(to) == there);
        require_success(home.run({"cutover", document["id"].GetString()}));

        require_success(home.run(
            {"verify", "--from", directory.path("shop.db"), "--to", to, "--tables", "customer,orders"}));
        CHECK(json_of(home.run({"status", "--json"}).out)["migration"]["state"] == "done");
        require_one_error(home.run({"cutover", document["id"].GetString()}), 3);
    }
}

TEST_CASE("cli: abandon drops what was staged", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    const auto before = file_tree(directory.path());

    const CommandResult staged =
        home.run(migrate_to(from, directory.path("a.db"), {"--execute", "--no-cutover", "--json"}));
    require_success(home.run({"abandon", json_of(staged.out)["id"].GetString()}));

    CHECK((file_tree(directory.path()) == before));
}

TEST_CASE("cli: what the user excluded does not count, what is left out does", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = shop(directory);
    SqliteDatabase(from).exec("CREATE VIEW big AS SELECT * FROM orders WHERE total > 10");

    const CommandResult left_out = home.run(migrate_to(from, directory.path("a/"), {"--execute"}));
    const CommandResult excluded =
        home.run(migrate_to(from, directory.path("b/"), {"--execute", "--skip", "views"}));
    const CommandResult fewer = home.run(
        migrate_to(from, directory.path("c/"), {"--execute", "--skip", "views", "--exclude", "ord*"}));

    INFO(left_out.out << left_out.err << fewer.out);
    CHECK(left_out.exit_code == 5);
    CHECK(left_out.out.find("big") != std::string::npos);
    CHECK(excluded.exit_code == 0);
    CHECK(fewer.exit_code == 0);
    CHECK(fewer.out.find("orders") != std::string::npos);
}

TEST_CASE("cli: --quiet says nothing on standard error", "[cli][output]") {
    const TemporaryDirectory directory;
    const Home home;

    const CommandResult result =
        home.run(migrate_to(shop(directory), directory.path("a.db"), {"--execute", "-q"}));

    require_success(result);
    CHECK(result.err.empty());
}

TEST_CASE("cli: a terminal gets a display that is redrawn, fits, and is taken away",
          "[cli][output][progress]") {
    const TemporaryDirectory directory;
    const Home home;
    std::vector<std::string> command =
        cli(migrate_to(shop(directory, 400000), directory.path("a.db"), {"--execute"}));
    constexpr std::size_t k_columns = 70;

    const TerminalResult result = run_in_terminal(
        command, k_columns,
        {"XDG_STATE_HOME=" + home.directory.path(), "XDG_CONFIG_HOME=" + home.directory.path()});

    INFO(result.screen);
    REQUIRE(result.exit_code == 0);
    CHECK(count_of(result.screen, "\x1b[J") > 1);
    CHECK(count_of(result.screen, "rows") > 1);
    // From each beginning of a line to the next escape sequence: never wider than the terminal.
    for (std::size_t at = result.screen.find('\r'); at != std::string::npos;
         at = result.screen.find('\r', at + 1)) {
        const std::size_t end = result.screen.find_first_of("\r\n\x1b", at + 1);
        const bool display_line = end != std::string::npos && result.screen.compare(end, 3, "\x1b[K") == 0;
        CHECK((!display_line || end - at - 1 <= k_columns + 3));
    }
    // After the last erasure there is only the result.
    const std::string rest = result.screen.substr(result.screen.rfind("\x1b[J"));
    CHECK(rest.find("\x1b[K") == std::string::npos);
}

TEST_CASE("cli: progress and logs go to standard error only", "[cli][output][progress]") {
    const TemporaryDirectory directory;
    const Home home;

    const CommandResult result =
        home.run(migrate_to(shop(directory), directory.path("a.db"), {"--execute", "--verbose", "--json"}));

    require_success(result);
    json_of(result.out);
    for (const char* phase : {"load", "verify", "cutover"}) {
        CHECK(result.err.find(phase) != std::string::npos);
    }
    CHECK(result.err.find('\x1b') == std::string::npos);
}

}  // namespace migrate::test
