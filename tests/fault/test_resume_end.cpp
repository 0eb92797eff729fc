#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "io/lock.hpp"
#include "support/compare_databases.hpp"
#include "support/sqlite.hpp"

/// Runs that were killed when all was loaded: what is left is the cutover, or to say that it is done.
namespace migrate::test {
namespace {

const std::string k_any = "sqlite";

/// "Migration <id> …" at the head of the account.
std::string id_in(const CommandResult& result) {
    const auto at = result.out.find("\nMigration ");
    return at == std::string::npos ? "" : result.out.substr(at + 11, 12);
}

std::vector<std::string> migrate_into(const KillSource& source, const KillTarget& target,
                                      const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"migrate",         "--from",    source.endpoint(), "--to",
                                       target.endpoint(), "--execute", "--chunk-rows",    "100"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

/// A table whose trigger refuses every 100th row of those that are loaded into it.
struct RefusingTable {
    TemporaryDirectory directory;
    std::string source = directory.path("source.db");
    KillTarget target;

    explicit RefusingTable(const std::string& engine) : target(engine, true) {
        const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)";
        SqliteDatabase(source).exec(table +
                                    "; WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE "
                                    "i < 1000) INSERT INTO t SELECT i, 'v' || i FROM i");
        target.execute(table);
        if (engine == "sqlite") {
            target.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON t WHEN NEW.id % 100 = 0 BEGIN SELECT RAISE(IGNORE); "
                "END");
            return;
        }
        target.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 100 = 0 THEN "
            "RETURN NULL; END IF; RETURN NEW; END'");
        target.execute("CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse()");
    }
    [[nodiscard]] CommandResult load(const std::string& kill_at) const {
        return target.run({"migrate", "--from", source, "--to", target.endpoint(), "--on-existing", "load",
                           "--execute", "--level", "basic"},
                          kill_at);
    }
};

}  // namespace

TEST_CASE("resume: what the cutover had left out is in the account of whoever asks after a kill", "[fault]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine);
    const RefusingTable whole(engine);
    const CommandResult expected = whole.load("");
    INFO(expected.out << expected.err);
    REQUIRE(expected.exit_code == 5);
    REQUIRE_THAT(expected.out, Catch::Contains("triggers left rows out"));

    const RefusingTable cut(engine);
    REQUIRE(cut.load("cutover-committed").signal == SIGKILL);
    const CommandResult resumed = cut.target.run({"resume", "--last"});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 5);
    CHECK_THAT(resumed.out, Catch::Contains("triggers left rows out"));
}

TEST_CASE("resume: what was begun without a cutover is ended without one", "[fault]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const std::string point = GENERATE(as<std::string>(), "chunk-committed:3", "ready");
    const auto source = KillSource::make("sqlite");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine, point);
    const KillTarget target(engine, false);
    REQUIRE(target.run(migrate_into(*source, target, {"--no-cutover"}), point).signal == SIGKILL);

    const CommandResult resumed = target.run({"resume", "--last"});

    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == (point == "ready" ? 3 : 0));
    CHECK(target.visible_tables() == 0);
    const CommandResult status = target.run({"status", "--json"});
    const auto at = status.out.find("\"id\"");
    REQUIRE(at != std::string::npos);
    const std::string id = status.out.substr(status.out.find('"', at + 5) + 1, 12);
    const CommandResult shown = target.run({"cutover", id});
    INFO(shown.out << shown.err);
    CHECK(shown.exit_code == 0);
    CHECK(compare_databases(source->endpoint(), target.endpoint()).equal());
}

TEST_CASE("resume: a cutover that was killed and ended later can be undone", "[fault][rollback]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql");
    const bool with_other_data = GENERATE(false, true);
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    const std::string point =
        engine == "sqlite" && !with_other_data ? "cutover-marked" : std::string("cutover-commit");
    CAPTURE(engine, with_other_data, point);
    const auto source = KillSource::make("sqlite");
    const KillTarget target(engine, with_other_data);
    REQUIRE(target.run(migrate_into(*source, target), point).signal == SIGKILL);
    const CommandResult resumed = target.run({"resume", "--last"});
    INFO(resumed.out << resumed.err);
    REQUIRE(resumed.exit_code == 0);

    const CommandResult undone = target.run({"rollback", id_in(resumed), "--execute"});

    INFO(undone.out << undone.err);
    CHECK(undone.exit_code == 0);
    CHECK(target.visible_tables() == 0);
}

TEST_CASE("resume: what is final is not gone on with", "[fault][bad-input]") {
    const auto source = KillSource::make(k_any);
    const KillTarget target(k_any, true);
    const CommandResult done = target.run(migrate_into(*source, target));
    REQUIRE(done.exit_code == 0);
    REQUIRE(target.run({"finalize", id_in(done)}).exit_code == 0);
    const CommandResult resumed = target.run({"resume", id_in(done)});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 3);
    CHECK_THAT(resumed.err, Catch::Contains("is finalized and cannot be gone on with"));
    CHECK(target.visible_tables() == 3);
}

TEST_CASE("resume: a lock that a dead run's session still holds is waited for", "[fault]") {
    const std::string point = GENERATE(as<std::string>(), "chunk-committed:3", "ready", "cutover-committed");
    CAPTURE(point);
    const auto source = KillSource::make(k_any);
    const KillTarget target(k_any, true);
    REQUIRE(target.run(migrate_into(*source, target), point).signal == SIGKILL);
    CommandResult resumed;
    {
        auto held = std::make_unique<io::FileLock>(target.lock_file(), "another");
        std::jthread other([&] { resumed = target.run({"resume", "--last"}); });
        std::this_thread::sleep_for(std::chrono::seconds(1));
        held.reset();
    }
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 0);
    CompareOptions options;
    options.skip_tables = {"other_data"};
    CHECK(compare_databases(source->endpoint(), target.endpoint(), options).equal());
}

}  // namespace migrate::test
