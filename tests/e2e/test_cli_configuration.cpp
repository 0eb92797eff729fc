#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

namespace fs = std::filesystem;

CommandResult run_in(const TemporaryDirectory& directory, const std::vector<std::string>& arguments,
                     std::map<std::string, std::string> environment = {}) {
    CommandOptions options;
    options.directory = directory.path();
    options.environment = std::move(environment);
    return run_cli(arguments, options);
}

/// The line of `config show` about an option, blanks squeezed: "level basic MIGRATE_LEVEL".
std::string shown(const CommandResult& result, const std::string& option) {
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string out;
        std::string first;
        words >> first;
        out = first;
        for (std::string word; words >> word;) {
            out += " " + word;
        }
        if (first == option) {
            return out;
        }
    }
    return "no line about " + option;
}

}  // namespace

TEST_CASE("config: the command line wins over the environment, that over the file", "[cli][config]") {
    const TemporaryDirectory directory;
    directory.write("migrate.yaml", "defaults:\n  level: basic\n  names: lower\n  workers: 3\n");

    const CommandResult file = run_in(directory, {"config", "show"});
    const CommandResult environment = run_in(directory, {"config", "show"},
                                             {{"MIGRATE_LEVEL", "standard"}, {"MIGRATE_LOG_LEVEL", "debug"}});
    const CommandResult line =
        run_in(directory, {"config", "show", "--log-level", "error"}, {{"MIGRATE_LOG_LEVEL", "debug"}});

    require_success(file);
    CHECK(shown(file, "level") == "level basic migrate.yaml, line 2");
    CHECK(shown(file, "names") == "names lower migrate.yaml, line 3");
    CHECK(shown(file, "bad-text") == "bad-text stop default");
    CHECK(shown(environment, "level") == "level standard MIGRATE_LEVEL");
    CHECK(shown(environment, "log-level") == "log-level debug MIGRATE_LOG_LEVEL");
    CHECK(shown(line, "log-level") == "log-level error command line");
}

TEST_CASE("config: the working directory's file comes before the XDG directory's", "[cli][config]") {
    const TemporaryDirectory directory;
    const TemporaryDirectory xdg;
    xdg.write("migrate/migrate.yaml", "defaults: {level: basic}\n");

    const CommandResult from_xdg = run_in(directory, {"config", "show"}, {{"XDG_CONFIG_HOME", xdg.path()}});
    directory.write("migrate.yaml", "defaults:\n");
    const CommandResult from_here = run_in(directory, {"config", "show"}, {{"XDG_CONFIG_HOME", xdg.path()}});

    CHECK(shown(from_xdg, "level").starts_with("level basic " + xdg.path()));
    CHECK(shown(from_here, "level") == "level standard default");
}

TEST_CASE("config: what is wrong in the file is named with its line", "[cli][config]") {
    struct Case {
        std::string text;
        int line;
        std::string says;
    };
    const std::vector<Case> cases{
        {"defaults:\n  levle: basic\n", 2, "did you mean level?"},
        {"endpoint:\n  app: a.db\n", 1, "did you mean endpoints?"},
        {"endpoints:\n  app:\n    uri: a.db\n    pasword_env: X\n", 4, "did you mean password_env?"},
        {"endpoints:\n  app:\n    password_env: X\n", 3, "no uri"},
        {"endpoints:\n  app:\n    uri: a\n    password_env: X\n    password_file: Y\n", 3,
         "more than one password"},
        {"defaults:\n  level: thorough\n", 2, "thorough"},
        {"defaults:\n  workers: many\n", 2, "whole number"},
        {"defaults:\n  execute: true\n", 2, "unknown key"},
        {"defaults:\n  level: basic\n  level: standard\n", 3, "twice"},
        {"defaults:\n  level: [basic\n", 3, "migrate.yaml"},
        {"- level\n", 1, "mapping"},
    };
    for (const Case& one : cases) {
        const TemporaryDirectory directory;
        directory.write("migrate.yaml", one.text);

        const CommandResult result = run_in(directory, {"config", "show"});

        INFO(one.text << result.err);
        CHECK(result.exit_code == 2);
        CHECK(result.err.find("migrate.yaml, line " + std::to_string(one.line)) != std::string::npos);
        CHECK(result.err.find(one.says) != std::string::npos);
    }
}

TEST_CASE("config: a file that is asked for and missing is an error", "[cli][config]") {
    require_one_error(run_cli({"config", "show", "--config", "/nonexistent/migrate.yaml"}), 2);
}

TEST_CASE("config: show masks secrets", "[cli][config][security]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("migrate.yaml",
                                             "endpoints:\n"
                                             "  one:\n"
                                             "    uri: postgresql://u@h/d\n"
                                             "    password: canary1\n"
                                             "  two: postgresql://u:canary2@h/d\n"
                                             "  three: pg:host=h password='canary 3' dbname=d\n");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);

    for (const auto& arguments :
         {std::vector<std::string>{"config", "show"}, std::vector<std::string>{"config", "show", "--json"}}) {
        const CommandResult result = run_in(directory, arguments);

        require_success(result);
        CHECK(result.out.find("canary") == std::string::npos);
        CHECK(count_of(result.out, "****") == 3);
    }
}

TEST_CASE("config: a password in a file that others can read is refused", "[cli][config][security]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write(
        "migrate.yaml", "endpoints:\n  db:\n    uri: postgresql://u@h/d\n    password: canary\n");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);

    const CommandResult result = run_in(directory, {"config", "show"});

    require_one_error(result, 2);
    CHECK(result.err.find("chmod 600") != std::string::npos);
    CHECK(result.err.find("canary") == std::string::npos);
}

TEST_CASE("config: set-default edits one line and keeps the rest", "[cli][config]") {
    const TemporaryDirectory directory;
    directory.write(
        "migrate.yaml",
        "# ours\nendpoints:\n  app: a.db\ndefaults:\n  # speed\n  workers: 2 # few\n  names: lower\n");

    require_success(run_in(directory, {"config", "set-default", "workers", "5"}));
    require_success(run_in(directory, {"config", "set-default", "level", "basic"}));
    require_success(run_in(directory, {"config", "set-default", "app"}));

    CHECK(directory.read("migrate.yaml") ==
          "# ours\nendpoints:\n  app: a.db\ndefaults:\n  endpoint: app\n  level: basic\n"
          "  # speed\n  workers: 5 # few\n  names: lower\n");
}

TEST_CASE("config: set-default makes a file where there is none, and refuses bad values", "[cli][config]") {
    const TemporaryDirectory directory;

    CHECK(run_in(directory, {"config", "set-default", "workers", "x"}).exit_code == 2);
    CHECK(run_in(directory, {"config", "set-default", "wrokers", "5"}).exit_code == 2);
    CHECK(file_tree(directory.path()).empty());
    require_success(run_in(directory, {"config", "set-default", "workers", "5"}));

    CHECK(directory.read("migrate.yaml") == "defaults:\n  workers: 5\n");
}

TEST_CASE("config: the generated file is read back without a complaint", "[cli][config]") {
    const TemporaryDirectory directory;

    const CommandResult generated = run_in(directory, {"config", "generate"});
    require_success(generated);
    directory.write("migrate.yaml", generated.out);
    // Every line that is commented out is a real setting.
    std::string active = generated.out;
    for (std::size_t at = active.find("\n  # "); at != std::string::npos; at = active.find("\n  # ")) {
        active.replace(at, 5, "\n  ");
    }
    active = active.substr(active.find("defaults:"));
    for (std::size_t at = active.find(": ..."); at != std::string::npos; at = active.find(": ...")) {
        const std::size_t start = active.rfind('\n', at);
        active.erase(start, active.find('\n', at) - start);
    }
    const TemporaryDirectory other;
    other.write("migrate.yaml", active);

    require_success(run_in(directory, {"config", "show"}));
    require_success(run_in(other, {"config", "show"}));
}

}  // namespace migrate::test
