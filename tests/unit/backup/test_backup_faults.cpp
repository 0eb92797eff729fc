#include <cerrno>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "backup/restore.hpp"
#include "io/fault.hpp"
#include "support/file_tree.hpp"
#include "unit/backup/backup_fixture.hpp"

#ifdef MIGRATE_FAULT_POINTS

namespace migrate::test {
namespace {

struct ClearFaults {
    ~ClearFaults() { io::clear_faults(); }
};

const Files k_files{{"a/database.sqlite", "rows, and more rows"}, {"b", "other rows"}};

struct FailedCalls {
    std::uint64_t failed = 0;  ///< After which the body did not come to its end.
    std::uint64_t borne = 0;   ///< After which it did.
};

/// Has each call of a kind fail in turn. `body` says whether it came to its end, which it has to where
/// nothing failed.
template <class Body>
FailedCalls fail_each(io::FaultPoint point, int error, Body body) {
    const ClearFaults cleared;
    FailedCalls counted;
    for (std::uint64_t nth = 1;; ++nth) {
        io::clear_faults();
        io::fail_nth(point, nth, {error, false});
        const bool ended_well = body(nth);
        const std::uint64_t calls = io::calls_of(point);
        io::clear_faults();
        if (calls < nth) {
            REQUIRE(ended_well);
            return counted;
        }
        ++(ended_well ? counted.borne : counted.failed);
        REQUIRE(nth < 1000);
    }
}

}  // namespace

TEST_CASE("backup: a write, a sync or a renaming that fails leaves no backup and nothing of one",
          "[backup][fault]") {
    const TemporaryDirectory directory;
    const BackupKey key{directory.write_secret("key", std::string(32, 'k')), ""};
    for (const BackupKey& one : {BackupKey{}, key}) {
        for (const auto& [point, error, least] :
             {std::tuple{io::FaultPoint::write, ENOSPC, 3U}, std::tuple{io::FaultPoint::sync, EIO, 5U},
              std::tuple{io::FaultPoint::rename, EIO, 1U}}) {
            int number = 0;
            const FailedCalls calls = fail_each(point, error, [&](std::uint64_t nth) {
                const std::string place = directory.path("b" + std::to_string(number++));
                INFO("call " << nth);
                try {
                    const std::string path = write_backup(place, k_files, one);
                    CHECK(read_backup(path, one) == k_files);
                    std::filesystem::remove_all(place);
                    return true;
                } catch (const Error& failed) {
                    CHECK((failed.code() == ErrorCode::resource || failed.code() == ErrorCode::io));
                    // The last sync comes after the renaming: the backup is whole then, but not known to
                    // last.
                    for (const BackupInfo& left : backup::list(place)) {
                        CHECK(point == io::FaultPoint::sync);
                        CHECK(problems_of(left.path, one).empty());
                    }
                    std::filesystem::remove_all(place);
                    return false;
                }
            });
            CHECK(calls.failed >= least);
            CHECK(calls.borne == 0);
        }
    }
}

TEST_CASE("backup: a restore that fails leaves what was there", "[backup][fault]") {
    const TemporaryDirectory directory;
    const std::string path = write_backup(directory.path("backups"), k_files);
    const backup::BackupReader reader(path);
    for (const io::FaultPoint point : {io::FaultPoint::write, io::FaultPoint::sync, io::FaultPoint::rename}) {
        int number = 0;
        const FailedCalls calls = fail_each(point, EIO, [&](std::uint64_t nth) {
            const TemporaryDirectory place;
            place.write("target/old", "old " + std::to_string(number++));
            const auto before = file_tree(place.path());
            INFO("call " << nth);
            try {
                backup::restore_files(reader, nullptr, {"", true, place.path("target"), true, {}}, {});
                CHECK(place.read("target/a/database.sqlite") == k_files.at("a/database.sqlite"));
                return true;
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::io);
                if (file_tree(place.path()) != before) {
                    // Failed at the last sync, after the swap.
                    CHECK(point == io::FaultPoint::sync);
                    CHECK(place.read("target/b") == "other rows");
                }
                // What stood there is there still, at its place or beside it.
                std::size_t old = 0;
                for (const auto& [name, content] : file_tree(place.path())) {
                    old += name.ends_with("/old") ? 1U : 0U;
                }
                CHECK(old == 1);
                return false;
            }
        });
        CHECK(calls.failed >= 1);
        // What gave way then stays under the name that it had meanwhile.
        CHECK(calls.borne == (point == io::FaultPoint::rename ? 1 : 0));
    }
}

TEST_CASE("backup: what a damaged backup holds is never put in place", "[backup]") {
    const TemporaryDirectory directory;
    const std::string path = write_backup(directory.path("backups"), k_files);
    const std::string stored =
        directory.read("backups/" + std::filesystem::path(path).filename().string() + "/b.zst");
    overwrite(path + "/b.zst", stored + "x");
    const backup::BackupReader reader(path);
    CHECK(code_thrown_by([&] {
              backup::restore_files(reader, nullptr, {"", true, directory.path("target"), false, {}}, {});
          }) == ErrorCode::differs);
    CHECK(file_tree(directory.path()).count("target") == 0);
    overwrite(path + "/b.zst", stored);
    backup::restore_files(backup::BackupReader(path), nullptr,
                          {"", true, directory.path("target"), false, {}}, {});
    CHECK(directory.read("target/b") == "other rows");
    CHECK(code_thrown_by([&] {
              backup::restore_files(reader, nullptr, {"", true, directory.path("target"), false, {}}, {});
          }) == ErrorCode::exists);
}

}  // namespace migrate::test

#endif
