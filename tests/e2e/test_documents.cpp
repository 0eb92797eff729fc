#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

/// A block of shell commands that a document says can be run, and how the last of them exits.
struct Snippet {
    std::string script;
    int exit_code = 0;
    int line = 0;
};

/// The ```sh blocks after a line <!-- run: CODE -->.
std::vector<Snippet> snippets_of(const std::string& document) {
    std::ifstream file(std::string(MIGRATE_SOURCE_DIR) + "/" + document);
    REQUIRE(file);
    const std::regex mark("<!-- run: ([0-9]) -->");
    std::vector<Snippet> snippets;
    std::smatch match;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!std::regex_match(line, match, mark)) {
            continue;
        }
        Snippet snippet{"", std::stoi(match[1]), number};
        std::getline(file, line);
        REQUIRE(line == "```sh");
        for (++number; std::getline(file, line) && line != "```"; ++number) {
            snippet.script += line + "\n";
        }
        snippets.push_back(snippet);
    }
    return snippets;
}

void make_examples(const TemporaryDirectory& directory) {
    SqliteDatabase(directory.path("app.db"))
        .exec(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY,"
            " customer INTEGER NOT NULL REFERENCES customer (id), total NUMERIC(10,2));"
            "CREATE INDEX orders_customer ON orders (customer);"
            "INSERT INTO customer VALUES (1, 'Ada'), (2, 'Grace');"
            "INSERT INTO orders VALUES (1, 1, 9.5), (2, 1, 20), (3, 2, 0.25)");
    for (const std::string name : {"a1", "b2", "c3"}) {
        directory.write("sessions/" + name + ".json",
                        R"({"id": ")" + name +
                            R"(", "title": "x", "turns": [{"n": 1, "text": "hi"}, )"
                            R"({"n": 2, "text": null}], "open": true})");
    }
}

/// All blocks of a document in one directory, one after the other, as a reader would run them.
void run_document(const std::string& document) {
    const TemporaryDirectory directory;
    const TemporaryDirectory home;
    make_examples(directory);
    const std::vector<Snippet> snippets = snippets_of(document);
    CHECK_FALSE(snippets.empty());
    const std::string program = MIGRATE_CLI_PATH;
    CommandOptions options = isolated({}, home.path());
    options.directory = directory.path();
    options.environment["PATH"] = program.substr(0, program.rfind('/')) + ":/usr/bin:/bin";

    for (const Snippet& snippet : snippets) {
        const CommandResult result = Command({"sh", "-e", "-c", snippet.script}, options).wait();

        INFO(document << ", line " << snippet.line << "\n" << snippet.script << result.out << result.err);
        CHECK(result.exit_code == snippet.exit_code);
    }
}

}  // namespace

TEST_CASE("documents: what usage.md says can be run, runs", "[cli][documents]") {
    run_document("libmigrate/doc/usage.md");
}

TEST_CASE("documents: what mapping.md says can be run, runs", "[cli][documents][mapping]") {
    run_document("libmigrate/doc/mapping.md");
}

TEST_CASE("documents: every test that the README names is there", "[cli][documents]") {
    namespace fs = std::filesystem;
    const std::string root = MIGRATE_SOURCE_DIR;
    std::string tests;
    for (const auto& entry : fs::recursive_directory_iterator(root + "/tests")) {
        if (entry.path().extension() == ".cpp") {
            std::ifstream file(entry.path());
            std::ostringstream text;
            text << file.rdbuf();
            tests += text.str();
        }
    }
    std::ifstream readme(root + "/README.md");
    const std::regex name("`([a-z ]+: [^`]+)`");
    std::size_t named = 0;
    bool in_table = false;
    for (std::string line; std::getline(readme, line);) {
        in_table = line == "| promise | test |" || (in_table && line.starts_with("|"));
        if (!in_table) {
            continue;
        }
        for (std::sregex_iterator at(line.begin(), line.end(), name), end; at != end; ++at) {
            const std::string test = (*at)[1];
            CAPTURE(test);
            CHECK(tests.find("TEST_CASE(\"" + test + "\"") != std::string::npos);
            ++named;
        }
    }
    CHECK(named > 10);
}

}  // namespace migrate::test
