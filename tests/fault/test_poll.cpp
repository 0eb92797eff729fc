#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "fault/state_poll.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Somebody reads the target all through a migration, the kill of it, its resumption, a rollback that is
/// killed and the rollback: the old state, the new, the old, and never another.
namespace migrate::test {
namespace {

enum class Mode { new_target, new_tables, replace, append };

struct Case {
    Mode mode;
    const char* name;
    std::vector<std::string> options;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> k_cases{
        {Mode::new_target, "reader: new target", {}},
        {Mode::new_tables, "reader: new tables beside others", {}},
        {Mode::replace, "reader: tables replaced", {"--on-existing", "replace"}},
        {Mode::append, "reader: rows merged into tables", {"--on-existing", "load", "--on-conflict", "stop"}},
    };
    return k_cases;
}

/// Tables of the same names with other rows, whose keys do not meet those of a KillSource.
std::string earlier_rows(const TemporaryDirectory& directory) {
    const std::string file = directory.path("earlier.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INTEGER);"
        "CREATE TABLE book (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES author (id), title "
        "TEXT, price "
        "REAL, cover BLOB);"
        "CREATE INDEX book_author ON book (author); CREATE TABLE event (what TEXT, at TEXT);"
        "INSERT INTO author VALUES (900001, 'earlier', 1900), (900002, 'before', NULL);"
        "INSERT INTO book VALUES (900001, 900002, 'old', 1.5, x'00ff'), (900002, 900001, NULL, NULL, NULL);"
        "INSERT INTO event VALUES ('old', 'then')");
    return file;
}

void fill_first(const KillTarget& target) {
    const TemporaryDirectory directory;
    const CommandResult filled =
        target.run({"migrate", "--from", earlier_rows(directory), "--to", target.endpoint(), "--execute"});
    INFO(filled.out << filled.err);
    REQUIRE(filled.exit_code == 0);
    const CommandResult final = target.run({"finalize", target.newest_done(), "--to", target.endpoint()});
    INFO(final.out << final.err);
    REQUIRE(final.exit_code == 0);
}

/// Killed when the rows are loaded, in the cutover, and in the rollback; where a point is not on the way,
/// not.
void migrate_and_go_back(const KillSource& source, const KillTarget& target, const Case& one,
                         StatePoll& poll) {
    // A backup of a server's tables passes the same points, and is not what is to be killed.
    std::vector<std::string> migrate{"migrate",         "--from",    source.endpoint(), "--to",
                                     target.endpoint(), "--execute", "--chunk-rows",    "100",
                                     "--target-backup", "never"};
    migrate.insert(migrate.end(), one.options.begin(), one.options.end());
    const CommandResult begun = target.run(migrate, "loaded");
    INFO(begun.out << begun.err);
    REQUIRE(begun.signal == SIGKILL);
    poll.see_once_more();
    for (const char* point : {"cutover-begun", "cutover-commit", "cutover-rename"}) {
        const CommandResult result = target.run({"resume", "--last"}, point);
        INFO("killed at " << point << ": " << result.out << result.err);
        REQUIRE((result.signal == SIGKILL || result.exit_code == 0));
        poll.see_once_more();
        if (result.signal == 0) {
            break;
        }
    }
    static_cast<void>(target.run({"resume", "--last"}));
    poll.see_once_more();
    const std::string id = target.newest_done();
    REQUIRE_FALSE(id.empty());
    const std::vector<std::string> rollback{"rollback", id, "--to", target.endpoint(), "--execute"};
    static_cast<void>(target.run(rollback, "rollback-commit"));
    poll.see_once_more();
    const CommandResult undone = target.run(rollback);
    INFO(undone.out << undone.err);
    REQUIRE(undone.exit_code == 0);
    poll.see_once_more();
}

void poll_pair(const std::string& from, const std::string& to) {
    const auto source = KillSource::make(from);
    if (!source || (to == "postgresql" && !pg_test_conninfo())) {
        return;
    }
    for (const Case& one : cases()) {
        if (to == "json" && one.mode == Mode::append) {
            continue;  // a table of JSON lines cannot be loaded into
        }
        INFO(one.name << ", " << from << " to " << to);
        const KillTarget target(to, one.mode != Mode::new_target);
        if (one.mode == Mode::replace || one.mode == Mode::append) {
            fill_first(target);
        }
        const auto before = look_at(target.endpoint());
        StatePoll poll(target.endpoint());
        poll.see_once_more();
        migrate_and_go_back(*source, target, one, poll);
        const std::vector<std::string> seen = poll.finish();
        CHECK(poll.looks() > 10);
        REQUIRE(seen.size() == 3);
        CHECK(seen[0] == before);
        CHECK(seen[2] == before);
        CHECK(seen[1].starts_with("3 tables"));
        note_fault("poll", one.name, from, to);
    }
}

}  // namespace

TEST_CASE("fault: a reader of the target sees the old state or the new, from SQLite",
          "[fault][poll][postgresql][slow]") {
    poll_pair("sqlite", GENERATE(as<std::string>(), "sqlite", "postgresql", "json"));
}
TEST_CASE("fault: a reader of the target sees the old state or the new, from PostgreSQL",
          "[fault][poll][postgresql][slow]") {
    poll_pair("postgresql", GENERATE(as<std::string>(), "sqlite", "postgresql", "json"));
}
TEST_CASE("fault: a reader of the target sees the old state or the new, from JSON",
          "[fault][poll][postgresql][slow]") {
    poll_pair("json", GENERATE(as<std::string>(), "sqlite", "postgresql", "json"));
}

}  // namespace migrate::test
