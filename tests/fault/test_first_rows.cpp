#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "fault/kill_fixture.hpp"
#include "support/compare_databases.hpp"
#include "support/sqlite.hpp"

/// Runs whose plan rests on the first rows of large tables, as every run does that nobody has planned.
namespace migrate::test {
namespace {

/// 60,000 rows. `late` is what a column of dates holds in row 50,000, `early` in row 10.
struct LargeTable {
    TemporaryDirectory directory;
    std::string from = directory.path("from.db");

    explicit LargeTable(const std::string& late, const std::string& early = "'2024-01-02'") {
        SqliteDatabase(from).exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, d DATE, v VARCHAR(10), w TEXT UNIQUE); WITH RECURSIVE "
            "i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 60000) INSERT INTO t SELECT i, CASE i "
            "WHEN 50000 THEN " +
            late + " WHEN 10 THEN " + early + " ELSE '2024-01-02' END, 'abc', 'w' || i FROM i");
    }
    [[nodiscard]] std::vector<std::string> migrate(const KillTarget& target,
                                                   const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all{"migrate", "--from",       from,   "--to",     target.endpoint(),
                                     "--json",  "--chunk-rows", "5000", "--execute"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    /// The same by a plan that has read everything.
    CommandResult run_planned(const KillTarget& target, const std::vector<std::string>& more = {}) const {
        const std::string file = directory.path("plan.json");
        std::filesystem::remove(file);
        std::vector<std::string> plan = migrate(target, more);
        plan[8] = "--dry-run";
        plan.insert(plan.end(), {"--save-plan", file});
        static_cast<void>(target.run(plan));
        return target.run({"migrate", "--plan", file, "--execute", "--json"});
    }
};

/// Code, object and text of each finding, but for what only a run that was begun anew says.
std::vector<std::string> findings_of(const CommandResult& result) {
    std::vector<std::string> lines;
    const auto document = json_of(result.out);
    for (const auto& finding : document["findings"].GetArray()) {
        const std::string code = finding["code"].GetString();
        if (code != "begun-anew") {
            lines.push_back(code + ": " + finding["object"].GetString() + ": " +
                            finding["message"].GetString());
        }
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> engines() {
    std::vector<std::string> all{"sqlite", "json"};
    if (pg_test_conninfo()) {
        all.emplace_back("postgresql");
    }
    return all;
}

void require_equal(const LargeTable& large, const KillTarget& by_first, const KillTarget& by_all) {
    CHECK(compare_databases(by_first.endpoint(), by_all.endpoint()).equal());
    CHECK(compare_databases("sqlite:" + large.from, by_first.endpoint()).equal());
    CHECK(by_first.leftovers().empty());
}

}  // namespace

TEST_CASE("first rows: a run gives what a plan of all rows does", "[cli][first-rows]") {
    struct Case {
        const char* late;
        bool surprises;
    };
    const Case one = GENERATE(values<Case>({{"'2024-12-31'", false},
                                            {"NULL", false},
                                            {"'not a date'", true},
                                            {"20240102", true},
                                            {"x'2024'", true}}));
    // With dead letters no row stops the load: what was decided wrongly comes out when all rows were read.
    const std::string on_reject = GENERATE(as<std::string>(), "stop", "dead-letter");
    for (const std::string& engine : engines()) {
        CAPTURE(engine, one.late, on_reject);
        const LargeTable large(one.late);
        const KillTarget by_first(engine, false);
        const KillTarget by_all(engine, false);
        const CommandResult run = by_first.run(large.migrate(by_first, {"--on-reject", on_reject}));
        const CommandResult expected = large.run_planned(by_all, {"--on-reject", on_reject});
        INFO(run.out << run.err << expected.err);
        CHECK(run.exit_code == 0);
        CHECK(run.exit_code == expected.exit_code);
        CHECK(findings_of(run) == findings_of(expected));
        CHECK((count_of(run.out, "begun-anew") == 1) == one.surprises);
        require_equal(large, by_first, by_all);
        // What was dropped is not gone on with, and the run that counts is the newest.
        const CommandResult history = by_first.run({"history"});
        CHECK((count_of(history.out, "abandoned") == 1) == one.surprises);
        CHECK(by_first.run({"resume", "--last"}).exit_code == 7);
        CHECK(by_first.backups() == 1);
    }
}

TEST_CASE("first rows: what values that come late are worth is counted over all of them",
          "[cli][first-rows]") {
    const LargeTable large("'2024-12-31'");
    SqliteDatabase(large.from).exec("UPDATE t SET v = 'longer than ten' WHERE id IN (41000, 59000)");
    for (const std::string& engine : engines()) {
        CAPTURE(engine);
        const KillTarget by_first(engine, false);
        const KillTarget by_all(engine, false);
        const CommandResult run = by_first.run(large.migrate(by_first));
        const CommandResult expected = large.run_planned(by_all);
        INFO(run.out << run.err);
        CHECK(run.exit_code == expected.exit_code);
        CHECK(findings_of(run) == findings_of(expected));
        CHECK(run.out.find("2 of 60000") != std::string::npos);
        require_equal(large, by_first, by_all);
    }
}

TEST_CASE("first rows: what a plan of all rows refuses is refused, and nothing is left",
          "[cli][first-rows]") {
    const LargeTable large("'2024-12-31'");
    SqliteDatabase(large.from).exec("UPDATE t SET v = CAST(x'ff' AS TEXT) WHERE id = 55000");
    for (const std::string& engine : engines()) {
        CAPTURE(engine);
        const KillTarget target(engine, false);
        const CommandResult expected = large.run_planned(target);
        const CommandResult run = target.run(large.migrate(target));
        INFO(run.out << run.err << expected.out << expected.err);
        CHECK(run.exit_code == expected.exit_code);
        CHECK(run.exit_code == 3);
        CHECK(target.visible_tables() == 0);
        CHECK(target.leftovers().empty());
    }
}

TEST_CASE("first rows: rows that do not fit go by the policy, as after a plan of all rows",
          "[cli][first-rows]") {
    const LargeTable large("'not a date'");
    const std::string on_reject = GENERATE(as<std::string>(), "dead-letter", "null-value");
    for (const std::string& engine : engines()) {
        CAPTURE(engine, on_reject);
        const std::vector<std::string> policy{"--on-reject", on_reject, "--type", "t.d=date"};
        const KillTarget by_first(engine, false);
        const KillTarget by_all(engine, false);
        const CommandResult run = by_first.run(large.migrate(by_first, policy));
        const CommandResult expected = large.run_planned(by_all, policy);
        INFO(run.out << run.err);
        CHECK(run.exit_code == 5);
        CHECK(expected.exit_code == 5);
        CHECK(findings_of(run) == findings_of(expected));
        CHECK(compare_databases(by_first.endpoint(), by_all.endpoint()).equal());
    }
}

TEST_CASE("first rows: a run that is killed goes on, and still looks at every value",
          "[cli][first-rows][fault]") {
    const std::string late = GENERATE(as<std::string>(), "'2024-12-31'", "'not a date'");
    for (const std::string& engine : engines()) {
        CAPTURE(engine, late);
        const LargeTable large(late);
        const KillTarget by_first(engine, false);
        const KillTarget by_all(engine, false);
        REQUIRE(by_first.run(large.migrate(by_first, {"--workers", "1"}), "chunk-committed:3").signal ==
                SIGKILL);
        const CommandResult resumed = by_first.run({"resume", "--last", "--json"});
        const CommandResult expected = large.run_planned(by_all);
        INFO(resumed.out << resumed.err);
        CHECK(resumed.exit_code == 0);
        CHECK((count_of(resumed.out, "begun-anew") == 1) == (late == "'not a date'"));
        CHECK(findings_of(resumed) == findings_of(expected));
        require_equal(large, by_first, by_all);
    }
}

}  // namespace migrate::test
