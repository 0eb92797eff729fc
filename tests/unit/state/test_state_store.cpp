#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "session/sqlite_session.hpp"
#include "state/state_schema.hpp"
#include "state/state_store.hpp"
#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

using session::SqliteSession;
using state::RecordedEndpoints;
using state::StateStore;

MigrationRecord record_of(const std::string& id, const std::string& started_at) {
    MigrationRecord record;
    record.id = id;
    record.state = MigrationState::loading;
    record.from = "sqlite:/a.db";
    record.to = "json:/out/";
    record.started_at = started_at;
    return record;
}

RecordedEndpoints endpoints() {
    RecordedEndpoints result;
    result.from.engine = "sqlite";
    result.from.location = "/a.db";
    result.to.engine = "json";
    result.to.location = "/out\n/";
    result.to.options = {{"layout", "documents"}, {"root", ""}};
    return result;
}

template <typename Call>
ErrorCode code_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK_FALSE(error.facts().next_step.empty());
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::internal;
}

fs::perms mode_of(const std::string& path) {
    return fs::status(path).permissions() & fs::perms::mask;
}

}  // namespace

TEST_CASE("state: reading creates nothing", "[state]") {
    const test::TemporaryDirectory directory;
    const StateStore store(directory.path("new/state.db"));
    CHECK(store.list().empty());
    CHECK(code_of([&] { static_cast<void>(store.find("abc")); }) == ErrorCode::not_found);
    CHECK_FALSE(fs::exists(directory.path("new")));
}

TEST_CASE("state: what was recorded is read back by another command", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("a/b/state.db");
    state::StateOptions options;
    options.clock = [] { return std::chrono::system_clock::time_point(std::chrono::seconds(86'400)); };
    {
        StateStore store(path, options);
        store.record_start(record_of("0123456789ab", "2024-01-01T00:00:00Z"), R"({"plan":1})", endpoints());
        store.record_event("0123456789ab", Phase::load, "two\nlines");
        store.record_state("0123456789ab", MigrationState::verifying);
        store.record_end("0123456789ab", MigrationState::done, 5, 15'607, "5 views left out");
        store.record_start(record_of("0123ffffffff", ""), "{}", endpoints());
    }
    const StateStore store(path);
    const std::vector<MigrationRecord> all = store.list();
    REQUIRE(all.size() == 2);
    CHECK(all[1].id == "0123456789ab");
    CHECK(all[0].started_at == "1970-01-02T00:00:00.000000Z");
    CHECK(all[0].finished_at.empty());
    CHECK(all[0].exit_code == -1);

    const MigrationRecord record = store.find("01234");
    CHECK(record.id == "0123456789ab");
    CHECK(record.state == MigrationState::done);
    CHECK(record.from == "sqlite:/a.db");
    CHECK(record.to == "json:/out/");
    CHECK(record.started_at == "2024-01-01T00:00:00Z");
    CHECK(record.finished_at == "1970-01-02T00:00:00.000000Z");
    CHECK(record.rows == 15'607);
    CHECK(record.exit_code == 5);
    CHECK(record.message == "5 views left out");
    CHECK(record.events == std::vector<std::string>{R"(1970-01-02T00:00:00.000000Z load: two\nlines)"});
    CHECK(store.plan_json("0123456789ab") == R"({"plan":1})");

    const RecordedEndpoints read = store.endpoints("0123456789ab");
    CHECK(read.from.engine == "sqlite");
    CHECK(read.from.location == "/a.db");
    CHECK(read.from.options.empty());
    CHECK(read.to.engine == "json");
    CHECK(read.to.location == "/out\n/");
    CHECK(read.to.options == endpoints().to.options);
}

TEST_CASE("state: a migration is found by the beginning of its id where that is one", "[state]") {
    const test::TemporaryDirectory directory;
    StateStore store(directory.path("state.db"));
    store.record_start(record_of("abc0", ""), "{}", endpoints());
    store.record_start(record_of("abc01", ""), "{}", endpoints());
    CHECK(store.resolve("abc0") == "abc0");
    CHECK(store.resolve("abc01") == "abc01");
    CHECK(code_of([&] { static_cast<void>(store.resolve("abc")); }) == ErrorCode::usage);
    CHECK(code_of([&] { static_cast<void>(store.resolve("b")); }) == ErrorCode::not_found);
    CHECK(code_of([&] { static_cast<void>(store.resolve("%")); }) == ErrorCode::not_found);
    CHECK(code_of([&] { static_cast<void>(store.resolve("")); }) == ErrorCode::not_found);
}

TEST_CASE("state: a second start keeps the events and forgets the end", "[state]") {
    const test::TemporaryDirectory directory;
    StateStore store(directory.path("state.db"));
    store.record_start(record_of("a1", ""), "{}", endpoints());
    store.record_event("a1", Phase::open, "first");
    store.record_end("a1", MigrationState::interrupted, 6, 7, "killed");
    store.record_start(record_of("a1", ""), "{}", endpoints());
    const MigrationRecord record = store.find("a1");
    CHECK(record.state == MigrationState::loading);
    CHECK(record.exit_code == -1);
    CHECK(record.finished_at.empty());
    CHECK(record.message.empty());
    CHECK(record.events.size() == 1);
    CHECK(store.endpoints("a1").to.options == endpoints().to.options);
}

TEST_CASE("state: what was begun or gone on with last comes first, whatever the clock says", "[state]") {
    const test::TemporaryDirectory directory;
    StateStore store(directory.path("state.db"));
    store.record_start(record_of("a1", "2026-03-01T00:00:00Z"), "{}", endpoints());
    store.record_start(record_of("a2", "2026-02-01T00:00:00Z"), "{}", endpoints());
    store.record_start(record_of("a3", "2026-01-01T00:00:00Z"), "{}", endpoints());
    store.record_start(record_of("a1", "2025-12-01T00:00:00Z"), "{}", endpoints());
    std::vector<std::string> ids;
    for (const MigrationRecord& record : store.list()) {
        ids.push_back(record.id);
    }
    CHECK(ids == std::vector<std::string>{"a1", "a3", "a2"});
}

TEST_CASE("state: how a migration ends is said by the run that went on with it last", "[state]") {
    const test::TemporaryDirectory directory;
    StateStore dead(directory.path("state.db"));
    dead.record_start(record_of("a1", ""), "{}", endpoints());
    dead.record_start(record_of("b1", ""), "{}", endpoints());
    StateStore other(directory.path("state.db"));
    SECTION("from its start") {
        other.record_start(record_of("a1", ""), "{}", endpoints());
    }
    SECTION("for its last step") {
        other.record_taken_up("a1");
    }
    other.record_end("a1", MigrationState::done, 0, 7, "");
    dead.record_event("a1", Phase::done, "failed");
    dead.record_state("a1", MigrationState::failed);
    dead.record_end("a1", MigrationState::interrupted, 6, 0, "taken over");
    const MigrationRecord record = other.find("a1");
    CHECK(record.state == MigrationState::done);
    CHECK(record.rows == 7);
    CHECK(record.events.empty());
    CHECK(other.list().front().id == "a1");
    dead.record_end("b1", MigrationState::interrupted, 6, 0, "");
    CHECK(other.find("b1").state == MigrationState::interrupted);
    CHECK_THROWS_AS(other.record_taken_up("c1"), Error);
}

TEST_CASE("state: an index that has no numbers yet gets them by the times", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.write("state.db", "");
    {
        SqliteSession session = SqliteSession::open(path, SqliteSession::Access::write, 1000);
        state::upgrade_schema(session, state::schema_versions().first(2));
        for (const char* row : {"'b', 'done', '', '', '2026-01-02'", "'a', 'done', '', '', '2026-01-03'",
                                "'c', 'done', '', '', '2026-01-01'"}) {
            session.execute(
                "INSERT INTO migration (id, state, from_display, to_display, started_at, "
                "tool_version, plan) VALUES (" +
                std::string(row) + ", '0', '{}')");
        }
    }
    CHECK(StateStore(path).list().front().id == "a");
    StateStore store(path);
    store.record_start(record_of("d", "2020-01-01T00:00:00Z"), "{}", endpoints());
    std::string ids;
    for (const MigrationRecord& record : store.list()) {
        ids += record.id;
    }
    CHECK(ids == "dabc");
}

TEST_CASE("state: an event or end of an unknown migration is an error", "[state]") {
    const test::TemporaryDirectory directory;
    StateStore store(directory.path("state.db"));
    CHECK_THROWS_AS(store.record_event("a1", Phase::open, "x"), Error);
    CHECK_THROWS_AS(store.record_end("a1", MigrationState::done, 0, 0, ""), Error);
    CHECK(store.list().empty());
}

TEST_CASE("state: no password is stored", "[state][secret]") {
    const test::TemporaryDirectory directory;
    {
        StateStore store(directory.path("state.db"));
        MigrationRecord record = record_of("a1", "");
        record.from = "postgresql://u:hush@h/db";
        RecordedEndpoints sides = endpoints();
        sides.from.engine = "postgresql";
        sides.from.location = "host=h password=hush dbname=db";
        store.record_start(record, "{}", sides);
        store.record_event("a1", Phase::open, "opening postgresql://u:hush@h/db");
        store.record_end("a1", MigrationState::failed, 7, 0, "host=h password='hush' refused");
    }
    for (const auto& entry : fs::directory_iterator(directory.path())) {
        CHECK_THAT(directory.read(entry.path().filename().string()), !Catch::Contains("hush"));
    }
}

TEST_CASE("state: directory and file are for their owner alone", "[state][secret]") {
    const test::TemporaryDirectory directory;
    StateStore store(directory.path("x/y/state.db"));
    store.record_start(record_of("a1", ""), "{}", endpoints());
    CHECK(mode_of(directory.path("x")) == fs::perms::owner_all);
    CHECK(mode_of(directory.path("x/y")) == fs::perms::owner_all);
    for (const auto& entry : fs::directory_iterator(directory.path("x/y"))) {
        CAPTURE(entry.path());
        CHECK(mode_of(entry.path()) == (fs::perms::owner_read | fs::perms::owner_write));
    }
}

TEST_CASE("state: several commands can begin and write at once", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("x/state.db");
    constexpr int k_commands = 6;
    constexpr int k_events = 10;
    std::vector<std::string> failures(k_commands);
    std::vector<std::thread> commands;
    for (int i = 0; i < k_commands; ++i) {
        commands.emplace_back([&path, &failures, i] {
            try {
                StateStore store(path);
                const std::string id = "a" + std::to_string(i);
                store.record_start(record_of(id, ""), "{}", endpoints());
                for (int event = 0; event < k_events; ++event) {
                    store.record_event(id, Phase::load, std::to_string(event));
                }
                store.record_end(id, MigrationState::done, 0, 1, "");
            } catch (const std::exception& error) {
                failures[static_cast<std::size_t>(i)] = error.what();
            }
        });
    }
    for (std::thread& command : commands) {
        command.join();
    }
    CHECK(failures == std::vector<std::string>(k_commands));
    const StateStore store(path);
    CHECK(store.list().size() == k_commands);
    for (const MigrationRecord& record : store.list()) {
        CHECK(record.state == MigrationState::done);
        CHECK(store.find(record.id).events.size() == k_events);
    }
}

TEST_CASE("state: a database of another application is refused and stays as it is", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.write("app.db", "");
    SqliteSession::open(path, SqliteSession::Access::write, 1000).execute("CREATE TABLE t (a)");
    const std::string before = directory.read("app.db");
    StateStore store(path);
    CHECK(code_of([&] { static_cast<void>(store.list()); }) == ErrorCode::refused);
    CHECK(code_of([&] { store.record_start(record_of("a1", ""), "{}", endpoints()); }) == ErrorCode::refused);
    CHECK(directory.read("app.db") == before);
}

TEST_CASE("state: an index of a later version is refused", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("state.db");
    StateStore(path).record_start(record_of("a1", ""), "{}", endpoints());
    SqliteSession::open(path, SqliteSession::Access::write, 1000).execute("PRAGMA user_version=1000");
    StateStore store(path);
    CHECK(code_of([&] { static_cast<void>(store.list()); }) == ErrorCode::unsupported);
}

TEST_CASE("state: a damaged index says that it can be moved away", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.write("state.db", std::string(5000, 'x'));
    StateStore store(path);
    try {
        static_cast<void>(store.list());
        FAIL("a damaged file was read");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::corrupt);
        CHECK_THAT(error.facts().next_step, Catch::Contains("Move the file away"));
    }
}

TEST_CASE("state: runs of the same engines and machine are found, newest first", "[state][runs]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("state.db");
    const state::RunKind kind{"here", "sqlite", "json"};
    CHECK(StateStore(path).past_runs(kind).empty());
    CHECK_FALSE(fs::exists(path));

    StateStore store(path);
    plan::PastRun run;
    run.work = {3, 100, 700, 9'000, 200, 10, 5'000, false};
    run.phases = {{Phase::load, std::chrono::milliseconds(70)},
                  {Phase::verify, std::chrono::milliseconds(30)}};
    run.duration = std::chrono::milliseconds(120);
    for (const char* id : {"a1", "a2", "a3", "a4"}) {
        store.record_start(record_of(id, ""), "{}", endpoints());
    }
    store.record_run("a1", kind, run, std::chrono::milliseconds(500));
    store.record_run("a2", {"elsewhere", "sqlite", "json"}, run, {});
    store.record_run("a3", {"here", "json", "sqlite"}, run, {});
    run.work.rows = 200;
    store.record_run("a4", kind, run, {});

    std::vector<plan::PastRun> read = StateStore(path).past_runs(kind);
    REQUIRE(read.size() == 2);
    CHECK(read[0].work == run.work);
    CHECK(read[1].work.rows == 100);
    CHECK(read[0].duration == run.duration);
    REQUIRE(read[0].phases.size() == 2);
    CHECK(read[0].phases[0].phase == Phase::load);
    CHECK(read[0].phases[0].duration == std::chrono::milliseconds(70));

    run.work.rows = 300;
    store.record_run("a1", kind, run, {});
    read = store.past_runs(kind);
    REQUIRE(read.size() == 2);
    CHECK(read[0].work.rows == 300);
    CHECK(code_of([&] { store.record_run("b1", kind, run, {}); }) == ErrorCode::not_found);
}

TEST_CASE("state: looking for past runs upgrades nothing", "[state][runs]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.write("state.db", "");
    {
        SqliteSession session = SqliteSession::open(path, SqliteSession::Access::write, 1000);
        state::upgrade_schema(session, state::schema_versions().first(1));
    }
    const std::string before = directory.read("state.db");
    CHECK(StateStore(path).past_runs({"here", "sqlite", "json"}).empty());
    CHECK(directory.read("state.db") == before);
    StateStore store(path);
    store.record_start(record_of("a1", ""), "{}", endpoints());
    store.record_run("a1", {"here", "sqlite", "json"}, {}, {});
    CHECK(store.past_runs({"here", "sqlite", "json"}).size() == 1);
}

TEST_CASE("state: looking for past runs leaves what a killed command has left in the WAL", "[state][runs]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("state.db");
    const state::RunKind kind{"here", "sqlite", "json"};
    {
        StateStore store(path);
        store.record_start(record_of("a1", ""), "{}", endpoints());
        store.record_run("a1", kind, {}, {});
        // As it is when nobody has closed it.
        std::filesystem::copy(path, directory.path("left.db"));
        std::filesystem::copy(path + "-wal", directory.path("left.db-wal"));
    }
    const std::string before = directory.read("left.db");
    CHECK(StateStore(directory.path("left.db")).past_runs(kind).size() == 1);
    CHECK(directory.read("left.db") == before);
    CHECK(std::filesystem::file_size(directory.path("left.db-wal")) > 0);
}

TEST_CASE("state: an index of an earlier version is listed as it is", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("state.db");
    {
        SqliteSession session =
            SqliteSession::open(directory.write("state.db", ""), SqliteSession::Access::write, 1000);
        state::upgrade_schema(session, state::schema_versions().first(1));
        session.execute(
            "INSERT INTO migration (id, state, from_display, to_display, started_at, tool_version, plan) "
            "VALUES ('a1', 'done', 'a', 'b', '2026-01-01T00:00:00Z', '0', '{}')");
    }
    const std::string before = directory.read("state.db");
    CHECK(StateStore(path).list().size() == 1);
    CHECK(directory.read("state.db") == before);
}

TEST_CASE("state: an upgrade keeps what is there and happens whole or not at all", "[state]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("state.db");
    StateStore(path).record_start(record_of("a1", ""), "{}", endpoints());
    SqliteSession session = SqliteSession::open(path, SqliteSession::Access::write, 1000);
    const auto versions = state::schema_versions();
    std::vector<std::string_view> later(versions.begin(), versions.end());
    const auto last = static_cast<std::int64_t>(later.size());
    CHECK(state::is_current(session, later));

    later.emplace_back("ALTER TABLE migration ADD COLUMN host TEXT; NOT SQL");
    CHECK_FALSE(state::is_current(session, later));
    CHECK_THROWS_AS(state::upgrade_schema(session, later), Error);
    CHECK(session.query_integer("PRAGMA user_version") == last);
    CHECK(session.query_integer("SELECT count(*) FROM pragma_table_info('migration') WHERE name = 'host'") ==
          0);

    later.back() = "ALTER TABLE migration ADD COLUMN host TEXT NOT NULL DEFAULT 'here'";
    state::upgrade_schema(session, later);
    CHECK(state::is_current(session, later));
    CHECK(session.query_text("SELECT host FROM migration WHERE id = 'a1'") == "here");
    state::upgrade_schema(session, later);
    CHECK(session.query_integer("PRAGMA user_version") == last + 1);
}

}  // namespace migrate
