#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/file_tree.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace migrate::test {
namespace {

namespace fs = std::filesystem;

const Files k_files{{"database.sqlite", "rows"}};

std::string named(int day, const std::string& migration) {
    return "202601" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T030405Z-" + migration +
           "-source";
}

std::string make(const TemporaryDirectory& directory, int day, const std::string& migration,
                 std::uint64_t number = 0) {
    return write_backup(directory.path(), k_files, {}, named(day, migration), migration, number);
}

std::vector<std::string> ids_in(const std::string& directory) {
    std::vector<std::string> ids;
    for (const BackupInfo& one : backup::list(directory)) {
        ids.push_back(one.id);
    }
    return ids;
}

BackupInfo newest_in(const TemporaryDirectory& directory) {
    return backup::list(directory.path()).front();
}

}  // namespace

TEST_CASE("backup: the list is newest first, and says what is none", "[backup]") {
    const TemporaryDirectory directory;
    make(directory, 1, "aaaaaaaaaaaa");
    make(directory, 3, "bbbbbbbbbbbb");
    const std::string damaged = make(directory, 2, "cccccccccccc");
    overwrite(damaged + "/manifest.json", "{}");
    fs::create_directory(directory.path(".partial-" + named(4, "dddddddddddd")));
    directory.write("notes.txt", "not ours");
    fs::create_directory(directory.path("other"));

    const std::vector<BackupInfo> all = backup::list(directory.path());
    REQUIRE(all.size() == 4);
    CHECK(all[0].id == named(3, "bbbbbbbbbbbb"));
    CHECK(all[0].state == BackupState::whole);
    CHECK(all[0].bytes == 4);
    CHECK(all[1].state == BackupState::damaged);
    CHECK(all[2].state == BackupState::whole);
    CHECK(all[3].state == BackupState::unfinished);
    CHECK(backup::list(directory.path("nowhere")).empty());
}

TEST_CASE("backup: which is newer their numbers tell, and the time where there are none", "[backup]") {
    const TemporaryDirectory directory;
    CHECK(backup::next_number(directory.path("nowhere")) == 1);
    // Two of an earlier version, then three while the clock was set back day by day.
    make(directory, 8, "aaaaaaaaaaaa");
    make(directory, 9, "bbbbbbbbbbbb");
    CHECK(backup::next_number(directory.path()) == 1);
    make(directory, 7, "cccccccccccc", 1);
    const std::string damaged = make(directory, 6, "dddddddddddd", 2);
    make(directory, 5, "eeeeeeeeeeee", 3);
    CHECK(backup::next_number(directory.path()) == 4);
    CHECK(ids_in(directory.path()) ==
          std::vector<std::string>{named(5, "eeeeeeeeeeee"), named(6, "dddddddddddd"),
                                   named(7, "cccccccccccc"), named(9, "bbbbbbbbbbbb"),
                                   named(8, "aaaaaaaaaaaa")});

    const backup::Removal removal = backup::remove_old(directory.path(), newest_in(directory), 3, {});
    CHECK(removal.removed == std::vector<std::string>{named(9, "bbbbbbbbbbbb"), named(8, "aaaaaaaaaaaa")});

    // What cannot be read stands by its time, and is no reason to begin counting anew.
    overwrite(damaged + "/manifest.json", "{}");
    CHECK(backup::next_number(directory.path()) == 4);
    CHECK(ids_in(directory.path()) == std::vector<std::string>{named(6, "dddddddddddd"),
                                                               named(5, "eeeeeeeeeeee"),
                                                               named(7, "cccccccccccc")});
}

TEST_CASE("backup: one is found by its path, its name, or its migration", "[backup]") {
    const TemporaryDirectory directory;
    const std::string first = make(directory, 1, "aaaaaaaaaaaa");
    const std::string second = make(directory, 2, "aabbbbbbbbbb");
    CHECK(backup::find(directory.path(), first) == first);
    CHECK(backup::find(directory.path(), named(1, "aaaaaaaaaaaa")) == first);
    CHECK(backup::find(directory.path(), "aab") == second);
    CHECK(backup::find(directory.path(), "20260101") == first);
    CHECK(code_thrown_by([&] { backup::find(directory.path(), "aa"); }) == ErrorCode::usage);
    CHECK(code_thrown_by([&] { backup::find(directory.path(), "f"); }) == ErrorCode::not_found);
    CHECK(code_thrown_by([&] { backup::find(directory.path(), ""); }) == ErrorCode::not_found);
}

TEST_CASE("backup: retention keeps the newest ones, and those that may be needed", "[backup]") {
    const TemporaryDirectory directory;
    for (int day = 1; day <= 5; ++day) {
        make(directory, day, std::string(12, static_cast<char>('a' + day)));
    }
    // Another kind of backup of the same database does not count.
    backup::Manifest target = sample_manifest("ffff00000000");
    target.kind = "target";
    backup::BackupWriter other(directory.path(), "20260101T000000Z-ffff00000000-target", target, {}, {});
    add_files(other, k_files);
    other.finish();

    const auto is_needed = [](const std::string& migration) { return migration == "bbbbbbbbbbbb"; };
    CHECK(backup::remove_old(directory.path(), newest_in(directory), 0, is_needed).removed.empty());
    const backup::Removal removal = backup::remove_old(directory.path(), newest_in(directory), 2, is_needed);
    CHECK(removal.problems.empty());
    CHECK(removal.removed ==
          std::vector<std::string>{named(3, std::string(12, 'd')), named(2, std::string(12, 'c'))});
    CHECK(ids_in(directory.path()) ==
          std::vector<std::string>{named(5, std::string(12, 'f')), named(4, std::string(12, 'e')),
                                   named(1, std::string(12, 'b')), "20260101T000000Z-ffff00000000-target"});
}

TEST_CASE("backup: retention clears away what a killed program has left, and nothing that is being made",
          "[backup]") {
    const TemporaryDirectory directory;
    directory.write(".partial-20260101T030405Z-aaaaaaaaaaaa-source/database.sqlite.zst", "half");
    directory.write(".partial-20260101T030405Z-aaaaaaaaaaaa-source.lock", "its program");
    backup::BackupWriter under_way(directory.path(), named(2, "bbbbbbbbbbbb"), sample_manifest(), {}, {});
    make(directory, 3, "cccccccccccc");
    CHECK(backup::clear_unfinished(directory.path()).empty());
    CHECK_FALSE(fs::exists(directory.path(".partial-20260101T030405Z-aaaaaaaaaaaa-source")));
    CHECK_FALSE(fs::exists(directory.path(".partial-20260101T030405Z-aaaaaaaaaaaa-source.lock")));
    add_files(under_way, k_files);
    CHECK(read_backup(under_way.finish()) == k_files);
}

TEST_CASE("backup: one that is not finished leaves nothing behind", "[backup]") {
    const TemporaryDirectory directory;
    {
        backup::BackupWriter writer(directory.path("backups"), named(1, "aaaaaaaaaaaa"), sample_manifest(),
                                    {}, {});
        writer.begin_file("database.sqlite");
        writer.write("half");
    }
    CHECK(file_tree(directory.path("backups")).empty());
}

TEST_CASE("backup: where the disk has no room, it is refused before anything is written", "[backup]") {
    const TemporaryDirectory directory;
    backup::BackupWriter writer(directory.path("backups"), named(1, "aaaaaaaaaaaa"), sample_manifest(), {},
                                {});
    CHECK_NOTHROW(writer.reserve(1, 1));
    CHECK(code_thrown_by([&] { writer.reserve(1ULL << 60U, 0); }) == ErrorCode::refused);
    CHECK(code_thrown_by([&] { writer.reserve(0, 1ULL << 60U); }) == ErrorCode::refused);
}

}  // namespace migrate::test
