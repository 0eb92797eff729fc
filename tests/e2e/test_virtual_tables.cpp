#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

TEST_CASE("cli: a virtual table is left out by name, or its rows are taken along", "[cli][virtual]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "CREATE VIRTUAL TABLE note USING fts5(title, body); INSERT INTO note VALUES ('a', 'x y'), ('b', 'z');"
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1)");
    const auto migrate = [&](const std::string& to, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"migrate", "--from",           from,
                                           "--to",    directory.path(to), "--execute"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cli(arguments);
    };

    const CommandResult skipped = migrate("skipped/", {});
    CHECK(skipped.exit_code == 5);
    CHECK(skipped.out.find("note") != std::string::npos);
    const CommandResult taken = migrate("taken/", {"--virtual", "data"});
    INFO(taken.out << taken.err);
    CHECK(directory.read("taken/note.ndjson").find("x y") != std::string::npos);
    CHECK(count_of(directory.read("taken/note.ndjson"), "\n") == 2);
    require_success(
        run_cli({"verify", "--from", from, "--to", directory.path("taken/"), "--virtual", "data"}));
    // Of its shadow tables nothing is a user's.
    CHECK(taken.out.find("note_content") == std::string::npos);
    require_one_error(migrate("x/", {"--virtual", "all"}), 2);
}

}  // namespace migrate::test
