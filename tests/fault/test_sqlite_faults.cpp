#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "support/compare_databases.hpp"
#include "support/sqlite.hpp"

/// What happens to a SQLite file: others lock it, pages of it are damaged, a log or journal lies beside it.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> k_engines{"sqlite", "json", "postgresql"};

std::string path_of(const std::string& endpoint) {
    return endpoint.substr(endpoint.find(':') + 1);
}

bool can_be_reached(const std::string& engine) {
    return engine != "postgresql" || pg_test_conninfo().has_value();
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void overwrite(const fs::path& path, std::uintmax_t at, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
}

/// A copy of a database as it stands while a program writes to it that is killed then: rows of `other_data`
/// are changed in the file, and the journal beside it would take that back.
void make_hot(const std::string& path, const std::string& table) {
    const TemporaryDirectory directory;
    const std::string work = directory.path("work.db");
    fs::copy(path, work);
    SqliteDatabase writer(work);
    writer.exec(
        "PRAGMA journal_mode = delete; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; DELETE FROM " +
        table +
        "; CREATE TABLE spill AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        "500) "
        "SELECT randomblob(200) FROM n");
    REQUIRE(fs::exists(work + "-journal"));
    fs::copy(work, path, fs::copy_options::overwrite_existing);
    fs::copy(work + "-journal", path + "-journal");
}

}  // namespace

TEST_CASE("fault: a SQLite source that another holds all through", "[fault][sqlite-fault][postgresql]") {
    const auto source = KillSource::make("sqlite");
    for (const std::string& to : k_engines) {
        if (!can_be_reached(to)) {
            continue;
        }
        CAPTURE(to);
        const KillTarget target(to, true);
        FaultTrial trial(*source, target);
        CommandResult first;
        {
            SqliteDatabase other(path_of(source->endpoint()));
            other.exec("BEGIN EXCLUSIVE");
            first = trial.migrate();
        }
        INFO(first.out << first.err);
        CHECK((first.exit_code == 6 || first.exit_code == 8));
        CHECK(target.visible_tables() == 0);
        trial.settle(first);
        note_fault("sqlite", "source locked by another", "sqlite", to);
    }
}

TEST_CASE("fault: a SQLite target that another writes to all through", "[fault][sqlite-fault][postgresql]") {
    for (const std::string& from : k_engines) {
        if (!can_be_reached(from)) {
            continue;
        }
        CAPTURE(from);
        const auto source = KillSource::make(from);
        const KillTarget target("sqlite", true);
        FaultTrial trial(*source, target);
        CommandResult first;
        {
            SqliteDatabase other(path_of(target.endpoint()));
            other.exec("BEGIN IMMEDIATE; UPDATE other_data SET v = 'not yet'");
            first = trial.migrate();
        }
        INFO(first.out << first.err);
        CHECK(first.exit_code != 0);
        CHECK(target.visible_tables() == 0);
        trial.settle(first);
        CHECK(target.value("SELECT v FROM other_data") == "stays");
        note_fault("sqlite", "target locked by another", from, "sqlite");
    }
}

TEST_CASE("fault: each page of a SQLite source damaged in turn", "[fault][sqlite-fault][postgresql]") {
    const auto source = KillSource::make("sqlite");
    const std::string whole = path_of(source->endpoint());
    constexpr std::size_t k_page = 4096;
    const std::size_t pages = fs::file_size(whole) / k_page;
    REQUIRE(pages > 10);
    std::size_t refused = 0;
    for (std::size_t page = 0; page < pages; ++page) {
        const std::string to = k_engines[page % k_engines.size()];
        if (!can_be_reached(to)) {
            continue;
        }
        INFO("page " << page + 1 << " of " << pages << ", to " << to);
        const TemporaryDirectory directory;
        const std::string damaged = directory.path("damaged.db");
        fs::copy(whole, damaged);
        overwrite(damaged, page * k_page + (page == 0 ? 100 : 0), std::string(k_page / 2, '\xa5'));
        const KillTarget target(to, true);
        const CommandResult result =
            target.run({"migrate", "--from", "sqlite:" + damaged, "--to", target.endpoint(), "--execute"});
        INFO(result.out << result.err);
        REQUIRE(result.signal == 0);
        REQUIRE(result.exit_code != 1);
        if (result.exit_code == 0) {
            CompareOptions options;
            options.skip_tables = {"other_data"};
            REQUIRE(compare_databases(source->endpoint(), target.endpoint(), options).equal());
        } else {
            ++refused;
            CHECK(target.visible_tables() == 0);
            CHECK_THAT(result.err, Catch::Contains("damaged") || Catch::Contains("malformed") ||
                                       Catch::Contains("corrupt"));
        }
        note_fault("sqlite", "a damaged page in the source", "sqlite", to);
    }
    CHECK(refused > pages / 2);
}

TEST_CASE("fault: a log of another database beside a SQLite source", "[fault][sqlite-fault][postgresql]") {
    for (const std::string& to : k_engines) {
        if (!can_be_reached(to)) {
            continue;
        }
        CAPTURE(to);
        const auto source = KillSource::make("sqlite");
        const std::string file = path_of(source->endpoint());
        SqliteDatabase(file).exec("PRAGMA journal_mode = wal");
        const TemporaryDirectory directory;
        const std::string before = directory.path("before.db");
        fs::copy(file, before);
        {
            // Frames of the same tables, of a life of the file that it does not know of any more.
            SqliteDatabase other(before);
            other.exec("PRAGMA wal_autocheckpoint = 0; UPDATE book SET title = 'of the log'");
            fs::copy(before + "-wal", directory.path("stale"));
        }
        std::string stale = content_of(directory.path("stale"));
        REQUIRE(stale.size() > 32);
        stale[16] = static_cast<char>(stale[16] ^ 0x55);  // its salt, and so every frame's checksum
        std::ofstream(file + "-wal", std::ios::binary) << stale;
        const KillTarget target(to, true);
        FaultTrial trial(*source, target);
        const CommandResult result = trial.migrate();
        INFO(result.out << result.err);
        CHECK(result.exit_code == 0);
        fs::remove(file + "-wal");
        fs::remove(file + "-shm");
        trial.require_complete();
        note_fault("sqlite", "a stale log beside the source", "sqlite", to);
    }
}

TEST_CASE("fault: a hot journal beside a SQLite source and target", "[fault][sqlite-fault][postgresql]") {
    for (const std::string& other : k_engines) {
        if (!can_be_reached(other)) {
            continue;
        }
        CAPTURE(other);
        const auto source = KillSource::make("sqlite");
        make_hot(path_of(source->endpoint()), "event");
        const KillTarget target(other, true);
        FaultTrial reads(*source, target);
        const CommandResult refused = reads.migrate();
        INFO(refused.out << refused.err);
        CHECK(refused.exit_code != 0);
        CHECK(target.visible_tables() == 0);
        CHECK(fs::exists(path_of(source->endpoint()) + "-journal"));
        // Any program that may write plays it back.
        CHECK(SqliteDatabase(path_of(source->endpoint())).value("SELECT count(*) FROM event") == "250");
        reads.settle(refused);
        note_fault("sqlite", "a hot journal beside the source", "sqlite", other);

        const auto other_source = KillSource::make(other);
        const KillTarget hot("sqlite", true);
        make_hot(path_of(hot.endpoint()), "other_data");
        FaultTrial writes(*other_source, hot);
        writes.settle(writes.migrate());
        CHECK(hot.value("SELECT v FROM other_data") == "stays");
        note_fault("sqlite", "a hot journal beside the target", other, "sqlite");
    }
}

}  // namespace migrate::test
