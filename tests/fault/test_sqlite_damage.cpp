#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include "fault/fault_trial.hpp"
#include "fault/held_run.hpp"
#include "support/compare_databases.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Pages of a SQLite target that are damaged: in the file that is there before, and in what is staged.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_page = 4096;

void overwrite(const std::string& path, std::size_t at, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
    REQUIRE(file.good());
}

/// One bit of a byte in the middle of what a page holds: pages are filled from their ends.
void flip(const std::string& path, std::size_t page, std::size_t from_end) {
    const std::size_t at = (page + 1) * k_page - 1 - from_end;
    const std::string content = content_of(path);
    overwrite(path, at, std::string(1, static_cast<char>(static_cast<unsigned char>(content[at]) ^ 0x04U)));
}

std::size_t pages_of(const std::string& path) {
    return fs::file_size(path) / k_page;
}

void require_sound(const std::string& file) {
    REQUIRE(SqliteDatabase(file, true).value("PRAGMA integrity_check(1)") == "ok");
}

/// Tables with an index, a key of text and rows of several pages, of which one has the name of a source's.
std::string make_target(const TemporaryDirectory& directory) {
    std::string file = directory.path("whole.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE other_data (id INTEGER PRIMARY KEY, v TEXT); CREATE INDEX other_v ON other_data (v);"
        "CREATE TABLE named (name TEXT PRIMARY KEY, v REAL) WITHOUT ROWID;"
        "CREATE TABLE event (what TEXT, at TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO "
        "other_data SELECT "
        "i, 'stays ' || i FROM n;"
        "INSERT INTO named SELECT v, id / 7.0 FROM other_data; INSERT INTO event SELECT v, 'then' FROM "
        "other_data");
    return file;
}

std::vector<std::string> migrate_into(const KillSource& source, const std::string& file) {
    return {"migrate",      "--from", source.endpoint(), "--to", "sqlite:" + file, "--execute",
            "--chunk-rows", "100",    "--on-existing"};
}

void require_arrived(const KillSource& source, const std::string& file, const std::string& on_existing) {
    if (on_existing == "load") {
        require_sound(file);
        return;
    }
    CompareOptions options;
    options.skip_tables = {"other_data", "named"};
    REQUIRE(compare_databases(source.endpoint(), "sqlite:" + file, options).difference_count == 0);
}

std::string staged_in(const KillTarget& target) {
    for (const auto& entry : fs::directory_iterator(target.directory())) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(".target.db.migrate-") && name.find('-', 19) == std::string::npos) {
            return entry.path().string();
        }
    }
    return "";
}

}  // namespace

TEST_CASE("fault: each page of an existing SQLite target damaged in turn", "[fault][sqlite-damage]") {
    const std::string on_existing = GENERATE(as<std::string>(), "replace", "load");
    const bool only_a_bit = GENERATE(false, true);
    CAPTURE(on_existing, only_a_bit);
    const auto source = KillSource::make("sqlite");
    const TemporaryDirectory directory;
    const std::string whole = make_target(directory);
    const std::size_t pages = pages_of(whole);
    REQUIRE(pages > 12);
    std::size_t refused = 0;
    for (std::size_t page = 0; page < pages; ++page) {
        INFO("page " << page + 1 << " of " << pages);
        const KillTarget target("sqlite", false);
        const std::string file = target.directory() + "/target.db";
        fs::copy(whole, file);
        if (only_a_bit) {
            flip(file, page, 20);
        } else {
            overwrite(file, page * k_page + (page == 0 ? 100 : 0), std::string(k_page / 2, '\xa5'));
        }
        const std::string damaged = content_of(file);
        std::vector<std::string> arguments = migrate_into(*source, file);
        arguments.insert(arguments.end(), {on_existing, "--target-backup", "never"});
        if (on_existing == "load") {
            arguments.insert(arguments.end(), {"--on-conflict", "skip"});
        }
        const CommandResult result = target.run(arguments);
        INFO(result.out << result.err);
        REQUIRE(result.signal == 0);
        if (result.exit_code == 0) {
            // A bit of a value is one as good as another: nothing but its owner knows it. Of an index it is
            // of importance where keys are compared.
            REQUIRE(only_a_bit);
            require_arrived(*source, file, on_existing);
        } else {
            ++refused;
            REQUIRE(result.exit_code == 3);
            CHECK(content_of(file) == damaged);
            CHECK(staged_in(target).empty());
            CHECK_THAT(result.err, Catch::Contains("damaged") || Catch::Contains("malformed") ||
                                       Catch::Contains("no SQLite database"));
        }
        note_fault("sqlite", "a damaged page in the target", "sqlite", "sqlite");
    }
    CHECK(refused >= (!only_a_bit ? pages : on_existing == "load" ? pages / 4 : 0));
}

namespace {

/// Damages the nth page of what a run has staged and stands before, and has it go on. Returns false where
/// there is no such page.
bool damage_staged(const KillSource& source, bool with_other_data, const std::string& point,
                   std::size_t page) {
    const KillTarget target("sqlite", with_other_data);
    const std::string file = target.directory() + "/target.db";
    HeldRun run(target,
                {"migrate", "--from", source.endpoint(), "--to", target.endpoint(), "--execute",
                 "--chunk-rows", "100", "--level", "rigorous"},
                point);
    REQUIRE(run.stands());
    const std::string staged = staged_in(target);
    REQUIRE_FALSE(staged.empty());
    if (page >= pages_of(staged)) {
        return false;
    }
    const std::string before = with_other_data ? content_of(file) : "";
    flip(staged, page, 20);
    const CommandResult result = run.end();
    INFO(result.out << result.err);
    REQUIRE(result.signal == 0);
    if (result.exit_code == 0) {
        require_sound(file);
        CompareOptions options;
        options.skip_tables = {"other_data"};
        REQUIRE(compare_databases(source.endpoint(), target.endpoint(), options).equal());
    } else {
        REQUIRE(result.exit_code == 4);
        CHECK(target.visible_tables() == 0);
        CHECK(result.err.find("nothing was shown") != std::string::npos);
        CHECK((with_other_data ? content_of(file) == before : !fs::exists(file)));
    }
    note_fault("sqlite", "a damaged page in what is staged", "sqlite", "sqlite");
    return true;
}

}  // namespace

TEST_CASE("fault: a SQLite target that uses an application's collations and functions is no damaged one",
          "[fault][sqlite-damage]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("from.db"))
        .exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string to = directory.path("to.db");
    {
        SqliteDatabase target(to);
        sqlite3_create_collation(target.handle(), "mine", SQLITE_UTF8, nullptr,
                                 [](void*, int a, const void*, int b, const void*) { return a - b; });
        sqlite3_create_function(
            target.handle(), "myf", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
            [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_int(context, 1); }, nullptr,
            nullptr);
        target.exec(
            "CREATE TABLE sorted (a TEXT COLLATE mine); CREATE INDEX s ON sorted (a);"
            "INSERT INTO sorted VALUES ('x'), ('yy');"
            "CREATE TABLE checked (a INTEGER CHECK (myf(a) = 1)); INSERT INTO checked VALUES (1);"
            "CREATE TABLE plain (a INTEGER); INSERT INTO plain VALUES (1)");
    }
    const CommandResult run = run_cli({"migrate", "--from", directory.path("from.db"), "--to", to,
                                       "--target-backup", "never", "--execute"});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(SqliteDatabase(to).value("SELECT count(*) FROM t") == "1");
    CHECK(SqliteDatabase(to).value("SELECT count(*) FROM plain") == "1");
}

TEST_CASE("fault: each page of what is staged for a SQLite target damaged in turn",
          "[fault][sqlite-damage][slow]") {
    const std::string point = GENERATE(as<std::string>(), "loaded", "build-step-done");
    const bool with_other_data = GENERATE(false, true);
    const auto source = KillSource::make("sqlite");
    std::size_t page = 0;
    for (bool any = true; any; ++page) {
        CAPTURE(point, with_other_data, page);
        any = damage_staged(*source, with_other_data, point, page);
    }
    CHECK(page > 15);
}

TEST_CASE("fault: each page of what is verified and not shown yet damaged in turn",
          "[fault][sqlite-damage][slow]") {
    const bool with_other_data = GENERATE(false, true);
    const auto source = KillSource::make("sqlite");
    const KillTarget ready("sqlite", with_other_data);
    REQUIRE(ready
                .run({"migrate", "--from", source->endpoint(), "--to", ready.endpoint(), "--execute",
                      "--chunk-rows", "100"},
                     "ready")
                .signal == SIGKILL);
    const std::string staged_name = fs::path(staged_in(ready)).filename().string();
    const std::size_t pages = pages_of(staged_in(ready));
    REQUIRE(pages > 15);
    std::size_t refused = 0;
    for (std::size_t page = 0; page < pages; ++page) {
        CAPTURE(with_other_data, page);
        const KillTarget target("sqlite", false);
        const std::string file = target.directory() + "/target.db";
        if (with_other_data) {
            fs::copy(ready.directory() + "/target.db", file);
        }
        const std::string staged = target.directory() + "/" + staged_name;
        fs::copy(staged_in(ready), staged);
        flip(staged, page, 20);
        const CommandResult result = target.run({"resume", "--to", target.endpoint()});
        INFO(result.out << result.err);
        REQUIRE(result.signal == 0);
        REQUIRE(result.exit_code != 1);
        if (result.exit_code == 0) {
            require_sound(file);
            CompareOptions options;
            options.skip_tables = {"other_data"};
            REQUIRE(compare_databases(source->endpoint(), target.endpoint(), options).equal());
        } else {
            ++refused;
            CHECK(target.visible_tables() == 0);
            CHECK(result.err.find("next: ") != std::string::npos);
        }
        note_fault("sqlite", "a damaged page in what is ready", "sqlite", "sqlite");
    }
    CHECK(refused > pages / 3);
}

}  // namespace migrate::test
