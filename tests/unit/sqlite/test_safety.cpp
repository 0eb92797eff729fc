#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

std::unique_ptr<backend::Source> open(const std::string& path, unsigned busy_timeout_ms = 100) {
    backend::OpenContext context;
    context.busy_timeout_ms = busy_timeout_ms;
    return backends::sqlite::backend().open_source(sqlite_endpoint(path), context);
}

ErrorFacts facts_of(const std::function<void()>& step) {
    try {
        step();
    } catch (const Error& error) {
        return error.facts();
    }
    FAIL("nothing was thrown");
    return {};
}

/// Copies without opening the file in this process.
void copy_by_child(const std::string& from, const std::string& to) {
    REQUIRE(std::system(("cp '" + from + "' '" + to + "'").c_str()) == 0);
}

/// Whether another process sees a write lock on the byte that SQLite locks to reserve the right to write.
bool is_reserved_for_others(const std::string& path) {
    const pid_t child = fork();
    if (child == 0) {
        constexpr off_t k_reserved_byte = 0x40000001;
        const int descriptor = ::open(path.c_str(), O_RDWR);
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = k_reserved_byte;
        lock.l_len = 1;
        const bool locked = fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        _exit(locked ? 7 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

std::vector<std::int64_t> read_integers(backend::Source& source, const Table& table) {
    ScanSpec spec;
    spec.table = &table;
    spec.columns = {0};
    const auto reader = source.open_reader(spec);
    std::vector<std::int64_t> values;
    RowBatch batch;
    while (reader->next(batch)) {
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            values.push_back(batch.columns[0].fixed(row));
        }
    }
    return values;
}

void read_everything(backend::Source& source) {
    const auto reading = source.read_schema({});
    for (const Table& table : reading.schema.tables) {
        read_integers(source, table);
        static_cast<void>(source.count_rows(table));
    }
    static_cast<void>(source.check(reading.schema));
    static_cast<void>(source.fingerprint());
}

}  // namespace

TEST_CASE("sqlite: the journal of a writer that was cut off is told from that of one at work",
          "[sqlite][safety]") {
    const TemporaryDirectory directory;
    const std::string live = directory.path("live.db");
    make_database(
        live,
        "CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000) "
        "INSERT INTO t SELECT i FROM n;");
    PlainDatabase writer(live);
    writer.run("PRAGMA cache_size=1; BEGIN; UPDATE t SET a = a + 1; PRAGMA cache_spill=1;");
    REQUIRE(std::filesystem::file_size(live + "-journal") > 0);
    const std::string wreck = directory.path("wreck.db");
    copy_by_child(live, wreck);
    copy_by_child(live + "-journal", wreck + "-journal");

    SECTION("the wreck is refused and stays as it is") {
        const std::string before = hash_by_child(wreck);
        const std::string journal_before = hash_by_child(wreck + "-journal");
        const ErrorFacts facts = facts_of([&] { open(wreck); });
        CHECK(facts.code == ErrorCode::refused);
        CHECK_FALSE(facts.next_step.empty());
        CHECK(hash_by_child(wreck) == before);
        CHECK(hash_by_child(wreck + "-journal") == journal_before);
        CHECK(facts_of([&] { backends::sqlite::backend().open_target(sqlite_endpoint(wreck), {}); }).code ==
              ErrorCode::refused);
    }
    SECTION("a journal without content is none") {
        std::ofstream(wreck + "-journal", std::ios::trunc).flush();
        CHECK_NOTHROW(open(wreck));
    }
    SECTION("the writer at work does not hinder opening") {
        writer.run("ROLLBACK; BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
        const auto source = open(live);
        CHECK(source->pin_snapshot(4) == 1);
        const auto reading = source->read_schema({});
        CHECK(read_integers(*source, reading.schema.tables[0]).size() == 5000);
    }
}

TEST_CASE("sqlite: a host's write lock outlives all that is done in its process", "[sqlite][safety]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("host.db");
    const std::string mode = GENERATE("DELETE", "WAL");
    make_database(path,
                  "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2);");
    PlainDatabase host(path);
    host.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (3)");
    if (mode == "DELETE") {
        REQUIRE(is_reserved_for_others(path));
    }
    CHECK(backends::sqlite::backend().recognises(path));
    {
        const auto source = open(path);
        CHECK(source->pin_snapshot(4) == 1);
        read_everything(*source);
        CHECK(source->count_rows(source->read_schema({}).schema.tables.at(0)) == 2);
        source->backup_to(directory.path("backup.db"));
        source->release_snapshot();
    }
    CHECK(PlainDatabase(directory.path("backup.db")).value("SELECT count(*) FROM t") == "2");
    if (mode == "DELETE") {
        CHECK(is_reserved_for_others(path));
    }
    host.run("COMMIT");
    CHECK(host.value("SELECT count(*) FROM t") == "3");
    CHECK(host.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("sqlite: reading a WAL with frames moves none of them", "[sqlite][safety]") {
    const TemporaryDirectory directory;
    const std::string live = directory.path("live.db");
    const std::string path = directory.path("copy.db");
    {
        PlainDatabase host(live);
        host.run("PRAGMA journal_mode=WAL; CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2);");
        copy_by_child(live, path);
        copy_by_child(live + "-wal", path + "-wal");
    }
    const std::string before = hash_by_child(path);
    const std::string wal_before = hash_by_child(path + "-wal");
    {
        const auto source = open(path);
        CHECK(source->pin_snapshot(2) == 2);
        read_everything(*source);
        CHECK(source->describe().facts["journal_mode"] == "wal");
        CHECK(read_integers(*source, source->read_schema({}).schema.tables.at(0)) ==
              std::vector<std::int64_t>{1, 2});
    }
    CHECK(hash_by_child(path) == before);
    CHECK(hash_by_child(path + "-wal") == wal_before);
}

TEST_CASE("sqlite: reading a WAL database without frames leaves no side files", "[sqlite][safety]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("quiet.db");
    make_database(path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a INT); INSERT INTO t VALUES (1);");
    const std::string before = hash_by_child(path);
    {
        const auto source = open(path);
        source->pin_snapshot(3);
        read_everything(*source);
    }
    CHECK(hash_by_child(path) == before);
    CHECK_FALSE(std::filesystem::exists(path + "-wal"));
    CHECK_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST_CASE("sqlite: all readers see one state while another connection writes", "[sqlite][safety]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("busy.db");
    make_database(path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a INT); INSERT INTO t VALUES (0);");
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        PlainDatabase host(path);
        sqlite3_busy_timeout(host.handle(), 5000);
        while (!stop) {
            host.run("UPDATE t SET a = a + 1");
        }
    });
    std::vector<std::set<std::int64_t>> seen;
    for (int round = 0; round < 20; ++round) {
        const auto source = open(path, 5000);
        const unsigned readers = source->pin_snapshot(4);
        const auto reading = source->read_schema({});
        ScanSpec spec;
        spec.table = &reading.schema.tables.at(0);
        spec.columns = {0};
        std::vector<std::unique_ptr<backend::Reader>> all;
        std::set<std::int64_t>& values = seen.emplace_back();
        for (unsigned i = 0; i < readers; ++i) {
            all.push_back(source->open_reader(spec));
            RowBatch batch;
            all.back()->next(batch);
            values.insert(batch.columns.at(0).fixed(0));
        }
    }
    stop = true;
    writer.join();
    for (const auto& values : seen) {
        CHECK(values.size() == 1);
    }
}

TEST_CASE("sqlite: each thing that is no readable database is told apart", "[sqlite][errors]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    SECTION("missing") {
        CHECK(facts_of([&] { open(path); }).code == ErrorCode::not_found);
    }
    SECTION("a directory") {
        std::filesystem::create_directory(path);
        CHECK(facts_of([&] { open(path); }).code == ErrorCode::refused);
        CHECK_FALSE(backends::sqlite::backend().recognises(path));
    }
    SECTION("not a database, or encrypted") {
        std::ofstream(path) << std::string(8192, 'x');
        const ErrorFacts facts = facts_of([&] { open(path); });
        CHECK(facts.code == ErrorCode::corrupt);
        CHECK(facts.next_step.find("Decrypt") != std::string::npos);
        CHECK_FALSE(backends::sqlite::backend().recognises(path));
        CHECK(facts_of([&] { backends::sqlite::backend().open_target(sqlite_endpoint(path), {}); }).code ==
              ErrorCode::corrupt);
    }
    SECTION("truncated") {
        make_database(path,
                      "CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE "
                      "i<9000) INSERT INTO t SELECT i||'some text to fill pages' FROM n;");
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
        const auto code = facts_of([&] {
                              const auto source = open(path);
                              source->pin_snapshot(1);
                              source->read_schema({});
                          }).code;
        CHECK(code == ErrorCode::corrupt);
    }
    SECTION("locked by another's exclusive lock") {
        make_database(path, "CREATE TABLE t(a)");
        PlainDatabase host(path);
        host.run("BEGIN EXCLUSIVE");
        const ErrorFacts facts = facts_of([&] { open(path)->pin_snapshot(2); });
        CHECK(facts.code == ErrorCode::locked);
        CHECK_FALSE(facts.next_step.empty());
    }
    SECTION("an empty file is a database without tables") {
        std::ofstream(path).flush();
        const auto source = open(path);
        source->pin_snapshot(1);
        CHECK(source->read_schema({}).schema.tables.empty());
    }
    SECTION("a target in a directory that is not there") {
        CHECK(facts_of([&] {
                  backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("no/x.db")), {});
              }).code == ErrorCode::not_found);
    }
}

TEST_CASE("sqlite: existing tables are found in preflight", "[sqlite][target]") {
    const TemporaryDirectory directory;
    const std::string to = directory.path("to.db");
    make_database(to, "CREATE TABLE \"T\"(x); CREATE TABLE other(y); CREATE INDEX i ON other(y);");
    const std::string before = hash_by_child(to);
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(to), {});
    backend::TargetPlan plan;
    Table& table = plan.schema.tables.emplace_back();
    table.name.name = "t";
    table.indexes.emplace_back().name = "I";
    std::vector<std::string> codes;
    for (const Finding& finding : target->preflight(plan, 0)) {
        codes.push_back(finding.code);
    }
    CHECK(codes == std::vector<std::string>{"table-exists", "name-exists"});
    CHECK(hash_by_child(to) == before);
}

TEST_CASE("sqlite: a locked target makes cutover transient and leaves it as it was", "[sqlite][target]") {
    const TemporaryDirectory directory;
    make_database(directory.path("from.db"), "CREATE TABLE t(a INT); INSERT INTO t VALUES (1);");
    make_database(directory.path("to.db"), "CREATE TABLE other(y);");
    PlainDatabase host(directory.path("to.db"));
    host.run("BEGIN IMMEDIATE");
    const ErrorFacts facts =
        facts_of([&] { copy_database(directory.path("from.db"), directory.path("to.db")); });
    CHECK(facts.code == ErrorCode::transient);
    host.run("COMMIT");
    CHECK(host.value("SELECT group_concat(name) FROM sqlite_schema") == "other");
}

TEST_CASE("sqlite: what differs changes the fingerprint, reading does not", "[sqlite][fingerprint]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    const std::string mode = GENERATE("DELETE", "WAL");
    make_database(path, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(a INT);");
    PlainDatabase host(path);
    host.run("INSERT INTO t VALUES (1)");
    const auto fingerprint = [&] {
        const auto source = open(path);
        source->pin_snapshot(1);
        return source->fingerprint();
    };
    const std::string first = fingerprint();
    CHECK_FALSE(first.empty());
    CHECK(fingerprint() == first);
    host.run("INSERT INTO t VALUES (2)");
    CHECK(fingerprint() != first);
}
