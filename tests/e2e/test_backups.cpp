#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/compare_databases.hpp"
#include "support/file_tree.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_canary = "canary-w7KQ-of-a-row";

std::string make_source(const TemporaryDirectory& directory, bool in_wal_mode = false) {
    const std::string path = directory.path("app.db");
    SqliteDatabase database(path);
    if (in_wal_mode) {
        database.value("PRAGMA journal_mode = WAL");
    }
    database.exec(
        "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
        "CREATE TABLE book (id INTEGER PRIMARY KEY, author INTEGER REFERENCES author (id), title TEXT, "
        "cover BLOB);"
        "CREATE VIEW titles AS SELECT title FROM book;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO author SELECT i, 'author ' || i FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO book SELECT i, 1 + i % 500, '" +
        std::string(k_canary) + " ' || i, randomblob(i % 40) FROM n");
    return path;
}

/// A directory of backups, and what is done there.
struct Place {
    explicit Place(const TemporaryDirectory& directory) : path(directory.path("backups")) {}

    [[nodiscard]] CommandResult run(std::vector<std::string> arguments,
                                    const CommandOptions& options = {}) const {
        arguments.insert(arguments.begin(), "backup");
        arguments.insert(arguments.end(), {"--backup-dir", path});
        return run_cli(arguments, options);
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        if (!fs::exists(path)) {
            return names;
        }
        for (const auto& entry : fs::directory_iterator(path)) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    [[nodiscard]] std::string only() const {
        REQUIRE(names().size() == 1);
        return names().front();
    }
    std::string path;
};

void require_same_rows(const std::string& left, const std::string& right) {
    const CompareResult compared = compare_databases(left, right);
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.difference_count == 0);
    REQUIRE(compared.rows == 2500);
}

void require_private(const std::string& directory) {
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        struct stat status {};
        REQUIRE(::stat(entry.path().c_str(), &status) == 0);
        INFO(entry.path());
        CHECK((status.st_mode & 0777U) == (entry.is_directory() ? 0700U : 0600U));
    }
}

/// Names of files that hold the text.
std::vector<std::string> files_with(const std::string& directory, const std::string& text) {
    std::vector<std::string> found;
    for (const auto& [name, content] : file_tree(directory)) {
        if (content.find(text) != std::string::npos) {
            found.push_back(name);
        }
    }
    return found;
}

std::vector<std::string> run_arguments(const std::string& from, const std::string& to, const Place& place) {
    return {"migrate",   "--from", from,    "--to",         to,
            "--execute", "--skip", "views", "--backup-dir", place.path};
}

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

TEST_CASE("backup: a SQLite database is backed up, verified and restored", "[e2e][backup]") {
    for (const bool in_wal_mode : {false, true}) {
        const TemporaryDirectory directory;
        const std::string source = make_source(directory, in_wal_mode);
        const Place place(directory);
        require_success(place.run({"create", "--from", source}));
        require_private(place.path);
        const CommandResult listed = place.run({"list", "--json"});
        require_success(listed);
        const auto document = json_of(listed.out);
        REQUIRE(document["backups"].Size() == 1);
        const auto& backup = document["backups"][0];
        CHECK(std::string(backup["state"].GetString()) == "whole");
        CHECK(std::string(backup["kind"].GetString()) == "manual");
        CHECK(backup["bytes"].GetUint64() == fs::file_size(source));
        CHECK(backup["stored_bytes"].GetUint64() < fs::file_size(source));
        const std::string id = backup["id"].GetString();
        const CommandResult verified = place.run({"verify", id});
        require_success(verified);
        CHECK(verified.out.find("every byte is as it was written") != std::string::npos);

        require_success(place.run({"restore", id, "--to", "sqlite:" + directory.path("back.db")}));
        require_private(place.path);
        CHECK(fs::file_size(directory.path("back.db")) == fs::file_size(source));
        require_same_rows("sqlite:" + source, "sqlite:" + directory.path("back.db"));
        CHECK(SqliteDatabase(directory.path("back.db")).value("PRAGMA integrity_check") == "ok");
        CHECK(SqliteDatabase(directory.path("back.db")).value("PRAGMA journal_mode") ==
              (in_wal_mode ? "wal" : "delete"));
        // By hand, as the documentation says.
        run_tool(
            {"sh", "-c",
             "zstd -q -d " + place.path + "/" + id + "/database.sqlite.zst -o " + directory.path("hand.db")});
        require_same_rows("sqlite:" + source, "sqlite:" + directory.path("hand.db"));
    }
}

TEST_CASE("backup: what is restored, and what is refused, is in the audit trail", "[e2e][backup][audit]") {
    const TemporaryDirectory directory;
    const Place place(directory);
    const CommandOptions options = isolated({}, directory.path("state"));
    require_success(place.run({"create", "--from", make_source(directory)}, options));
    const std::string to = "sqlite:" + directory.path("back.db");
    require_success(place.run({"restore", place.only(), "--to", to}, options));
    CHECK(place.run({"restore", place.only(), "--to", to}, options).exit_code != 0);
    const CommandResult trail = run_cli({"audit", "show", "--json"}, options);
    require_success(trail);
    std::vector<std::string> events;
    const auto document = json_of(trail.out);
    for (const auto& record : document["records"].GetArray()) {
        if (std::string(record["operation"].GetString()) == "restore") {
            events.emplace_back(record["event"].GetString());
        }
    }
    CHECK(events == std::vector<std::string>{"started", "finished", "started", "refused"});
    require_success(run_cli({"audit", "verify"}, options));
}

TEST_CASE("backup: JSON is backed up file by file and restored as it was", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const Place place(directory);
    require_success(
        run_cli({"migrate", "--from", make_source(directory), "--to", "json:" + directory.path("out/"),
                 "--execute", "--source-backup", "never", "--skip", "views"}));
    require_success(place.run({"create", "--from", "json:" + directory.path("out")}));
    require_success(place.run({"verify", place.only()}));
    require_success(place.run({"restore", place.only(), "--to", "json:" + directory.path("back/")}));
    auto before = file_tree(directory.path("out"));
    std::erase_if(before, [](const auto& file) { return file.first.front() == '.'; });
    CHECK(file_tree(directory.path("back")) == before);
    CHECK(before.size() == 3);

    directory.write("docs/a/one.json", "[{\"id\": 1}]");
    directory.write("docs/b/two words.json", "[{\"id\": 2, \"x\": \"ä\"}]");
    const std::string single = directory.write("single.ndjson", "{\"id\": 1}\n{\"id\": 2}\n");
    for (const auto& [from, to] : {std::pair{directory.path("docs"), directory.path("docs-back/")},
                                   std::pair{single, directory.path("single-back.ndjson")}}) {
        const CommandResult made = place.run({"create", "--from", "json:" + from, "--json"});
        require_success(made);
        const std::string path = json_of(made.out)["path"].GetString();
        require_success(place.run({"restore", path, "--to", "json:" + to}));
    }
    CHECK(file_tree(directory.path("docs-back")) == file_tree(directory.path("docs")));
    CHECK(directory.read("single-back.ndjson") == directory.read("single.ndjson"));
}

TEST_CASE("backup: a run backs its source up before anything else, and says where", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    const CommandResult result =
        run_cli(with(run_arguments(source, directory.path("to.db"), place), {"--json"}));
    require_success(result);
    const auto document = json_of(result.out);
    const std::string path = document["source_backup"].GetString();
    CHECK(path == place.path + "/" + place.only());
    CHECK(path.find(std::string(document["id"].GetString()) + "-source") != std::string::npos);
    require_success(place.run({"verify", document["id"].GetString()}));
    require_success(place.run({"restore", document["id"].GetString(), "--to", directory.path("back.db")}));
    require_same_rows("sqlite:" + source, "sqlite:" + directory.path("back.db"));

    const CommandResult text = run_cli(run_arguments(source, directory.path("two.db"), place));
    CHECK(text.out.find("Backup of the source: " + place.path + "/") != std::string::npos);
    const CommandResult none =
        run_cli(with(run_arguments(source, directory.path("three.db"), place), {"--source-backup", "never"}));
    require_success(none);
    CHECK(none.out.find("Backup of the source") == std::string::npos);
    CHECK(place.names().size() == 2);
}

TEST_CASE("backup: an encrypted one shows no value of a row, and opens with its key only", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    const std::string key = directory.write_secret("secrets/key", std::string(32, 'k'));
    const std::string phrase = directory.write_secret("secrets/phrase", "a long passphrase\n");
    const std::string other = directory.write_secret("secrets/other", std::string(32, 'o'));
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"--backup-key-file", key}, {"--backup-passphrase-file", phrase}}) {
        fs::remove_all(place.path);
        fs::remove(directory.path("to.db"));
        require_success(run_cli(
            with(with(run_arguments(source, directory.path("to.db"), place), how), {"--encrypt-backup"})));
        const std::string id = place.only();
        CHECK(files_with(place.path, k_canary) == std::vector<std::string>{});
        CHECK(files_with(place.path, "a long passphrase") == std::vector<std::string>{});
        require_private(place.path);

        const CommandResult stored = place.run({"verify", id});
        require_success(stored);
        CHECK(stored.out.find("no key was given") != std::string::npos);
        const CommandResult whole = place.run(with({"verify", id}, how));
        require_success(whole);
        CHECK(whole.out.find("every byte is as it was written") != std::string::npos);
        const std::string back = directory.path("back" + how[0] + ".db");
        require_one_error(place.run({"restore", id, "--to", back}), 2);
        CHECK_FALSE(fs::exists(back));
        require_success(place.run(with({"restore", id, "--to", back}, how)));
        require_same_rows("sqlite:" + source, "sqlite:" + back);
    }
    const CommandResult made =
        place.run({"create", "--from", source, "--encrypt-backup", "--backup-key-file", key, "--json"});
    require_success(made);
    require_one_error(place.run({"restore", json_of(made.out)["id"].GetString(), "--to",
                                 directory.path("no.db"), "--backup-key-file", other}),
                      7);
    CHECK_FALSE(fs::exists(directory.path("no.db")));
}

TEST_CASE("backup: what is wrong has an exit code of its own", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    require_one_error(place.run({}), 2);
    require_one_error(place.run({"creat", "--from", source}), 2);
    require_one_error(place.run({"create"}), 2);
    require_one_error(place.run({"verify"}), 2);
    require_one_error(place.run({"create", "--from", source, "--encrypt-backup"}), 2);
    require_one_error(place.run({"create", "--from", source, "--backup-key-file", "key"}), 2);
    require_one_error(place.run({"create", "--from", source, "--keep-backups", "0"}), 2);
    require_one_error(place.run({"create", "--from", directory.path("nowhere.db")}), 7);
    require_one_error(place.run({"verify", "20260101T000000Z-none-manual"}), 7);
    require_one_error(place.run({"create", "--from", source, "--encrypt-backup", "--backup-key-file",
                                 directory.path("nowhere.key")}),
                      7);
    CHECK_FALSE(fs::exists(place.path));

    require_success(place.run({"create", "--from", source}));
    const std::string id = place.only();
    require_one_error(place.run({"restore", id, "--to", source}), 3);
    require_one_error(place.run({"restore", id, "--to", "json:" + directory.path("out/")}), 2);
    const std::string stored = place.path + "/" + id + "/database.sqlite.zst";
    {
        std::fstream file(stored, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(1000);
        file.put('\0').put('\1');
    }
    const CommandResult damaged = place.run({"verify", id});
    CHECK(damaged.exit_code == 4);
    CHECK(damaged.out.find("database.sqlite.zst") != std::string::npos);
    require_one_error(place.run({"restore", id, "--to", directory.path("back.db")}), 4);
    CHECK_FALSE(fs::exists(directory.path("back.db")));
    fs::remove(place.path + "/" + id + "/manifest.json");
    CHECK(place.run({"verify", id}).exit_code == 4);
    CHECK(place.run({"list"}).out.find("damaged") != std::string::npos);
}

TEST_CASE("backup: a restore writes over what is there only where it is told to, and in one step",
          "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    require_success(place.run({"create", "--from", source}));
    const std::string id = place.only();
    SqliteDatabase(source).exec("DELETE FROM book");
    require_success(place.run({"restore", id, "--to", source, "--overwrite"}));
    CHECK(SqliteDatabase(source).value("SELECT count(*) FROM book") == "2000");
    // A log that stands beside it would be played back into what is restored.
    directory.write("app.db-wal", "frames");
    require_one_error(place.run({"restore", id, "--to", source, "--overwrite"}), 3);
    const CommandResult killed = [&] {
        fs::remove(source + "-wal");
        SqliteDatabase(source).exec("DELETE FROM book");
        CommandOptions options;
        options.environment["MIGRATE_KILL_AT"] = "restore-staged";
        return place.run({"restore", id, "--to", source, "--overwrite"}, options);
    }();
    if (killed.signal != 0) {
        CHECK(SqliteDatabase(source).value("SELECT count(*) FROM book") == "0");
    }
}

TEST_CASE("backup: older ones go once a new one is there, where that is asked for", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    for (int i = 0; i < 3; ++i) {
        require_success(place.run({"create", "--from", source}));
    }
    CHECK(place.names().size() == 3);
    const CommandResult last = place.run({"create", "--from", source, "--keep-backups", "2", "--json"});
    require_success(last);
    CHECK(json_of(last.out)["removed"].Size() == 2);
    CHECK(place.names().size() == 2);
    // Of a run they are another kind, and of another database another series.
    for (const char* to : {"one.db", "two.db"}) {
        require_success(
            run_cli(with(run_arguments(source, directory.path(to), place), {"--keep-backups", "1"})));
        CHECK(place.names().size() == 3);
    }
}

TEST_CASE("backup: a saved plan remembers how its backup is made, and never the key", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    directory.write_secret("key", "0123456789abcdef0123456789ABCDEF");
    CommandOptions here;
    here.directory = directory.path();
    require_success(run_cli({"migrate", "--from", source, "--to", directory.path("to.db"), "--backup-dir",
                             place.path, "--encrypt-backup", "--backup-key-file", "key", "--keep-backups",
                             "1", "--save-plan", directory.path("plan.json"), "--skip", "views"},
                            here));
    CHECK(directory.read("plan.json").find("0123456789abcdef") == std::string::npos);
    require_one_error(
        run_cli({"migrate", "--plan", directory.path("plan.json"), "--execute", "--keep-backups", "2"}), 2);
    require_success(run_cli({"migrate", "--plan", directory.path("plan.json"), "--execute"}));
    CHECK(fs::exists(place.path + "/" + place.only() + "/database.sqlite.zst.enc"));
    CHECK(files_with(place.path, k_canary) == std::vector<std::string>{});
}

TEST_CASE("backup: a program that is killed leaves nothing that is taken for a backup",
          "[e2e][backup][fault]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    for (const char* point :
         {"backup-begun", "backup-file", "backup-written", "backup-synced", "backup-verified"}) {
        CommandOptions options;
        options.environment["MIGRATE_KILL_AT"] = point;
        const CommandResult killed = place.run({"create", "--from", source}, options);
        if (killed.signal == 0) {
            WARN("built without fault points");
            return;
        }
        const CommandResult listed = place.run({"list", "--json"});
        require_success(listed);
        const auto document = json_of(listed.out);
        REQUIRE(document["backups"].Size() == 1);
        CHECK(std::string(document["backups"][0]["state"].GetString()) == "unfinished");
        CHECK(files_with(place.path, k_canary) == std::vector<std::string>{});
        require_success(place.run({"create", "--from", source}));
        require_success(place.run({"verify", place.only()}));
        fs::remove_all(place.path);
    }
}

TEST_CASE("backup: what stood at the place of a directory stays beside it", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const Place place(directory);
    directory.write("in/a.json", "[{\"id\":1}]");
    require_success(place.run({"create", "--from", "json:" + directory.path("in/")}));
    directory.write("out/notes.txt", "of nobody's business");
    directory.write("file", "a file");
    const std::string out = "json:" + directory.path("out/");
    require_one_error(place.run({"restore", place.only(), "--to", out}), 3);
    require_one_error(
        place.run({"restore", place.only(), "--to", "json:" + directory.path("file"), "--overwrite"}), 3);
    const CommandResult restored = place.run({"restore", place.only(), "--to", out, "--overwrite", "--json"});
    require_success(restored);
    const std::string replaced = json_of(restored.out)["replaced"].GetString();
    CHECK(directory.read("out/a.json") == "[{\"id\":1}]");
    CHECK_FALSE(fs::exists(directory.path("out/notes.txt")));
    CHECK(fs::exists(replaced + "/notes.txt"));
}

TEST_CASE("backup: what it has not is told when it is made and when it is restored", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const Place place(directory);
    directory.write("in/a.json", "[{\"id\":1}]");
    directory.write("elsewhere/b.json", "[{\"id\":2}]");
    fs::create_directory_symlink(directory.path("elsewhere"), directory.path("in/linked"));
    const CommandResult made = place.run({"create", "--from", "json:" + directory.path("in/"), "--json"});
    CHECK(made.exit_code == 5);
    CHECK(json_of(made.out)["left_out"].Size() == 1);
    const CommandResult restored =
        place.run({"restore", place.only(), "--to", "json:" + directory.path("back/"), "--json"});
    CHECK(restored.exit_code == 5);
    CHECK(json_of(restored.out)["not_restored"].Size() == 1);
}

TEST_CASE("backup: a key that others can read is none", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const Place place(directory);
    const std::string key = directory.write("key", std::string(32, 'k'));
    const CommandResult made =
        place.run({"create", "--from", make_source(directory), "--encrypt-backup", "--backup-key-file", key});
    require_one_error(made, 2);
    CHECK(made.err.find("chmod 600") != std::string::npos);
    CHECK(place.names().empty());
}

TEST_CASE("backup: a SQLite database goes along as JSON, which is the database again", "[e2e][backup]") {
    const TemporaryDirectory directory;
    const std::string source = make_source(directory);
    const Place place(directory);
    const CommandResult made = place.run({"create", "--from", source, "--with-json", "--json"});
    require_success(made);
    // The view is in the copy of the file.
    CHECK(json_of(made.out)["left_out"].Size() == 0);
    require_success(place.run({"verify", place.only()}));
    require_success(place.run({"restore", place.only(), "--to", "json:" + directory.path("json/")}));
    require_success(
        run_cli({"migrate", "--from", "json:" + directory.path("json/"), "--to", directory.path("back.db"),
                 "--execute", "--with-code", "--source-backup", "never"}));
    require_same_rows("sqlite:" + source, "sqlite:" + directory.path("back.db"));
    require_success(place.run({"restore", place.only(), "--to", directory.path("copy.db")}));
    require_same_rows("sqlite:" + source, "sqlite:" + directory.path("copy.db"));
}

}  // namespace migrate::test
