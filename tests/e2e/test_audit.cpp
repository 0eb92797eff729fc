#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/migrate.hpp>

#include "e2e/cli_checks.hpp"
#include "io/lock.hpp"
#include "support/file_tree.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What commands leave in the audit trail, and what `audit` says of it.
namespace migrate::test {

namespace {

namespace fs = std::filesystem;

struct Home {
    TemporaryDirectory directory;

    CommandResult run(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {}) const {
        CommandOptions options = isolated({}, directory.path());
        options.environment.insert(environment.begin(), environment.end());
        return Command(cli(arguments), options).wait();
    }
    [[nodiscard]] std::string trail() const { return directory.path("migrate/audit.jsonl"); }

    [[nodiscard]] std::vector<AuditRecord> records() const {
        std::vector<AuditRecord> records;
        if (fs::exists(trail())) {
            read_audit(trail(), [&](const AuditRecord& record) { records.push_back(record); });
        }
        return records;
    }
    /// Events of one operation, phases with their names.
    [[nodiscard]] std::vector<std::string> events(const std::string& operation) const {
        std::vector<std::string> events;
        for (const AuditRecord& record : records()) {
            if (record.operation == operation) {
                events.push_back(record.event + (record.phase.empty() ? "" : " " + record.phase));
            }
        }
        return events;
    }
};

std::string source_in(const TemporaryDirectory& directory) {
    const std::string path = directory.path("from.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'canary-of-a-row'), (2, "
        "'y')");
    return path;
}

std::string id_of(const CommandResult& migration) {
    INFO(migration.out << migration.err);
    return json_of(migration.out)["id"].GetString();
}

std::vector<std::string> with_phases(const std::vector<std::string>& phases) {
    std::vector<std::string> events;
    for (const std::string& phase : phases) {
        events.push_back("phase_begun " + phase);
        events.push_back("phase_ended " + phase);
    }
    return events;
}

/// Every kind of target: what is migrated into it is said phase by phase, and it remembers where.
void check_run(const std::string& to) {
    CAPTURE(to);
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    const CommandResult result =
        home.run({"migrate", "--from", from, "--to", to, "--execute", "--source-backup", "never", "--json"});
    const std::string id = id_of(result);
    REQUIRE(result.exit_code == 0);

    std::vector<std::string> expected{"started"};
    for (const std::string& event : with_phases({"open", "preflight", "schema", "load", "build", "verify"})) {
        expected.push_back(event);
    }
    expected.insert(expected.end() - 1, "decision");
    expected.insert(expected.end(), {"phase_begun cutover", "phase_ended cutover", "finished"});
    // The decision is told while the phase that led to it still is.
    std::vector<std::string> events = home.events("migrate");
    std::replace(events.begin(), events.end(), std::string("decision verify"), std::string("decision"));
    CHECK(events == expected);
    for (const AuditRecord& record : home.records()) {
        CHECK(record.migration == id);
        CHECK(record.application == "migrate-cli");
        CHECK(record.uid == ::geteuid());
        CHECK(record.from.find("from.db") != std::string::npos);
        CHECK_FALSE(record.to.empty());
        CHECK_FALSE(record.host.empty());
    }
    const auto records = home.records();
    CHECK(records[0].detail.find("on-reject stop") != std::string::npos);
    CHECK(records.back().detail.find("done, exit code 0, 1 table, 2 rows") == 0);
    const std::string head = json_of(result.out)["audit_head"].GetString();
    CHECK(head == AuditHead{records.back().trail, records.size(), records.back().hash}.text());

    require_success(home.run({"audit", "verify", "--head", head}));
    const CommandResult verified = home.run({"audit", "verify", "--to", to, "--json"});
    require_success(verified);
    CHECK(json_of(verified.out)["heads_found"].GetUint64() == 1);
    // Its last lines are cut off: the chain is whole, and the target remembers better.
    std::string text = home.directory.read("migrate/audit.jsonl");
    for (int line = 0; line < 3; ++line) {
        text.resize(text.rfind('\n', text.size() - 2) + 1);
    }
    home.directory.write("migrate/audit.jsonl", text);
    require_success(home.run({"audit", "verify"}));
    const CommandResult cut = home.run({"audit", "verify", "--to", to});
    CHECK(cut.exit_code == 4);
    CHECK(cut.out.find("cut off") != std::string::npos);
    CHECK(home.run({"audit", "verify", "--head", head}).exit_code == 4);
}

}  // namespace

TEST_CASE("audit: a migration is recorded phase by phase, and its target remembers the trail",
          "[cli][audit]") {
    const TemporaryDirectory directory;
    check_run(directory.path("new.db"));
    SqliteDatabase(directory.path("there.db")).exec("CREATE TABLE kept (a)");
    check_run(directory.path("there.db"));
    check_run(directory.path("dir") + "/");
    check_run(directory.path("one.json"));
}

TEST_CASE("audit: a PostgreSQL target remembers the trail, and the trail its role", "[cli][audit][pg]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    check_run(("pg:" + database->conninfo()));
    const Home home;
    const TemporaryDirectory directory;
    home.run({"migrate", "--from", ("pg:" + database->conninfo()), "--to", directory.path("back.db"),
              "--execute"});
    const auto records = home.records();
    REQUIRE_FALSE(records.empty());
    CHECK_FALSE(records.back().from_role.empty());
    CHECK(records.back().to_role.empty());
}

TEST_CASE("audit: every step after the migration is recorded", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    const std::string to = directory.path("to.db");
    SqliteDatabase(to).exec("CREATE TABLE kept (a)");
    const std::string first =
        id_of(home.run({"migrate", "--from", from, "--to", to, "--execute", "--no-cutover", "--json"}));
    require_success(home.run({"abandon", first}));
    const std::string id =
        id_of(home.run({"migrate", "--from", from, "--to", to, "--execute", "--no-cutover", "--json"}));
    const CommandResult cutover = home.run({"cutover", id, "--json"});
    require_success(cutover);
    CHECK(parse_audit_head(json_of(cutover.out)["audit_head"].GetString()).has_value());
    require_success(home.run({"rollback", id}));  // a dry run
    require_success(home.run({"rollback", id, "--execute"}));
    require_success(home.run({"finalize", id}));

    using Events = std::vector<std::string>;
    CHECK(home.events("abandon") == Events{"started", "finished"});
    CHECK(home.events("cutover") ==
          Events{"started", "phase_begun cutover", "phase_ended cutover", "finished"});
    CHECK(home.events("rollback") == Events{"started", "finished"});
    CHECK(home.events("finalize") == Events{"started", "finished"});
    require_success(home.run({"audit", "verify"}));
    const CommandResult shown = home.run({"audit", "show", first.substr(0, 6), "--json"});
    require_success(shown);
    const auto document = json_of(shown.out);
    CHECK(document["count"].GetUint64() > 10);
    for (const auto& record : document["records"].GetArray()) {
        CHECK(std::string(record["migration"].GetString()) == first);
    }
    const CommandResult newest = home.run({"audit", "show", "--max-rows", "2"});
    require_success(newest);
    CHECK(count_of(newest.out, "\n") == 4);
    CHECK(newest.out.find("finalize") != std::string::npos);
}

TEST_CASE("audit: whatever is refused is recorded", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    const std::string taken = directory.path("taken.db");
    SqliteDatabase(taken).exec("CREATE TABLE t (id)");
    const auto refused = [&](const std::vector<std::string>& arguments, int exit_code,
                             const std::string& why) {
        const std::size_t before = home.records().size();
        require_one_error(home.run(arguments), exit_code);
        const auto records = home.records();
        CAPTURE(arguments, why);
        REQUIRE(records.size() > before);
        CHECK(records.back().operation == arguments[0]);
        CHECK(records.back().event == "refused");
        INFO(records.back().detail);
        CHECK(records.back().detail.find(why) != std::string::npos);
    };
    refused({"migrate", "--from", from, "--to", taken, "--execute"}, 3, "t");
    refused({"migrate", "--from", "sqlite:" + directory.path("none.db"), "--to", directory.path("x.db"),
             "--execute"},
            7, "none.db");
    const std::string plan = directory.path("plan");
    require_success(
        home.run({"migrate", "--from", from, "--to", directory.path("y.db"), "--save-plan", plan}));
    {
        const io::FileLock lock(directory.path("y.db") + ".migrate-lock", "somebody");
        refused({"migrate", "--plan", plan, "--execute"}, 8, "locked");
    }
    refused({"rollback", "0123456789ab", "--to", taken, "--execute"}, 7, "0123456789ab");
    refused({"cutover", "0123456789ab", "--to", taken}, 7, "0123456789ab");
    refused({"abandon", "0123456789ab", "--to", taken}, 7, "0123456789ab");
    refused({"finalize", "0123456789ab", "--to", taken}, 7, "0123456789ab");
    refused({"resume", "0123456789ab", "--to", taken}, 7, "0123456789ab");
    refused({"cutover", "0123456789ab"}, 7, "0123456789ab");
    require_success(home.run({"audit", "verify"}));
}

TEST_CASE("audit: rows that were left out are counted, and none of their values is told",
          "[cli][audit][security]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "PRAGMA ignore_check_constraints = ON; CREATE TABLE t (id INTEGER PRIMARY KEY, price INTEGER CHECK "
        "(price > 0), name TEXT); INSERT INTO t VALUES (1, 5, 'fine'), (2, -1, 'canary-of-a-row')");
    const std::vector<std::string> migrate{"migrate",  "--from", from, "--to", directory.path("to.db"),
                                           "--execute"};
    const CommandResult stopped = home.run(migrate);
    INFO(stopped.out << stopped.err);
    CHECK(stopped.exit_code != 0);
    CHECK(home.records().back().event == "refused");
    CHECK(home.records().back().detail.find("violates the check") != std::string::npos);
    std::vector<std::string> lenient = migrate;
    lenient.insert(lenient.end(), {"--on-reject", "dead-letter"});
    const CommandResult result = home.run(lenient);
    INFO(result.out << result.err);
    CHECK(result.exit_code == 5);
    bool counted = false;
    for (const AuditRecord& record : home.records()) {
        counted =
            counted || record.detail == "table t: on-reject dead-letter, 1 row left out, 0 rows with NULL";
    }
    CHECK(counted);
    CHECK(home.directory.read("migrate/audit.jsonl").find("canary-of-a-row") == std::string::npos);
    require_success(home.run({"audit", "verify"}));
}

TEST_CASE("audit: a dry run, and a command that only reads, record nothing", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    require_success(home.run({"migrate", "--from", from, "--to", directory.path("to.db")}));
    require_success(home.run({"check", from}));
    require_success(home.run({"history"}));
    CHECK_FALSE(fs::exists(home.trail()));
    require_one_error(home.run({"audit", "verify"}), 7);
    require_one_error(home.run({"audit", "show"}), 7);
}

TEST_CASE("audit: the trail is where it is asked for, or nowhere, with a key or without", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    const auto migrate = [&](const std::string& to, std::vector<std::string> more) {
        more.insert(more.begin(), {"migrate", "--from", from, "--to", directory.path(to), "--execute"});
        return home.run(more);
    };
    const CommandResult without = migrate("a.db", {"--audit", "none", "--json"});
    require_success(without);
    CHECK(std::string(json_of(without.out)["audit_head"].GetString()).empty());
    CHECK_FALSE(fs::exists(home.trail()));
    require_one_error(home.run({"audit", "verify", "--audit", "none"}), 2);
    require_one_error(home.run({"audit", "verify", "--audit", directory.path("x"), "--head", "12"}), 2);

    const std::string trail = directory.path("elsewhere.jsonl");
    const std::string key = directory.write("key", "a key that is long enough\n");
    ::chmod(key.c_str(), 0644);
    require_one_error(migrate("b.db", {"--audit", trail, "--audit-key-file", key}), 3);
    ::chmod(key.c_str(), 0600);
    CHECK_FALSE(fs::exists(directory.path("b.db")));
    require_success(migrate("b.db", {"--audit", trail, "--audit-key-file", key}));
    CHECK_FALSE(fs::exists(home.trail()));
    require_success(home.run({"audit", "verify", "--audit", trail, "--audit-key-file", key}));
    require_one_error(home.run({"audit", "verify", "--audit", trail}), 2);
    require_one_error(migrate("c.db", {"--audit", trail}), 3);
    CHECK_FALSE(fs::exists(directory.path("c.db")));
    const std::string other = directory.write("other", "another key, long enough\n");
    ::chmod(other.c_str(), 0600);
    CHECK(home.run({"audit", "verify", "--audit", trail, "--audit-key-file", other}).exit_code == 4);
}

TEST_CASE("audit: a line that was changed is named, with exit code 4", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    require_success(home.run({"migrate", "--from", from, "--to", directory.path("a.db"), "--execute"}));
    std::string text = home.directory.read("migrate/audit.jsonl");
    const std::size_t third = text.find('\n', text.find('\n') + 1) + 1;
    text[text.find("migrate", third)] = 'M';
    home.directory.write("migrate/audit.jsonl", text);
    const CommandResult result = home.run({"audit", "verify", "--json"});
    CHECK(result.exit_code == 4);
    const auto document = json_of(result.out);
    CHECK_FALSE(document["whole"].GetBool());
    CHECK(document["damage"][0]["line"].GetUint64() == 3);
    CHECK(home.run({"audit", "verify"}).out.find("Damaged: line 3 ") == 0);
}

TEST_CASE("audit: each line's hash is what sha256sum says of its bytes", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    require_success(home.run({"migrate", "--from", from, "--to", directory.path("a.db"), "--execute"}));
    const std::string check =
        "prev=$(printf '0%.0s' $(seq 64)); while IFS= read -r line; do body=${line%,\\\"hash\\\":*}; "
        "hash=${line##*,\\\"hash\\\":\\\"}; hash=${hash%\\\"\\}}; "
        "[ \"$(printf %s \"$body\" | sha256sum | cut -d' ' -f1)\" = \"$hash\" ] || exit 1; "
        "case $body in *\"\\\"prev\\\":\\\"$prev\\\"\") ;; *) exit 2 ;; esac; prev=$hash; done < " +
        home.trail() + " && echo whole";
    CHECK(run_tool({"sh", "-c", check}) == "whole\n");
}

TEST_CASE("audit: nothing is migrated that cannot be recorded", "[cli][audit]") {
    const Home home;
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    fs::create_directories(home.trail());  // a directory stands in its place
    const auto before = file_tree(directory.path());
    const CommandResult result =
        home.run({"migrate", "--from", from, "--to", directory.path("a.db"), "--execute"});
    require_one_error(result, 3);
    CHECK(result.err.find("audit trail") != std::string::npos);
    CHECK(result.err.find("--audit none") != std::string::npos);
    CHECK((file_tree(directory.path()) == before));
}

TEST_CASE("audit: a trail that is lost in the middle does not lose the migration, and the result says so",
          "[audit]") {
    const TemporaryDirectory directory;
    const std::string from = source_in(directory);
    const std::string trail = directory.path("audit.jsonl");
    MigratorConfig config;
    config.audit_path = trail;
    config.observer = [&](const MigrationEvent& event) {
        if (event.kind == EventKind::phase_started && event.phase == Phase::load) {
            fs::remove(trail);
            fs::create_directory(trail);
        }
    };
    CrossDatabaseMigrator migrator(config);
    const MigrationPlan plan = migrator.plan_migration({parse_endpoint(from, false)},
                                                       {parse_endpoint(directory.path("to.db"), true)});
    const MigrationResult result = migrator.execute_migration(plan);
    CHECK(result.state == MigrationState::done);
    CHECK(std::count_if(result.findings.begin(), result.findings.end(),
                        [](const Finding& finding) { return finding.code == "audit-not-written"; }) == 1);
    CHECK(render_text(result).find("could not be written once the target was") != std::string::npos);
}

#ifdef MIGRATE_FAULT_POINTS
TEST_CASE("audit: killed around its own writes, a trail stays whole and the migration is gone on with",
          "[cli][audit][fault]") {
    for (const std::string point : {"audit-write", "audit-written", "audit-synced", "audit-write:2",
                                    "audit-written:3", "audit-synced:5", "audit-write:8"}) {
        CAPTURE(point);
        const Home home;
        const TemporaryDirectory directory;
        const std::string from = source_in(directory);
        const std::string to = directory.path("to.db");
        const std::vector<std::string> migrate{"migrate", "--from", from, "--to", to, "--execute"};
        CHECK(home.run(migrate, {{"MIGRATE_KILL_AT", point}}).signal == SIGKILL);
        if (fs::exists(home.trail())) {
            require_success(home.run({"audit", "verify"}));
        }
        if (home.run({"resume", "--last"}).exit_code != 0) {
            require_success(home.run(migrate));  // it was killed before it had recorded anything
        }
        require_success(home.run({"verify", "--from", from, "--to", to}));
        const CommandResult verified = home.run({"audit", "verify"});
        require_success(verified);
    }
}
#endif

}  // namespace migrate::test
