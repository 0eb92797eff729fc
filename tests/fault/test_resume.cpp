#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "support/compare_databases.hpp"
#include "support/sqlite.hpp"

namespace migrate::test {
namespace {

namespace fs = std::filesystem;

/// 1,000 rows in chunks of 100; every 50th has a word where a number belongs, in a column whose type is asked
/// for.
struct BadRows {
    TemporaryDirectory directory;
    std::string file = directory.path("source.db");
    KillTarget target;

    explicit BadRows(const std::string& engine) : target(engine, false) {
        SqliteDatabase(file).exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n, v TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL "
            "SELECT "
            "i + 1 FROM i WHERE i < 1000) INSERT INTO t SELECT i, CASE WHEN i % 50 THEN i ELSE 'word' END, "
            "'v' || i "
            "FROM i");
    }
    [[nodiscard]] std::vector<std::string> migrate(const std::string& on_reject) const {
        return {"migrate", "--from",    file, "--to",        target.endpoint(), "--execute", "--chunk-rows",
                "100",     "--workers", "1",  "--on-reject", on_reject,         "--type",    "t.n=int64"};
    }
};

/// What a result says of its rows, without times, places and ids.
std::string account_of(const CommandResult& result) {
    std::string text = result.out.substr(0, result.out.find("Time:"));
    const auto place = text.find("They are kept whole in");
    const auto end = text.find("shows them\n", place);
    return place == std::string::npos || end == std::string::npos ? text : text.erase(place, end - place);
}

std::string id_in(const CommandResult& result) {
    const auto at = result.out.find("\nMigration ");
    return at == std::string::npos ? "" : result.out.substr(at + 11, 12);
}

}  // namespace

TEST_CASE("resume: rows that were refused before the kill are in the account, and in the dead letters",
          "[fault][reject]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const std::string on_reject = GENERATE(as<std::string>(), "dead-letter", "null-value");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine, on_reject);
    const BadRows whole(engine);
    const CommandResult expected = whole.target.run(whole.migrate(on_reject));
    INFO(expected.out << expected.err);
    REQUIRE(expected.exit_code == 5);

    const BadRows cut(engine);
    REQUIRE(cut.target.run(cut.migrate(on_reject), "chunk-committed:6").signal == SIGKILL);
    const CommandResult resumed = cut.target.run({"resume", "--last"});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 5);
    CHECK(account_of(resumed) == account_of(expected));
    const auto letters = [](const BadRows& rows, const CommandResult& result) {
        return rows.target.run({"dead-letters", "list", id_in(result), "--show-values"}).out;
    };
    CHECK(letters(cut, resumed).size() > 500);
    CHECK(letters(cut, resumed) == letters(whole, expected));
}

TEST_CASE("resume: a source that would be mapped in another way now is not taken up, and nothing is dropped",
          "[fault]") {
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    REQUIRE(target
                .run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute",
                      "--chunk-rows", "100"},
                     "chunk-committed:4")
                .signal == SIGKILL);
    source->execute("ALTER TABLE event ADD COLUMN place TEXT");

    const CommandResult refused = target.run({"resume", "--last"});

    INFO(refused.out << refused.err);
    CHECK(refused.exit_code == 3);
    CHECK_THAT(refused.err, Catch::Contains("mapped in another way") && Catch::Contains("abandon"));
    CHECK_FALSE(target.leftovers().empty());
    source->execute("ALTER TABLE event DROP COLUMN place");
    CHECK(target.run({"resume", "--last"}).exit_code == 0);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
}

TEST_CASE("resume: a source with other objects is loaded anew, under another id", "[fault]") {
    const TemporaryDirectory directory;
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    REQUIRE(target
                .run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute",
                      "--chunk-rows", "100"},
                     "chunk-committed:4")
                .signal == SIGKILL);
    source->execute("CREATE VIEW recent AS SELECT * FROM event; DELETE FROM book WHERE id = 1");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    // The view is left out.
    CHECK(resumed.exit_code == 5);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
    CHECK(target.leftovers().empty());
    const CommandResult history = target.run({"history"});
    CHECK_THAT(history.out, Catch::Contains("abandoned") && Catch::Contains("done"));
    CHECK_THAT(resumed.out, Catch::Contains("had staged was dropped and everything loaded anew") &&
                                Catch::Contains("the source has changed since"));
}

TEST_CASE("resume: rows of another file that looks the same are not mixed in", "[fault]") {
    // Made by the same statements, so that SQLite's own counters are equal.
    const TemporaryDirectory directory;
    const auto make = [&](const std::string& name, const std::string& word) {
        const std::string file = directory.path(name);
        SqliteDatabase(file).exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL "
            "SELECT i + 1 FROM i WHERE i < 1000) INSERT INTO t SELECT i, '" +
            word + "' FROM i");
        return file;
    };
    const std::string first = make("first.db", "abc");
    const std::string second = make("second.db", "xyz");
    const KillTarget target("sqlite", false);
    REQUIRE(
        target
            .run({"migrate", "--from", first, "--to", target.endpoint(), "--execute", "--chunk-rows", "100"},
                 "chunk-committed:4")
            .signal == SIGKILL);

    const CommandResult resumed = target.run({"resume", "--last", "--from", second});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 0);
    CHECK(compare_databases("sqlite:" + second, target.endpoint()).equal());
}

TEST_CASE("resume: --last passes over what its target knows nothing of", "[fault]") {
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    const TemporaryDirectory elsewhere;
    const std::string other = elsewhere.path("other.db");
    REQUIRE(target
                .run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute",
                      "--chunk-rows", "100"},
                     "chunk-committed:4")
                .signal == SIGKILL);
    REQUIRE(target.run({"migrate", "--from", source->endpoint(), "--to", other, "--execute"}, "staging-begin")
                .signal == SIGKILL);

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 0);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
    CHECK(!fs::exists(other));
}

TEST_CASE("resume: a state table of an earlier version gets the columns it lacks", "[fault]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine);
    const KillTarget target(engine, true);
    const BadRows rows(engine);
    REQUIRE(target.run({"migrate", "--from", rows.file, "--to", target.endpoint(), "--execute"}).exit_code ==
            0);
    const std::vector<std::string> statements{"ALTER TABLE $checkpoint DROP COLUMN filtered",
                                              "ALTER TABLE $checkpoint DROP COLUMN nulled",
                                              "ALTER TABLE $dead_letter DROP COLUMN kept", "DROP TABLE t"};
    for (std::string statement : statements) {
        if (const auto at = statement.find('$'); at != std::string::npos) {
            statement.replace(at, 1, engine == "sqlite" ? "_migrate_" : "_migrate.");
        }
        target.execute(statement);
    }

    const std::vector<std::string> migrate{"migrate",         "--from",      rows.file,      "--to",
                                           target.endpoint(), "--execute",   "--chunk-rows", "100",
                                           "--on-reject",     "dead-letter", "--type",       "t.n=int64"};
    REQUIRE(target.run(migrate, "loaded").signal == SIGKILL);
    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 5);
    CHECK_THAT(resumed.out, Catch::Contains("20 rows"));
}

TEST_CASE("resume: what is staged and is not what its checkpoints say is loaded anew", "[fault]") {
    const bool counted_only = GENERATE(false, true);
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    std::vector<std::string> migrate{"migrate",         "--from",    source->endpoint(), "--to",
                                     target.endpoint(), "--execute", "--chunk-rows",     "100"};
    if (counted_only) {
        migrate.insert(migrate.end(), {"--level", "basic"});
    }
    REQUIRE(target.run(migrate, "loaded").signal == SIGKILL);
    const fs::path file(target.endpoint().substr(7));
    const std::string staging = [&] {
        for (const auto& entry : fs::directory_iterator(file.parent_path())) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with(".target.db.migrate-") && !name.ends_with("-journal")) {
                return entry.path().string();
            }
        }
        return std::string();
    }();
    SqliteDatabase(staging).exec("UPDATE book SET title = 'another' WHERE id = 250");

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 0);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
    CHECK(target.leftovers().empty());
}

TEST_CASE("resume: the target alone is enough", "[fault]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine);
    const auto source = KillSource::make("sqlite");
    const KillTarget target(engine, true);
    REQUIRE(target
                .run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute",
                      "--chunk-rows", "100"},
                     "build-step-done:2")
                .signal == SIGKILL);
    // Another user's index, which knows nothing of it.
    const CommandResult resumed = run_cli({"resume", "--to", target.endpoint()});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 0);
    CompareOptions options;
    options.skip_tables = {"other_data"};
    CHECK(compare_databases(source->endpoint(), target.endpoint(), options).equal());
}

TEST_CASE("resume: there is nothing to go on with, and the message says so", "[fault][bad-input]") {
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    const CommandResult none = target.run({"resume", "--last"});
    CHECK(none.exit_code == 7);
    CHECK_THAT(none.err, Catch::Contains("nothing to resume"));
    const CommandResult done =
        target.run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute"});
    REQUIRE(done.exit_code == 0);
    const CommandResult again = target.run({"resume", id_in(done)});
    CHECK(again.exit_code == 3);
    CHECK_THAT(again.err, Catch::Contains("is done and cannot be gone on with"));
    CHECK(target.run({"resume"}).exit_code == 2);
    CHECK(target.run({"resume", id_in(done), "--last"}).exit_code == 2);
}

TEST_CASE("resume: a dry run names what is unfinished in its target", "[fault]") {
    const auto source = KillSource::make("sqlite");
    const KillTarget target("sqlite", false);
    REQUIRE(
        target
            .run({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute"}, "loaded")
            .signal == SIGKILL);
    const CommandResult plan =
        target.run({"migrate", "--from", source->endpoint(), "--to", target.endpoint()});
    INFO(plan.out << plan.err);
    CHECK(plan.exit_code == 0);
    CHECK_THAT(plan.out, Catch::Contains("was begun into this target"));
}

}  // namespace migrate::test
