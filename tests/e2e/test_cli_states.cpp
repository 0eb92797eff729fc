#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Which command is for which state of a migration, and what becomes of it where the index cannot be written.
namespace migrate::test {

namespace {

namespace fs = std::filesystem;

struct Home {
    TemporaryDirectory directory;

    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, directory.path())).wait();
    }
    [[nodiscard]] std::string index() const { return directory.path("migrate/state.db"); }
};

std::string id_of(const CommandResult& migration) {
    INFO(migration.out << migration.err);
    return json_of(migration.out)["id"].GetString();
}

std::string source_in(const TemporaryDirectory& directory) {
    const std::string path = directory.path("from.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    return path;
}

/// The kinds of target that have a place of their own.
const std::vector<std::string> k_targets = {"new.db", "there.db", "dir/", "one.json"};

std::string target_in(const TemporaryDirectory& directory, const std::string& name) {
    const std::string path = directory.path(name);
    if (name == "there.db") {
        SqliteDatabase(path).exec("CREATE TABLE kept (a)");
    }
    return path;
}

}  // namespace

TEST_CASE("cli: what is ready is cut over or abandoned, and nothing else", "[cli][states]") {
    for (const std::string& name : k_targets) {
        CAPTURE(name);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = target_in(directory, name);
        const std::string id =
            id_of(home.run({"migrate", "--from", from, "--to", to, "--execute", "--no-cutover", "--json"}));
        require_one_error(home.run({"finalize", id}), 3);
        require_success(home.run({"cutover", id}));
        require_success(home.run({"verify", "--from", from, "--to", to, "--tables", "t"}));
    }
}

TEST_CASE("cli: what is done is rolled back or made final, and not abandoned", "[cli][states]") {
    for (const std::string& name : k_targets) {
        CAPTURE(name);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = target_in(directory, name);
        const std::string id =
            id_of(home.run({"migrate", "--from", from, "--to", to, "--execute", "--json"}));
        const auto before = file_tree(directory.path());
        require_one_error(home.run({"abandon", id}), 3);
        require_one_error(home.run({"cutover", id}), 3);
        CHECK((file_tree(directory.path()) == before));
        CHECK(json_of(home.run({"status", id, "--json"}).out)["migration"]["state"] == "done");
        require_success(home.run({"rollback", id, "--execute"}));
        require_one_error(home.run({"abandon", id}), 3);
        require_success(home.run({"finalize", id}));
    }
}

TEST_CASE("cli: what is final is not rolled back", "[cli][states]") {
    for (const std::string& name : k_targets) {
        CAPTURE(name);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = target_in(directory, name);
        const std::string id =
            id_of(home.run({"migrate", "--from", from, "--to", to, "--execute", "--json"}));
        require_success(home.run({"finalize", id}));
        require_one_error(home.run({"rollback", id, "--execute"}), 3);
        require_success(home.run({"verify", "--from", from, "--to", to, "--tables", "t"}));
    }
}

TEST_CASE("cli: a migration that nobody knows is neither abandoned nor made final", "[cli][states]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string to = target_in(directory, "there.db");
    require_one_error(home.run({"abandon", "0123456789ab", "--to", to}), 7);
    require_one_error(home.run({"finalize", "0123456789ab", "--to", to}), 7);
}

TEST_CASE("cli: a plan that was undone runs again, as another migration", "[cli][states]") {
    for (const std::string& name : k_targets) {
        CAPTURE(name);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = target_in(directory, name);
        const std::string plan = directory.path("plan.json");
        require_success(home.run({"migrate", "--from", from, "--to", to, "--save-plan", plan}));
        const std::string first = id_of(home.run({"migrate", "--plan", plan, "--execute", "--json"}));
        require_success(home.run({"rollback", first, "--execute"}));
        const CommandResult again = home.run({"migrate", "--plan", plan, "--execute", "--json"});
        require_success(again);
        const std::string second = id_of(again);
        CHECK(second != first);
        CHECK(std::string(json_of(again.out)["rollback"].GetString()).find(second) != std::string::npos);
        require_success(home.run({"verify", "--from", from, "--to", to, "--tables", "t"}));
        require_success(home.run({"rollback", second, "--execute"}));
        CHECK(fs::exists(to) == (name == "there.db"));
        CHECK(json_of(home.run({"status", first, "--json"}).out)["migration"]["state"] == "rolled_back");
    }
}

TEST_CASE("cli: an index that cannot be written does not undo what is shown", "[cli][states]") {
    for (const std::string& name : k_targets) {
        CAPTURE(name);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = target_in(directory, name);
        require_success(
            home.run({"migrate", "--from", from, "--to", directory.path("first.db"), "--execute"}));
        // As a full disk or a lock at that moment would have it: the line after the cutover is refused.
        SqliteDatabase(home.index())
            .exec(
                "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=replace(sql, "
                "'message    TEXT NOT NULL', 'message TEXT NOT NULL CHECK (phase<>''cutover'' OR "
                "message<>''finished'')') WHERE name='event'");
        const CommandResult result = home.run({"migrate", "--from", from, "--to", to, "--execute", "--json"});
        require_success(result);
        const rapidjson::Document document = json_of(result.out);
        CHECK(std::string(document["state"].GetString()) == "done");
        CHECK(result.out.find("index-not-written") != std::string::npos);
        require_success(home.run({"verify", "--from", from, "--to", to, "--tables", "t"}));
    }
}

TEST_CASE("cli: what was left out before a cutover is left out after it", "[cli][states]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec("CREATE TABLE t (id INTEGER, a TEXT); INSERT INTO t VALUES (1,'x'),(1,'y')");
    const std::string mapping = directory.write("m.yaml", "version: 1\ntables: [{from: t, key: [id]}]\n");
    const CommandResult staged =
        home.run({"migrate", "--from", from, "--to", directory.path("to.db"), "--mapping", mapping,
                  "--on-reject", "dead-letter", "--execute", "--no-cutover", "--json"});
    CHECK(staged.exit_code == 5);
    const CommandResult shown = home.run({"cutover", id_of(staged)});
    INFO(shown.out << shown.err);
    CHECK(shown.exit_code == 5);
    CHECK(shown.out.find("1 row was left out") != std::string::npos);
}

TEST_CASE("cli: a run that failed before it compared anything does not say equal", "[cli][states]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = directory.write("bad.ndjson", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n");
    const CommandResult failed =
        home.run({"migrate", "--from", from, "--to", directory.path("to.db"), "--execute", "--json"});
    CHECK(failed.exit_code != 0);
    CHECK(failed.out.find("\"equal\":true") == std::string::npos);
    CHECK(failed.out.find("\"equal\": true") == std::string::npos);
}

}  // namespace migrate::test
