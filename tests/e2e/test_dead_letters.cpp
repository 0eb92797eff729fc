#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "io/lock.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

constexpr const char* k_secret = "canary-7f3a";

/// Two rows that their table's own CHECK refuses, one of them with a value that must not be seen.
std::string broken(const TemporaryDirectory& directory) {
    const std::string path = directory.path("from.db");
    SqliteDatabase(path).exec(
        "PRAGMA ignore_check_constraints = ON; CREATE TABLE priced (id INTEGER PRIMARY KEY, price INTEGER "
        "CHECK "
        "(price > 0), name TEXT); INSERT INTO priced VALUES (1, 5, 'a'), (2, -1, 'canary-7f3a'), (3, 0, "
        "'c')");
    return path;
}

struct Home {
    TemporaryDirectory directory;

    CommandResult run(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {}) const {
        CommandOptions options;
        options.environment = environment;
        return Command(cli(arguments), isolated(options, directory.path())).wait();
    }
};

std::string text_of_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("cli: a row that does not fit stops a migration, with the way on", "[cli][reject]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string to = directory.path("to.db");
    const auto result = home.run({"migrate", "--from", broken(directory), "--to", to, "--execute"});
    CHECK(result.exit_code != 0);
    CHECK(result.err.find("--on-reject") != std::string::npos);
    CHECK(result.err.find(k_secret) == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(to));
}

TEST_CASE("cli: dead letters are counted, listed without values and saved whole for their owner only",
          "[cli][reject]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = broken(directory);
    const std::string to = directory.path("to.db");
    const auto run = home.run({"migrate", "--from", from, "--to", to, "--execute", "--json", "--on-reject",
                               "dead-letter", "--source-backup", "never"});
    INFO(run.out << run.err);
    REQUIRE(run.exit_code == 5);
    const auto document = json_of(run.out);
    const auto& table = document["tables"][0];
    CHECK(table["committed"].GetUint64() == 1);
    CHECK(table["rejected"].GetUint64() == 2);
    CHECK(table["rejects"][0]["rows"].GetUint64() == 2);
    CHECK(std::string(table["rejects"][0]["reason"].GetString()).find("CHECK") != std::string::npos);
    const std::string id = document["id"].GetString();
    CHECK(std::string(document["dead_letters"].GetString()).find("dead-letters list " + id) !=
          std::string::npos);
    CHECK(SqliteDatabase(to, true).value("SELECT count(*) FROM priced") == "1");

    const auto list = home.run({"dead-letters", "list", id});
    require_success(list);
    CHECK(count_of(list.out, "priced") >= 2);
    CHECK(list.out.find(k_secret) == std::string::npos);
    const auto values = home.run({"dead-letters", "list", id, "--show-values"});
    require_success(values);
    CHECK(values.out.find(k_secret) != std::string::npos);
    const auto json = home.run({"dead-letters", "list", id, "--json", "--max-rows", "1"});
    require_success(json);
    const auto listed = json_of(json.out);
    CHECK(listed["count"].GetUint64() == 2);
    CHECK(listed["dead_letters"].Size() == 1);
    CHECK_FALSE(listed["dead_letters"][0].HasMember("row"));

    const std::string file = directory.path("rejected.ndjson");
    const auto saved = home.run({"dead-letters", "export", id, "--output", file});
    require_success(saved);
    CHECK(saved.out.find(k_secret) == std::string::npos);
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    std::istringstream lines(text_of_file(file));
    std::string line;
    std::vector<std::string> rows;
    while (std::getline(lines, line)) {
        const auto letter = json_of(line);
        CHECK(letter["table"] == "priced");
        CHECK_FALSE(letter["kept"].GetBool());
        rows.push_back(line.substr(line.find("\"row\":") + 6));
    }
    CHECK(rows == std::vector<std::string>{R"({"id":2,"price":-1,"name":"canary-7f3a"}})",
                                           R"({"id":3,"price":0,"name":"c"}})"});
    // Not over a file that is there, and not without a name.
    const std::string before = text_of_file(file);
    require_one_error(home.run({"dead-letters", "export", id, "--output", file}), 2);
    CHECK(text_of_file(file) == before);
    require_success(
        home.run({"dead-letters", "export", id, "--output", file, "--overwrite", "--format", "json"}));
    CHECK(json_of("{\"all\":" + text_of_file(file) + "}")["all"].Size() == 2);
    const auto printed = home.run({"dead-letters", "export", id, "--output", "-"});
    require_success(printed);
    CHECK(printed.out == before);
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()),
                        std::filesystem::directory_iterator()) == 3);
    require_one_error(home.run({"dead-letters", "export", id}), 2);
    require_one_error(home.run({"dead-letters", "mend", id}), 2);
    require_one_error(home.run({"dead-letters", "list", "000000000000"}), 7);

    // Values of rows are nowhere else: not in the state, the reports, or what was printed.
    for (const auto& [path, content] : file_tree(home.directory.path())) {
        INFO(path);
        CHECK(content.find(k_secret) == std::string::npos);
    }
    CHECK((run.out + run.err).find(k_secret) == std::string::npos);
}

TEST_CASE("cli: dead letters are retried as they were mended, after a preview", "[cli][reject]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string to = directory.path("to.db");
    const auto run = home.run({"migrate", "--from", broken(directory), "--to", to, "--execute", "--json",
                               "--on-reject", "dead-letter", "--source-backup", "never"});
    REQUIRE(run.exit_code == 5);
    const std::string id = json_of(run.out)["id"].GetString();
    const std::string file = directory.path("rejected.ndjson");
    require_success(home.run({"dead-letters", "export", id, "--output", file}));
    std::string text = text_of_file(file);
    text.replace(text.find("\"price\":-1"), 10, "\"price\":11");
    std::ofstream(file) << text;

    const auto preview = home.run({"dead-letters", "retry", id, "--from-file", file});
    require_success(preview);
    CHECK(preview.out.find("2 rows would be tried") != std::string::npos);
    CHECK(preview.err.find("--execute") != std::string::npos);
    CHECK(SqliteDatabase(to, true).value("SELECT count(*) FROM priced") == "1");
    require_one_error(home.run({"dead-letters", "retry", id, "--execute", "--preview"}), 2);
    require_one_error(home.run({"dead-letters", "retry", id, "--execute", "--only", "other"}), 7);
    require_one_error(home.run({"dead-letters", "retry", id, "--from-file", "none.ndjson"}), 7);
    require_one_error(home.run({"dead-letters", "retry", "000000000000"}), 7);
    const std::string broken_file = directory.path("broken.ndjson");
    std::ofstream(broken_file) << "{\"table\":\"canary-7f3a\"\n";
    const auto refused = home.run({"dead-letters", "retry", id, "--from-file", broken_file});
    require_one_error(refused, 3);
    CHECK(refused.err.find("line 1") != std::string::npos);

    const auto some = home.run({"dead-letters", "retry", id, "--from-file", file, "--execute", "--json"});
    INFO(some.out << some.err);
    REQUIRE(some.exit_code == 5);
    const auto document = json_of(some.out);
    CHECK(document["exit_code"].GetInt() == 5);
    CHECK(document["executed"].GetBool());
    CHECK(document["inserted"].GetUint64() == 1);
    CHECK(document["left"].GetUint64() == 1);
    CHECK(std::string(document["tables"][0]["rejects"][0]["reason"].GetString()).find("CHECK") !=
          std::string::npos);
    CHECK(SqliteDatabase(to, true).value("SELECT group_concat(price) FROM priced") == "5,11");

    text = text_of_file(file);
    text.replace(text.find("\"price\":0"), 9, "\"price\":3");
    std::ofstream(file) << text;
    const auto rest =
        home.run({"dead-letters", "retry", id, "--from-file", file, "--execute", "--only", "priced"});
    require_success(rest);
    CHECK(rest.out.find("0 dead letters are left") != std::string::npos);
    require_success(home.run({"rollback", id, "--execute"}));
    require_one_error(home.run({"dead-letters", "retry", id, "--execute"}), 7);
    for (const auto& result : {preview, some, rest, refused}) {
        CHECK((result.out + result.err).find(k_secret) == std::string::npos);
    }
    for (const auto& [path, content] : file_tree(home.directory.path())) {
        CHECK(content.find(k_secret) == std::string::npos);
    }
}

TEST_CASE("cli: nothing is retried while another migration is under way", "[cli][reject]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string to = directory.path("to.db");
    const auto run = home.run({"migrate", "--from", broken(directory), "--to", to, "--execute", "--json",
                               "--on-reject", "dead-letter", "--source-backup", "never"});
    REQUIRE(run.exit_code == 5);
    const std::string id = json_of(run.out)["id"].GetString();
    {
        const io::FileLock lock(to + ".migrate-lock", "somebody");
        require_one_error(home.run({"dead-letters", "retry", id, "--execute"}), 8);
        // Who only looks disturbs nobody.
        require_success(home.run({"dead-letters", "retry", id}));
    }
    SqliteDatabase other(to);
    other.exec("BEGIN IMMEDIATE");
    const auto busy = home.run({"dead-letters", "retry", id, "--execute"});
    INFO(busy.out << busy.err);
    CHECK(busy.exit_code == 8);
}

TEST_CASE("cli: the policies come from the environment as well, and a wrong word is refused",
          "[cli][reject]") {
    const TemporaryDirectory directory;
    const Home home;
    const std::string from = broken(directory);
    const auto run = home.run({"migrate", "--from", from, "--to", directory.path("to.db"), "--execute"},
                              {{"MIGRATE_ON_REJECT", "null-value"}});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 5);
    CHECK(run.out.find("Rejected:") != std::string::npos);
    require_one_error(home.run({"migrate", "--from", from, "--to", "x.db", "--on-reject", "perhaps"}), 2);
}

}  // namespace migrate::test
