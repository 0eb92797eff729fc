#include <filesystem>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

constexpr int k_page = 4096;

/// A database of some hundred pages with an index.
void make_database(const std::string& path, int rows = 3000) {
    SqliteDatabase database(path);
    database.exec("PRAGMA page_size=4096");
    database.exec("CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT NOT NULL)");
    database.exec("CREATE INDEX album_title ON album (title)");
    database.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                  std::to_string(rows) + ") INSERT INTO album SELECT i, hex(randomblob(100)) FROM n");
}

/// Both targets that are files: a database with other tables, and an export.
struct Targets {
    explicit Targets(const TemporaryDirectory& directory)
        : sqlite(directory.path("target/there.db")), json(directory.path("target/out/")) {
        fs::create_directories(directory.path("target"));
        SqliteDatabase(sqlite).exec("CREATE TABLE IF NOT EXISTS kept (a); INSERT INTO kept VALUES (1), (2)");
    }
    std::string sqlite;
    std::string json;
};

/// Dry and executed, into each kind of target: one message, this code, nothing changed anywhere.
void require_refused(const TemporaryDirectory& directory, const std::string& source, int exit_code,
                     const std::string& says, const CommandOptions& options = {}) {
    const Targets targets(directory);
    const auto before = file_tree(directory.path());
    for (const std::string& target : {targets.sqlite, targets.json}) {
        for (const bool execute : {false, true}) {
            std::vector<std::string> arguments{"migrate", "--from", source, "--to", target};
            if (execute) {
                arguments.emplace_back("--execute");
            }
            CAPTURE(arguments);

            const CommandResult result = run_cli(arguments, options);

            require_one_error(result, exit_code);
            CHECK(result.err.find(says) != std::string::npos);
            CHECK(result.out.empty());
            CHECK((file_tree(directory.path()) == before));
        }
    }
}

/// What runs a program as a user without rights: as root by another user, else as ourselves.
std::vector<std::string> powerless() {
    return ::geteuid() == 0
               ? std::vector<std::string>{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"}
               : std::vector<std::string>{};
}

/// The command where that user can reach it, and its state in a place of its own.
CommandResult run_powerless(const TemporaryDirectory& directory, std::vector<std::string> arguments) {
    const std::string program = directory.path("bin/migrate-cli");
    fs::create_directories(directory.path("bin"));
    fs::copy_file(MIGRATE_CLI_PATH, program, fs::copy_options::skip_existing);
    fs::create_directories(directory.path("state"));
    fs::permissions(directory.path("state"), fs::perms::all);
    fs::permissions(directory.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec |
                                          fs::perms::group_read | fs::perms::others_read);
    CommandOptions options = isolated({}, directory.path("state"));
    options.wrapper = powerless();
    arguments.insert(arguments.begin(), program);
    return Command(arguments, options).wait();
}

}  // namespace

TEST_CASE("bad input: a missing file", "[cli][bad-input]") {
    const TemporaryDirectory directory;

    require_refused(directory, directory.path("missing.db"), 7, "missing.db");
    require_refused(directory, "sqlite:" + directory.path("missing.db"), 7, "missing.db");
    require_refused(directory, "json:" + directory.path("missing.json"), 7, "missing.json");
}

TEST_CASE("bad input: a directory where a file is expected", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    fs::create_directories(directory.path("folder.db"));

    require_refused(directory, "sqlite:" + directory.path("folder.db"), 3, "folder.db");
}

TEST_CASE("bad input: a file that is no database", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("notes.db", std::string(3 * k_page, 'x'));

    require_refused(directory, "sqlite:" + path, 3, "notes.db");
}

TEST_CASE("bad input: a truncated database", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path);
    fs::resize_file(path, fs::file_size(path) / 2 / k_page * k_page);

    require_refused(directory, path, 3, "source.db");
}

TEST_CASE("bad input: a database with damaged pages", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path);
    std::string bytes = directory.read("source.db");
    std::fill(bytes.begin() + 20L * k_page, bytes.begin() + 40L * k_page, '\xa5');
    directory.write("source.db", bytes);

    require_refused(directory, path, 3, "source.db");
}

TEST_CASE("bad input: an encrypted database looks like noise", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same noise each time
    std::string noise(8 * k_page, '\0');
    std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
    const std::string path = directory.write("secret.db", noise);

    require_refused(directory, "sqlite:" + path, 3, "secret.db");
}

TEST_CASE("bad input: a database that another program has locked", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path, 10);
    SqliteDatabase other(path);
    other.exec("BEGIN EXCLUSIVE");

    const CommandResult result =
        run_cli({"migrate", "--from", path, "--to", directory.path("out/"), "--execute"});

    require_one_error(result, 8);
    CHECK(result.err.find("source.db") != std::string::npos);
    CHECK_FALSE(fs::exists(directory.path("out")));
}

TEST_CASE("bad input: a hot journal beside the source", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string live = directory.path("live.db");
    make_database(live);
    {
        // A copy taken in the middle of a large transaction is what a crash leaves.
        SqliteDatabase writer(live);
        writer.exec("PRAGMA cache_size=5; BEGIN; UPDATE album SET title = hex(randomblob(100))");
        run_tool({"cp", live, directory.path("source.db")});
        run_tool({"cp", live + "-journal", directory.path("source.db-journal")});
        writer.exec("ROLLBACK");
    }

    require_refused(directory, directory.path("source.db"), 3, "journal");
}

TEST_CASE("bad input: no permission to read the source", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path, 10);
    fs::permissions(path, ::geteuid() == 0 ? fs::perms::owner_read : fs::perms::none);

    const CommandResult result = run_powerless(
        directory, {"migrate", "--from", path, "--to", directory.path("state/out.db"), "--execute"});

    require_one_error(result, 7);
    CHECK(result.err.find("source.db") != std::string::npos);
    CHECK_FALSE(fs::exists(directory.path("state/out.db")));
}

TEST_CASE("bad input: a target that may not be written", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path, 10);
    fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    fs::create_directories(directory.path("locked"));
    SqliteDatabase(directory.path("locked/target.db"))
        .exec("CREATE TABLE kept (a); INSERT INTO kept VALUES (1)");
    fs::permissions(directory.path("locked/target.db"), fs::perms::owner_read | fs::perms::others_read);
    fs::permissions(directory.path("locked"), fs::perms::owner_read | fs::perms::owner_exec |
                                                  fs::perms::others_read | fs::perms::others_exec);
    const auto before = file_tree(directory.path("locked"));

    for (const std::string target : {"locked/target.db", "locked/new.db", "locked/new/", "locked/new.json"}) {
        CAPTURE(target);
        const CommandResult result = run_powerless(
            directory, {"migrate", "--from", path, "--to", directory.path(target), "--execute"});

        require_one_error(result, 3);
        CHECK((file_tree(directory.path("locked")) == before));
    }
    fs::permissions(directory.path("locked"), fs::perms::owner_all);
}

TEST_CASE("bad input: a full disk", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    make_database(path);
    fs::create_directories(directory.path("small"));
    // A limit on the size of one file stands for the disk where nothing may be mounted.
    CommandOptions options;
    options.wrapper = {"prlimit", "--fsize=150000", "--"};
    const bool mounted =
        Command({"mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", directory.path("small")})
            .wait()
            .exit_code == 0;
    if (mounted) {
        options.wrapper.clear();
        directory.write("small/kept", "as it was");
    }
    const auto before = file_tree(directory.path("small"));

    std::vector<CommandResult> results;
    std::vector<bool> unchanged;
    for (const std::string target : {"small/new.db", "small/out/", "small/out.json"}) {
        results.push_back(run_cli({"migrate", "--from", path, "--to", directory.path(target), "--execute",
                                   "--source-backup", "never"},
                                  options));
        unchanged.push_back(file_tree(directory.path("small")) == before);
    }
    if (mounted) {
        run_tool({"umount", directory.path("small")});
    }

    for (std::size_t i = 0; i < results.size(); ++i) {
        CAPTURE(i);
        // Seen in preflight where the file system can be asked, else when the write fails.
        CHECK((results[i].exit_code == 3 || results[i].exit_code == 6));
        require_one_error(results[i], results[i].exit_code);
        CHECK(unchanged[i]);
    }
}

TEST_CASE("bad input: source and target are the same", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    make_database(directory.path("source.db"), 10);
    fs::create_symlink("source.db", directory.path("link.db"));
    const auto before = file_tree(directory.path());

    for (const std::string target : {"source.db", "link.db", "./source.db"}) {
        CAPTURE(target);
        const CommandResult result = run_cli(
            {"migrate", "--from", directory.path("source.db"), "--to", directory.path(target), "--execute"});

        require_one_error(result, 3);
        CHECK((file_tree(directory.path()) == before));
    }
}

TEST_CASE("bad input: JSON that does not parse is named with file, line and byte", "[cli][bad-input]") {
    struct Case {
        std::string name;
        std::string text;
        std::string line;
        std::string byte;
    };
    const std::vector<Case> cases{
        {"a.json", "[{\"a\": 1},\n {\"a\": 2},\n {\"a\": }]", "line 3", "byte 29"},
        {"b.json", "[{\"a\": 1}", "line 1", "byte 9"},
        {"c.json", "[{\"a\": 1}] x", "line 1", "byte 11"},
        {"d.json", "[{\"a\": 1, \"a\": 2}]", "line 1", "byte"},
        {"e.json", "[{\"a\": \"\xff\"}]", "line 1", "byte 8"},
    };
    for (const Case& one : cases) {
        const TemporaryDirectory directory;
        const std::string path = directory.write(one.name, one.text);
        CAPTURE(one.text);

        const CommandResult result =
            run_cli({"migrate", "--from", "json:" + path, "--to", directory.path("out.db"), "--execute"});

        require_one_error(result, 3);
        CHECK(result.err.find(one.name) != std::string::npos);
        CHECK(result.err.find(one.line) != std::string::npos);
        CHECK(result.err.find(one.byte) != std::string::npos);
        CHECK_FALSE(fs::exists(directory.path("out.db")));
    }
}

TEST_CASE("bad input: a table name that is not safe as a file name stays in its directory",
          "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("a/b/source.db");
    fs::create_directories(directory.path("a/b"));
    SqliteDatabase(path).exec(
        "CREATE TABLE \"../../evil\" (a); INSERT INTO \"../../evil\" VALUES (1);"
        "CREATE TABLE \"con/..\" (a); CREATE TABLE \"..\" (a); INSERT INTO \"..\" VALUES (2)");

    const CommandResult result =
        run_cli({"migrate", "--from", path, "--to", "json:" + directory.path("a/b/out/"), "--execute"});

    require_success(result);
    for (const auto& [name, bytes] : file_tree(directory.path())) {
        const bool ours = name == "a" || name == "a/b" || name.starts_with("a/b/source.db") ||
                          name == "a/b/out" || name.starts_with("a/b/out/") || name.starts_with("a/b/out.");
        CHECK((ours ? std::string() : name).empty());
    }
    CHECK(run_cli({"verify", "--from", path, "--to", "json:" + directory.path("a/b/out/")}).exit_code == 0);
}

TEST_CASE("bad input: a name with a newline or an escape sequence cannot forge a line", "[cli][bad-input]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE \"a\nmigrate-cli: all is well\" (\"c\x1b[2J\" INTEGER); INSERT INTO "
        "\"a\nmigrate-cli: all is well\" VALUES (1);"
        "CREATE VIEW \"v\n  next: send money\" AS SELECT 1");

    const std::vector<std::string> way{"--from", path, "--to", directory.path("out/")};
    for (const std::string command : {"migrate", "migrate --json", "migrate --verbose --execute", "verify",
                                      "diff", "check", "status", "history"}) {
        std::istringstream words(command);
        std::vector<std::string> arguments;
        for (std::string word; words >> word;) {
            arguments.push_back(word);
        }
        if (arguments[0] == "check") {
            arguments.push_back(path);
        } else if (arguments[0] != "status" && arguments[0] != "history") {
            arguments.insert(arguments.end(), way.begin(), way.end());
        }
        CAPTURE(command);

        const CommandResult result = run_cli(arguments);

        CHECK((result.exit_code == 0 || result.exit_code == 5));
        CHECK(("\n" + result.out).find("\nmigrate-cli: all") == std::string::npos);
        CHECK(("\n" + result.err).find("\nmigrate-cli: all") == std::string::npos);
        CHECK(("\n" + result.out + result.err).find("\n  next: send") == std::string::npos);
        CHECK((result.out + result.err).find('\x1b') == std::string::npos);
    }
}

}  // namespace migrate::test
