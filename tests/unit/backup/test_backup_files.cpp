#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include "support/file_tree.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace migrate::test {
namespace {

namespace fs = std::filesystem;

/// The same directory with and without encryption, by key and by passphrase.
std::vector<BackupKey> all_keys(const TemporaryDirectory& directory) {
    return {{},
            {directory.write_secret("secret/key", std::string(32, 'k')), ""},
            {"", directory.write_secret("secret/passphrase", "correct horse battery staple\n")}};
}

BackupKey key_in(const TemporaryDirectory& directory) {
    return {directory.write_secret("secret/key", std::string(32, '\x7f')), ""};
}

Files small_files() {
    return {{"database.sqlite", "rows of a small database, rows of a small database"}, {"empty", ""}};
}

}  // namespace

TEST_CASE("backup: what was written comes back, whatever its size and name", "[backup]") {
    const TemporaryDirectory directory;
    const Files files{{"database.sqlite", std::string(300'000, 'a') + random_content(1, 200'000)},
                      {"empty", ""},
                      {"one", "x"},
                      {"a/b c/\xff.json", "odd name"},
                      {"a/" + std::string(250, 'n'), "long name"},
                      {"manifest.json", "not the backup's own"}};
    int number = 0;
    for (const BackupKey& key : all_keys(directory)) {
        const std::string place = directory.path("backups" + std::to_string(number++));
        const std::string path = write_backup(place, files, key);
        CHECK(problems_of(path, key) == std::vector<std::string>{});
        CHECK(read_backup(path, key) == files);
    }
}

TEST_CASE("backup: a stream that fills its last message ends where it ends", "[backup]") {
    const TemporaryDirectory directory;
    const BackupKey key = key_in(directory);
    // Random bytes do not compress: around these sizes what is stored meets the ends of messages.
    int number = 0;
    for (std::size_t size = 65'536 * 2 - 40; size < 65'536 * 2 + 40; size += 3) {
        const Files files{{"f", random_content(size, size)}};
        const std::string path = write_backup(directory.path("b" + std::to_string(number++)), files, key);
        REQUIRE(read_backup(path, key) == files);
    }
}

TEST_CASE("backup: each byte that is flipped is detected", "[backup]") {
    const TemporaryDirectory directory;
    for (const bool encrypted : {false, true}) {
        const BackupKey key = encrypted ? key_in(directory) : BackupKey{};
        const std::string path =
            write_backup(directory.path(encrypted ? "encrypted" : "plain"), small_files(), key);
        REQUIRE(problems_of(path, key).empty());
        std::size_t flipped = 0;
        for (const auto& [name, content] : file_tree(path)) {
            for (std::size_t at = 0; at < content.size(); ++at) {
                std::string changed = content;
                changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
                overwrite(path + "/" + name, changed);
                INFO(name << " at " << at);
                REQUIRE_FALSE(problems_of(path, key).empty());
                // What is stored is enough to tell: no key is needed for that.
                REQUIRE_FALSE(problems_of(path).empty());
                ++flipped;
            }
            overwrite(path + "/" + name, content);
        }
        CHECK(flipped > 700);
        CHECK(problems_of(path, key).empty());
    }
}

TEST_CASE("backup: a file that is cut, missing, strange or linked is detected", "[backup]") {
    const TemporaryDirectory directory;
    for (const bool encrypted : {false, true}) {
        const BackupKey key = encrypted ? key_in(directory) : BackupKey{};
        const std::string path =
            write_backup(directory.path(encrypted ? "encrypted" : "plain"), small_files(), key);
        for (const auto& [name, content] : file_tree(path)) {
            const std::string file = path + "/" + name;
            for (std::size_t size = 0; size < content.size(); ++size) {
                overwrite(file, content.substr(0, size));
                INFO(name << " cut to " << size);
                REQUIRE_FALSE(problems_of(path, key).empty());
            }
            overwrite(file, content + '\0');
            CHECK_FALSE(problems_of(path, key).empty());
            fs::remove(file);
            CHECK_FALSE(problems_of(path, key).empty());
            overwrite(directory.path("elsewhere"), content);
            fs::create_symlink(directory.path("elsewhere"), file);
            CHECK_FALSE((name != "manifest.json" && problems_of(path, key).empty()));
            fs::remove(file);
            overwrite(file, content);
        }
        CHECK(problems_of(path, key).empty());
        overwrite(path + "/stranger", "");
        CHECK_FALSE(problems_of(path, key).empty());
        fs::remove(path + "/stranger");
        fs::create_directory(path + "/stranger");
        CHECK_FALSE(problems_of(path, key).empty());
    }
}

TEST_CASE("backup: another key, or none, opens nothing", "[backup]") {
    const TemporaryDirectory directory;
    const std::vector<BackupKey> keys = all_keys(directory);
    const std::string by_file = write_backup(directory.path("file"), small_files(), keys[1]);
    const std::string by_phrase = write_backup(directory.path("phrase"), small_files(), keys[2]);
    const BackupKey other_file{directory.write_secret("secret/other", std::string(32, 'o')), ""};
    const BackupKey other_phrase{"", directory.write_secret("secret/other phrase", "correct horse")};

    CHECK(code_thrown_by([&] { read_backup(by_file, other_file); }) == ErrorCode::permission);
    CHECK(code_thrown_by([&] { read_backup(by_phrase, other_phrase); }) == ErrorCode::permission);
    CHECK(code_thrown_by([&] { read_backup(by_file); }) == ErrorCode::usage);
    CHECK(code_thrown_by([&] { read_backup(by_phrase, keys[1]); }) == ErrorCode::usage);
    CHECK(code_thrown_by([&] {
              read_backup(by_file, {directory.path("nowhere"), ""});
          }) == ErrorCode::not_found);
    CHECK(code_thrown_by([&] {
              read_backup(by_file, {directory.write("short", "k"), ""});
          }) == ErrorCode::usage);
    // 64 digits are the same key as their 32 bytes.
    std::string digits;
    for (int i = 0; i < 32; ++i) {
        digits += "6b";
    }
    CHECK(read_backup(by_file, {directory.write_secret("secret/digits", digits + "\n"), ""}) ==
          small_files());
}

TEST_CASE("backup: an encrypted backup shows neither its content nor its key", "[backup]") {
    const TemporaryDirectory directory;
    const std::string canary = "canary-7QF3-of-a-row";
    const BackupKey key{directory.write_secret("secret/key", "0123456789abcdef0123456789ABCDEF"), ""};
    const std::string path = write_backup(directory.path("backups"), {{"database.sqlite", canary}}, key);
    for (const auto& [name, content] : file_tree(path)) {
        INFO(name);
        CHECK(content.find(canary) == std::string::npos);
        CHECK(content.find("0123456789abcdef0123456789ABCDEF") == std::string::npos);
        CHECK(content.find("secret/key") == std::string::npos);
    }
    // The same content in another backup of the same key has other digests.
    const std::string second = write_backup(directory.path("others"), {{"database.sqlite", canary}}, key);
    CHECK(backup::BackupReader(path).manifest().files[0].plain_digest !=
          backup::BackupReader(second).manifest().files[0].plain_digest);
    CHECK(read_backup(second, key) == Files{{"database.sqlite", canary}});
}

TEST_CASE("backup: a manifest that was made anew without the key is refused", "[backup]") {
    const TemporaryDirectory directory;
    const BackupKey key = key_in(directory);
    const std::string path = write_backup(directory.path("backups"), small_files(), key);
    backup::Manifest forged = backup::BackupReader(path).manifest();
    forged.endpoint = "sqlite:another.db";
    // The outer digest fits, as anybody can make it.
    const backup::BackupKeys other;
    overwrite(path + "/manifest.json", backup::manifest_text(forged, &other));
    CHECK(backup::BackupReader(path).manifest().endpoint == "sqlite:another.db");
    CHECK(code_thrown_by([&] { read_backup(path, key); }) == ErrorCode::differs);
    overwrite(path + "/manifest.json", backup::manifest_text(forged, nullptr));
    CHECK(code_thrown_by([&] { read_backup(path, key); }) == ErrorCode::differs);
}

TEST_CASE("backup: an encrypted file cannot stand for another", "[backup]") {
    const TemporaryDirectory directory;
    const BackupKey key = key_in(directory);
    const std::string path = write_backup(directory.path("backups"), {{"a", "1111"}, {"b", "2222"}}, key);
    const backup::BackupReader reader(path);
    const backup::BackupKeys keys = reader.open(key);
    backup::FileRecord record = reader.manifest().files[1];
    fs::rename(path + "/a.zst.enc", path + "/b.zst.enc");
    record.stored_digest = reader.manifest().files[0].stored_digest;
    record.plain_digest = reader.manifest().files[0].plain_digest;
    CHECK(code_thrown_by([&] { reader.read(record, &keys, {}, {}); }) == ErrorCode::differs);
}

TEST_CASE("backup: a manifest names nothing outside of its backup", "[backup]") {
    for (const std::string bad : {"../out", "/etc/passwd", "a/../../out", "a//b", ".", "", "a/."}) {
        INFO(bad);
        backup::Manifest manifest = sample_manifest();
        manifest.files.push_back({"fine", "fine", 0, 0, "", ""});
        CHECK_NOTHROW(backup::parse_manifest(backup::manifest_text(manifest, nullptr)));
        manifest.files[0].file = bad;
        CHECK(code_thrown_by([&] { backup::parse_manifest(backup::manifest_text(manifest, nullptr)); }) ==
              ErrorCode::differs);
        manifest.files[0] = {bad, "fine", 0, 0, "", ""};
        CHECK(code_thrown_by([&] { backup::parse_manifest(backup::manifest_text(manifest, nullptr)); }) ==
              ErrorCode::differs);
    }
    backup::Manifest twice = sample_manifest();
    twice.files = {{"a", "x", 0, 0, "", ""}, {"b", "x", 0, 0, "", ""}};
    CHECK(code_thrown_by([&] { backup::parse_manifest(backup::manifest_text(twice, nullptr)); }) ==
          ErrorCode::differs);
    twice.files = {{"%2E%2E/a", "x", 0, 0, "", ""}};
    CHECK(code_thrown_by([&] { backup::parse_manifest(backup::manifest_text(twice, nullptr)); }) ==
          ErrorCode::differs);
}

TEST_CASE("backup: one of a later format is told from a damaged one", "[backup]") {
    CHECK(code_thrown_by([] { backup::parse_manifest("{\"libmigrate_backup\":2,\"new\":1}\n"); }) ==
          ErrorCode::unsupported);
    CHECK(code_thrown_by([] { backup::parse_manifest("{\"libmigrate_backup\":}\n"); }) == ErrorCode::differs);
    CHECK(code_thrown_by([] { backup::parse_manifest(""); }) == ErrorCode::differs);
}

TEST_CASE("backup: only its owner can read it", "[backup]") {
    const TemporaryDirectory directory;
    const std::string path = write_backup(directory.path("new/backups"), {{"a/b", "x"}, {"c", "y"}});
    const auto mode_of = [](const std::string& file) {
        struct stat status {};
        REQUIRE(::stat(file.c_str(), &status) == 0);
        return status.st_mode & 0777U;
    };
    CHECK(mode_of(directory.path("new")) == 0700);
    CHECK(mode_of(directory.path("new/backups")) == 0700);
    CHECK(mode_of(path) == 0700);
    for (const auto& [name, content] : file_tree(path)) {
        INFO(name);
        CHECK(mode_of(path + "/" + name) == (content == "/" ? 0700U : 0600U));
    }
}

}  // namespace migrate::test
