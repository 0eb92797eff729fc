#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

struct Home {
    TemporaryDirectory directory;

    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, directory.path())).wait();
    }
};

std::string id_of(const CommandResult& migration) {
    return json_of(migration.out)["id"].GetString();
}

}  // namespace

TEST_CASE("cli: a load into tables that exist is shown, run, and rolled back", "[cli][existing]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    const std::string to = directory.path("to.db");
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    SqliteDatabase(to).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'old')");
    const std::vector<std::string> load{"migrate", "--from", from, "--to", to, "--on-existing", "load"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), load.begin(), load.end());
        return more;
    };

    const CommandResult refused = home.run(with({"--execute"}));
    CHECK(refused.exit_code == 3);
    CHECK(refused.err.find("--on-conflict") != std::string::npos);
    const CommandResult shown = home.run(with({"--on-conflict", "overwrite"}));
    require_success(shown);
    CHECK(shown.out.find("merge into t") != std::string::npos);
    const CommandResult sql = home.run(with({"--on-conflict", "overwrite", "--show-sql"}));
    CHECK(sql.out.find("UPDATE OR ABORT main.\"t\"") != std::string::npos);
    const CommandResult done = home.run(with({"--on-conflict", "overwrite", "--execute", "--json"}));
    require_success(done);
    CHECK(json_of(done.out)["tables"][0]["overwritten"].GetInt() == 1);
    CHECK(SqliteDatabase(to).value("SELECT group_concat(a, '') FROM t") == "xy");

    const CommandResult dry = home.run({"rollback", id_of(done)});
    require_success(dry);
    CHECK(SqliteDatabase(to).value("SELECT group_concat(a, '') FROM t") == "xy");
    const CommandResult undone = home.run({"rollback", id_of(done), "--execute", "--json"});
    require_success(undone);
    CHECK(json_of(undone.out)["tables"][0]["proven"].GetBool());
    CHECK(SqliteDatabase(to).value("SELECT group_concat(a, '') FROM t") == "old");
    require_success(home.run({"rollback", id_of(done), "--execute"}));
    CHECK(home.run({"status", id_of(done)}).out.find("rolled_back") != std::string::npos);
}

TEST_CASE("cli: a JSON directory that was replaced comes back", "[cli][existing]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    const std::string to = "json:" + directory.path("out") + "/";
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x')");
    const CommandResult first = home.run({"migrate", "--from", from, "--to", to, "--execute", "--json"});
    require_success(first);
    const std::string before = directory.read("out/t.ndjson");
    SqliteDatabase(from).exec("UPDATE t SET a = 'y'");
    CHECK(home.run({"migrate", "--from", from, "--to", to, "--on-existing", "load", "--execute"}).exit_code ==
          3);
    const CommandResult second =
        home.run({"migrate", "--from", from, "--to", to, "--on-existing", "replace", "--execute", "--json"});
    require_success(second);
    CHECK(home.run({"rollback", id_of(first), "--execute"}).exit_code == 3);
    require_success(home.run({"rollback", id_of(second), "--execute"}));
    CHECK(directory.read("out/t.ndjson") == before);
    require_success(home.run({"rollback", id_of(second), "--execute"}));
    require_success(home.run({"rollback", id_of(first), "--execute"}));
    CHECK_FALSE(std::filesystem::exists(directory.path("out")));
    require_success(home.run({"finalize", id_of(first)}));
}

}  // namespace migrate::test
