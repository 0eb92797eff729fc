#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "io/fault.hpp"
#include "io/file.hpp"
#include "io/lock.hpp"
#include "unit/audit/audit_fixture.hpp"

/// How a trail's file is written to: by several at once, after a kill, on a disk that is full.
namespace migrate::test {

TEST_CASE("audit: what a killed writer has left unfinished is kept and said", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started", "finished"});
    const std::string whole = directory.read("audit.jsonl");
    const std::size_t second = whole.find('\n') + 1;
    for (std::size_t size = 1; size + 1 < whole.size(); ++size) {
        const bool at_an_end = size + 3 > second && size < second + 3;
        if (size == second || (size % 11 != 0 && !at_an_end)) {  // nothing is torn; enough of them
            continue;
        }
        CAPTURE(size);
        directory.write("audit.jsonl", whole.substr(0, size));
        const bool finished = size + 1 == second;  // all but its line feed
        require_damaged(report_of(path), size < second ? 1 : 2, "is not finished");
        append(path, {"started"}, {}, false);
        CHECK(directory.read("audit.jsonl").starts_with(whole.substr(0, size) + "\n"));
        const std::uint64_t good = size < second ? 0 : 1;
        const AuditReport report = report_of(path);
        require_whole(report, finished ? 2 : good + 3);
        CHECK(report.notes.size() == (finished ? 0 : 1));
        // Nobody can change what was torn, nor take it away.
        if (!finished) {
            std::string changed = directory.read("audit.jsonl");
            changed[size - 1] = changed[size - 1] == 'x' ? 'y' : 'x';
            directory.write("audit.jsonl", changed);
            CHECK(report_of(path).exit_code() == 4);
            changed.erase(size < second ? 0 : second, size + 1 - (size < second ? 0 : second));
            directory.write("audit.jsonl", changed);
            CHECK(report_of(path).exit_code() == 4);
        }
    }
}

TEST_CASE("audit: a writer that is killed as it closes an unfinished line is closed in turn", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started"});
    const std::string first = directory.read("audit.jsonl");
    directory.write("audit.jsonl", first + "{\"v\":1,\"se" + "\n" + "{\"v");
    append(path, {"finished"});
    const AuditReport report = report_of(path);
    require_whole(report, 5);
    CHECK(report.notes.size() == 1);
    CHECK(report.head.sequence == 3);

    directory.write("audit.jsonl", first + "a\nb\nc");
    CHECK(code_of([&] { append(path, {"finished"}); }) == ErrorCode::corrupt);
}

TEST_CASE("audit: a damaged end is not written over", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started", "finished"});
    const std::string whole = directory.read("audit.jsonl");
    for (const std::string& damaged :
         {whole.substr(0, whole.size() - 3) + "\n", whole + "\n", std::string("\n"),
          std::string(400'000, 'x'), whole + std::string(400'000, '\0')}) {
        directory.write("audit.jsonl", damaged);
        CHECK(code_of([&] { append(path, {"started"}); }) == ErrorCode::corrupt);
        CHECK(directory.read("audit.jsonl") == damaged);
        CHECK(report_of(path).exit_code() == 4);
    }
}

TEST_CASE("audit: several writers at once make one chain", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            for (int i = 0; i < 40; ++i) {
                append(path, {"started", "finished"}, {}, false);
            }
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 40; ++i) {
                append(path, {"started", "finished"}, {}, i % 10 == 0);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const AuditReport report = report_of(path);
    require_whole(report, 4 * 40 * 2);
    CHECK(report.notes.empty());
}

TEST_CASE("audit: whoever holds the file too long is named as what is in the way", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    bool made = false;
    const io::File file = io::File::open_append(path, made);
    CHECK(made);
    const io::WriteLock lock(file, k_patience);
    TrailFile other(path, Sealer(), std::chrono::milliseconds(20));
    std::vector<AuditRecord> records{record_of("started")};
    CHECK(code_of([&] { other.append(records, true); }) == ErrorCode::locked);
}

TEST_CASE("audit: appending reads the end of the file only", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    const AuditHead head = append(path, {"started"});
    // A hole of a terabyte before the last line: whoever reads it all is not done today.
    const std::string line = directory.read("audit.jsonl");
    std::filesystem::resize_file(path, 0);
    std::filesystem::resize_file(path, 1ULL << 40U);
    bool made = false;
    io::File::open_append(path, made).write("\n" + line);
    CHECK(append(path, {"finished"}).sequence == head.sequence + 1);
}

TEST_CASE("audit: a write that fails leaves no part of a line, and the trail goes on", "[audit][fault]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started"});
    const std::string before = directory.read("audit.jsonl");
    rlimit was{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &was) == 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{before.size() + 100, was.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const ErrorCode code = code_of([&] { append(path, {"decision", "finished"}); });
    ::setrlimit(RLIMIT_FSIZE, &was);
    std::signal(SIGXFSZ, handler);
    CHECK(code == ErrorCode::io);
    CHECK(directory.read("audit.jsonl") == before);
    append(path, {"failed"});
    require_whole(report_of(path), 2);
}

#ifdef MIGRATE_FAULT_POINTS

TEST_CASE("audit: a write that is cut short goes on, and a sync that fails is said", "[audit][fault]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    io::clear_faults();
    io::fail_nth(io::FaultPoint::write, 1, {0, true});
    append(path, {"started"});
    require_whole(report_of(path), 1);
    io::fail_nth(io::FaultPoint::write, 1, {ENOSPC, false});
    CHECK(code_of([&] { append(path, {"finished"}); }) == ErrorCode::resource);
    io::fail_nth(io::FaultPoint::sync, 1, {EIO, false});
    CHECK(code_of([&] { append(path, {"finished"}); }) == ErrorCode::io);
    io::clear_faults();
    const std::uint64_t syncs = io::calls_of(io::FaultPoint::sync);
    append(path, {"decision"}, {}, false);
    CHECK(io::calls_of(io::FaultPoint::sync) == syncs);
    require_whole(report_of(path), 3);
}
#endif

TEST_CASE("audit: a trail is gone on with by its own key only", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started"});
    append(path, {"finished"}, key());  // the key came later
    CHECK(code_of([&] { append(path, {"started"}); }) == ErrorCode::refused);
    CHECK(code_of([&] { append(path, {"started"}, key("another key that is long")); }) == ErrorCode::refused);
    const AuditReport report = report_of(path, key());
    require_whole(report, 2);
    CHECK(report.keyed_lines == 1);
    CHECK(code_of([&] { report_of(path); }) == ErrorCode::usage);
    require_damaged(report_of(path, key("another key that is long")), 2, "another key");
    CHECK(directory.read("audit.jsonl").find(k_secret) == std::string::npos);
}

TEST_CASE("audit: what is no place for a trail is refused", "[audit][bad-input]") {
    const TemporaryDirectory directory;
    CHECK(code_of([&] { append("/dev/null", {"started"}); }) == ErrorCode::refused);
    CHECK(code_of([&] { append(directory.path(), {"started"}); }) == ErrorCode::refused);
    directory.write("real", "");
    std::filesystem::create_symlink(directory.path("real"), directory.path("link"));
    CHECK(code_of([&] { append(directory.path("link"), {"started"}); }) == ErrorCode::refused);
    CHECK(directory.read("real").empty());
    CHECK(code_of([&] { report_of(directory.path("none")); }) == ErrorCode::not_found);
}

}  // namespace migrate::test
