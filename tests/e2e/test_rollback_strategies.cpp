#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

/// A source and a target of one table, and the commands that work on them.
struct Home {
    TemporaryDirectory directory;
    std::string from = directory.path("from.db");
    std::string to = directory.path("to.db");

    explicit Home(const std::string& rows = "INSERT INTO t VALUES (1, 'x'), (2, 'y')") {
        SqliteDatabase(from).exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);" + rows);
    }
    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, directory.path("state"))).wait();
    }
    void make_target() const {
        SqliteDatabase(to).exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'old');"
            "CREATE TABLE other (id INTEGER PRIMARY KEY); INSERT INTO other VALUES (1)");
    }
    CommandResult migrate(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"migrate", "--from", from, "--to", to, "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
    std::string execute(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = more;
        arguments.emplace_back("--execute");
        const CommandResult done = migrate(arguments);
        require_success(done);
        return json_of(done.out)["id"].GetString();
    }
    CommandResult roll_back(const std::string& id, const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"rollback", id, "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
};

const std::vector<std::string> k_load{"--on-existing", "load", "--on-conflict", "overwrite"};
const std::vector<std::string> k_replace{"--on-existing", "replace"};

std::string strategy_in_plan(const CommandResult& plan) {
    require_success(plan);
    const auto json = json_of(plan.out);
    CHECK(json["undo_reason"].GetStringLength() > 0);
    return json["undo_strategy"].GetString();
}

}  // namespace

TEST_CASE("cli: a plan names the strategy by which it would be undone", "[cli][rollback]") {
    const Home home;
    CHECK(strategy_in_plan(home.migrate({})) == "swap");
    CHECK_THAT(home.run({"migrate", "--from", home.from, "--to", home.to}).out, Catch::Contains("(swap: "));
    home.make_target();
    CHECK(strategy_in_plan(home.migrate(k_load)) == "revert");
    CHECK(strategy_in_plan(home.migrate(k_replace)) == "swap");
    const Home empty("");
    CHECK(strategy_in_plan(empty.migrate({})) == "schema-only");
}

TEST_CASE("cli: another strategy is taken where it can be, and else refused with the reason",
          "[cli][rollback]") {
    const Home home;
    home.make_target();
    const std::string id = home.execute(k_load);
    const CommandResult swap = home.roll_back(id, {"--strategy", "swap", "--execute"});
    CHECK(swap.exit_code == 3);
    CHECK_THAT(swap.out, Catch::Contains("nothing was put aside"));
    const CommandResult schema = home.roll_back(id, {"--strategy", "schema-only", "--execute"});
    CHECK(schema.exit_code == 3);
    CHECK(home.roll_back(id, {"--strategy", "mercy"}).exit_code == 2);
    CHECK(SqliteDatabase(home.to).value("SELECT group_concat(a, '') FROM t") == "xy");
    const CommandResult revert = home.roll_back(id, {"--execute"});
    require_success(revert);
    CHECK(std::string(json_of(revert.out)["strategy"].GetString()) == "revert");

    const Home made;
    const std::string other = made.execute();
    const CommandResult no_log = made.roll_back(other, {"--strategy", "revert", "--execute"});
    CHECK(no_log.exit_code == 3);
    CHECK_THAT(no_log.out, Catch::Contains("no undo log"));
    const CommandResult rows = made.roll_back(other, {"--strategy", "schema-only", "--execute"});
    CHECK(rows.exit_code == 3);
    CHECK_THAT(rows.out, Catch::Contains("has 2 rows"));
}

TEST_CASE("cli: schema-only drops definitions and no row that came since", "[cli][rollback]") {
    const Home home("");
    SqliteDatabase(home.to).exec("CREATE TABLE other (id INTEGER PRIMARY KEY)");
    const std::string id = home.execute();
    SqliteDatabase(home.to).exec("INSERT INTO t VALUES (1, 'theirs')");
    CHECK(home.roll_back(id, {"--execute", "--discard-later-changes"}).exit_code == 3);
    CHECK(SqliteDatabase(home.to).value("SELECT a FROM t") == "theirs");
    SqliteDatabase(home.to).exec("DELETE FROM t");
    const CommandResult undone = home.roll_back(id, {"--execute"});
    require_success(undone);
    CHECK(std::string(json_of(undone.out)["strategy"].GetString()) == "schema-only");
    CHECK(SqliteDatabase(home.to).value("SELECT count(*) FROM sqlite_schema WHERE name = 't'") == "0");
}

TEST_CASE("cli: restore puts the whole target back from the backup of it", "[cli][rollback][backup]") {
    const bool is_load = GENERATE(true, false);
    const Home home;
    home.make_target();
    const std::string id = home.execute(is_load ? k_load : k_replace);
    SqliteDatabase(home.to).exec("INSERT INTO other VALUES (2)");
    const CommandResult asked = home.roll_back(id, {"--strategy", "restore", "--execute"});
    CHECK(asked.exit_code == 3);
    CHECK_THAT(asked.out, Catch::Contains("--discard-later-changes"));
    CHECK(SqliteDatabase(home.to).value("SELECT count(*) FROM other") == "2");
    const CommandResult restored =
        home.roll_back(id, {"--strategy", "restore", "--execute", "--discard-later-changes"});
    require_success(restored);
    CHECK(json_of(restored.out)["tables"][0]["proven"].GetBool());
    CHECK(SqliteDatabase(home.to).value("SELECT group_concat(a, '') FROM t") == "old");
    CHECK(SqliteDatabase(home.to).value("SELECT count(*) FROM other") == "1");
    CHECK(json_of(home.roll_back(id, {"--execute"}).out)["was_rolled_back"].GetBool());

    const Home none;
    none.make_target();
    std::vector<std::string> without = k_load;
    without.insert(without.end(), {"--target-backup", "never"});
    const CommandResult no_backup =
        none.roll_back(none.execute(without), {"--strategy", "restore", "--execute"});
    CHECK(no_backup.exit_code == 3);
    CHECK_THAT(no_backup.out, Catch::Contains("no backup"));
}

TEST_CASE("cli: a rollback says that catalog, sequences and privileges are as before", "[cli][rollback]") {
    const Home home;
    home.make_target();
    const std::string id = home.execute(k_replace);
    const CommandResult undone = home.roll_back(id, {"--execute"});
    require_success(undone);
    const auto json = json_of(undone.out);
    REQUIRE(json["proofs"].Size() == 3);
    for (const auto& proof : json["proofs"].GetArray()) {
        CHECK(proof["proven"].GetBool());
        CHECK(std::string(proof["digest_before"].GetString()) == proof["digest_restored"].GetString());
    }
    CHECK(std::string(json["proofs"][0]["what"].GetString()) == "catalog");
    CHECK(json["proofs"][0]["objects"].GetInt() >= 2);
}

TEST_CASE("cli: what others have changed of the catalog stays, and is said", "[cli][rollback]") {
    const Home home;
    home.make_target();
    const std::string id = home.execute(k_load);
    SqliteDatabase(home.to).exec("CREATE INDEX t_a ON t (a); CREATE VIEW v AS SELECT 1");
    const CommandResult undone = home.roll_back(id, {"--execute"});
    require_success(undone);
    CHECK(SqliteDatabase(home.to).value("SELECT count(*) FROM sqlite_schema WHERE name IN ('t_a', 'v')") ==
          "2");
    CHECK(SqliteDatabase(home.to).value("SELECT group_concat(a, '') FROM t") == "old");
}

}  // namespace migrate::test
