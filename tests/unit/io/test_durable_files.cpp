#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/fault.hpp"
#include "io/file.hpp"
#include "io/lock.hpp"
#include "io/rename.hpp"
#include "support/temporary_directory.hpp"

using migrate::Error;
using migrate::ErrorCode;
using migrate::test::TemporaryDirectory;
namespace io = migrate::io;

namespace {

template <typename Call>
ErrorCode code_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error");
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("io: a new file is private, and nothing that exists is opened instead", "[io]") {
    const TemporaryDirectory directory;
    io::File::create_new(directory.path("a")).write("hello");
    CHECK(directory.read("a") == "hello");
    CHECK((std::filesystem::status(directory.path("a")).permissions() & std::filesystem::perms(0777)) ==
          std::filesystem::perms(0600));
    CHECK(code_of([&] { io::File::create_new(directory.path("a")); }) == ErrorCode::exists);
    std::filesystem::create_symlink(directory.path("elsewhere"), directory.path("link"));
    CHECK(code_of([&] { io::File::create_new(directory.path("link")); }) == ErrorCode::exists);
    CHECK_FALSE(std::filesystem::exists(directory.path("elsewhere")));
}

TEST_CASE("io: what cannot be read says why", "[io][bad-input]") {
    const TemporaryDirectory directory;
    CHECK(code_of([&] { io::File::open_read(directory.path("missing")); }) == ErrorCode::not_found);
    CHECK(code_of([&] { io::File::open_read(directory.path()); }) == ErrorCode::refused);
    CHECK(code_of([&] { io::File::open_read("/dev/null"); }) == ErrorCode::refused);
    if (::geteuid() != 0) {
        std::filesystem::permissions(directory.write("secret", "x"), std::filesystem::perms::none);
        CHECK(code_of([&] { io::File::open_read(directory.path("secret")); }) == ErrorCode::permission);
    }
}

TEST_CASE("io: a file goes on where it is told and loses what stood behind", "[io]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("a", "0123456789");
    io::File file = io::File::reopen_at(path, 4);
    file.write("X");
    file.close();
    CHECK(directory.read("a") == "0123X");
}

TEST_CASE("io: a rename onto something is refused where it must be new, and two names can be swapped",
          "[io]") {
    const TemporaryDirectory directory;
    const std::string a = directory.write("a", "1");
    const std::string b = directory.write("b", "2");
    CHECK(code_of([&] { io::rename_new(a, b); }) == ErrorCode::exists);
    CHECK(directory.read("b") == "2");
    if (io::exchange(a, b)) {
        CHECK(directory.read("a") == "2");
        CHECK(directory.read("b") == "1");
    }
    io::rename_new(a, directory.path("c"));
    CHECK(directory.read("c") == "2");
}

TEST_CASE("io: a lock is exclusive, names its holder, and leaves nothing behind", "[io][lock]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.migrate-lock");
    {
        const io::FileLock lock(path, "migration 1");
        try {
            const io::FileLock second(path, "migration 2");
            FAIL("locked twice");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::locked);
            CHECK(std::string(error.what()).find("migration 1") != std::string::npos);
        }
        // Closing another descriptor of the file does not drop the lock, as it would a POSIX one.
        io::File::open_read(path).close();
        CHECK(code_of([&] { io::FileLock(path, "migration 3"); }) == ErrorCode::locked);
    }
    CHECK_FALSE(std::filesystem::exists(path));
    const io::FileLock again(path, "migration 4");
}

TEST_CASE("io: a lock that was lost does not take away the file of the next", "[io][lock]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("t.migrate-lock");
    auto lost = std::make_unique<io::FileLock>(path, "migration 1");
    std::filesystem::remove(path);
    const io::FileLock next(path, "migration 2");
    lost.reset();
    CHECK(std::filesystem::exists(path));
    CHECK(code_of([&] { io::FileLock(path, "migration 3"); }) == ErrorCode::locked);
}

TEST_CASE("io: some may go on beside each other while nobody writes alone", "[io][lock]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("fence", "");
    bool made = false;
    const io::File a = io::File::open_append(path, made);
    const io::File b = io::File::open_append(path, made);
    const io::File c = io::File::open_append(path, made);
    constexpr auto k_patience = std::chrono::milliseconds(10);
    {
        const io::SharedLock one(a, k_patience);
        const io::SharedLock two(b, k_patience);
        CHECK(code_of([&] { io::WriteLock(c, k_patience); }) == ErrorCode::locked);
    }
    const io::WriteLock alone(c, k_patience);
    CHECK(code_of([&] { io::SharedLock(a, k_patience); }) == ErrorCode::locked);
}

TEST_CASE("io: a directory is walked in one order, dot files apart", "[io]") {
    const TemporaryDirectory directory;
    directory.write("b/2.json", "");
    directory.write("a.json", "");
    directory.write(".hidden/x.json", "");
    directory.write("b/10.json", "");
    std::string all;
    for (const io::FoundFile& file : io::walk_directory(directory.path())) {
        for (const std::string& part : file.relative) {
            all += part + '/';
        }
    }
    CHECK(all == "a.json/b/10.json/b/2.json/");
    CHECK(io::name_of(directory.path("b/")) == "b");
    CHECK(io::name_of(directory.path("b/..")) == io::name_of(directory.path()));
}

#ifdef MIGRATE_FAULT_POINTS
TEST_CASE("io: a short write is gone on with, a failed one is an error", "[io][fault]") {
    const TemporaryDirectory directory;
    io::clear_faults();
    io::File file = io::File::create_new(directory.path("a"));
    io::fail_nth(io::FaultPoint::write, 1, {0, true});
    file.write("0123456789");
    CHECK(directory.read("a") == "0123456789");
    io::fail_nth(io::FaultPoint::write, 1, {ENOSPC, false});
    CHECK(code_of([&] { file.write("x"); }) == ErrorCode::resource);
    io::fail_nth(io::FaultPoint::sync, 1, {EIO, false});
    CHECK(code_of([&] { file.sync(); }) == ErrorCode::io);
    io::clear_faults();
}

TEST_CASE("io: a durable write that fails anywhere leaves the old content", "[io][fault]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("a", "old");
    const auto fails_at = [&](io::FaultPoint point, std::uint64_t nth) {
        io::clear_faults();
        io::fail_nth(point, nth, {EIO, false});
        CHECK_THROWS_AS(io::write_durable(path, "new"), Error);
        io::clear_faults();
    };
    fails_at(io::FaultPoint::write, 1);
    fails_at(io::FaultPoint::sync, 1);
    fails_at(io::FaultPoint::rename, 1);
    CHECK(directory.read("a") == "old");
    io::write_durable(path, "new");
    CHECK(directory.read("a") == "new");
}
#endif
