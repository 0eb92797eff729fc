#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/json_rows.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Retries of dead letters into JSON that are killed: a row is in its table or a dead letter, never both,
/// never neither. Rows are read by a plain parser.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_rows =
    "CREATE TABLE v (id INTEGER PRIMARY KEY, n TEXT, must TEXT NOT NULL);"
    "INSERT INTO v VALUES (1, '1', '1'), (2, 'x', '2'), (3, '3', 'x'), (4, 'x', '4'), (5, 'x', '5');"
    "CREATE TABLE w (id INTEGER PRIMARY KEY, v INTEGER REFERENCES v (id));"
    "INSERT INTO w VALUES (1, 1), (2, 2), (3, 3)";

/// What others see, and how many letters a command finds then.
struct State {
    std::size_t v = 0;
    std::size_t w = 0;
    std::size_t letters = 0;
    std::size_t values = 0;  ///< Of column n.
    bool operator==(const State&) const = default;
};

std::ostream& operator<<(std::ostream& out, const State& state) {
    return out << state.v << " and " << state.w << " rows, " << state.letters << " letters, " << state.values
               << " values";
}

/// A migration beside a table that was there, whose letters were exported and mended.
struct Left {
    TemporaryDirectory directory;
    std::string shown;
    std::string endpoint;
    std::string staging;
    std::string file = directory.path("letters.ndjson");
    std::string id;
    std::map<std::string, std::string> before;  ///< All that was at the target.

    explicit Left(bool is_file, const std::string& on_reject = "dead-letter")
        : shown(directory.path(is_file ? "to.json" : "to")),
          endpoint("json:" + shown + (is_file ? "" : "/")) {
        SqliteDatabase(directory.path("old.db"))
            .exec(
                "CREATE TABLE old (id INTEGER PRIMARY KEY); INSERT INTO "
                "old VALUES (1)");
        require_success(run({"migrate", "--from", directory.path("old.db"), "--to", endpoint, "--execute"}));
        before = target_tree();
        SqliteDatabase(directory.path("from.db")).exec(k_rows);
        const CommandResult made = run({"migrate", "--from", directory.path("from.db"), "--to", endpoint,
                                        "--execute", "--type", "v.n=int64", "--type", "v.must=int64",
                                        "--on-reject", on_reject, "--on-orphan", "dead-letter", "--json"});
        INFO(made.out << made.err);
        REQUIRE(made.exit_code == 5);
        id = json_of(made.out)["id"].GetString();
        staging = shown + ".migrate-" + id;
        require_success(run({"dead-letters", "export", id, "--output", file}));
        std::string text = content_of(file);
        for (std::size_t at = 0; (at = text.find("\"x\"", at)) != std::string::npos;) {
            text.replace(at, 3, "\"9\"");
        }
        std::ofstream(file) << text;
    }

    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments,
                                    const std::string& kill_at = {}) const {
        CommandOptions options;
        options.environment["MIGRATE_KILL_AT"] = kill_at;
        return Command(cli(arguments), isolated(options, directory.path("home"))).wait();
    }
    [[nodiscard]] CommandResult retry(const std::string& kill_at = {}) const {
        return run({"dead-letters", "retry", id, "--from-file", file, "--execute"}, kill_at);
    }
    [[nodiscard]] State state() const {
        const std::vector<std::string> rows = json_rows(shown, "v");
        State state{rows.size(), json_rows(shown, "w").size(), 0, 0};
        state.values = static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const auto& row) {
            return row.find("\"n\":null") == std::string::npos;
        }));
        CHECK(json_account(shown, "v").starts_with(std::to_string(state.v) + " "));
        CHECK(json_account(shown, "w").starts_with(std::to_string(state.w) + " "));
        CHECK(std::set<std::string>(rows.begin(), rows.end()).size() == rows.size());
        const CommandResult list = run({"dead-letters", "list", id, "--json"});
        require_success(list);
        state.letters = json_of(list.out)["count"].GetUint64();
        return state;
    }
    [[nodiscard]] std::map<std::string, std::string> target_tree() const {
        return fs::is_directory(shown) ? file_tree(shown)
                                       : std::map<std::string, std::string>{{"", content_of(shown)}};
    }
    /// What a retry has beside the target while it is under way.
    [[nodiscard]] std::vector<std::string> leftovers() const {
        std::vector<std::string> left;
        for (const auto& [name, content] : file_tree(staging)) {
            if (name.starts_with("retry") || name.starts_with("state/dead_letters-") ||
                name.starts_with("state/migration-")) {
                left.push_back(name);
            }
        }
        return left;
    }
    void require_end(const State& all) const {
        const CommandResult again = retry();
        INFO(again.out << again.err);
        CHECK(again.exit_code == 0);
        CHECK(state() == all);
        CHECK(leftovers().empty());
        require_success(run({"check", endpoint}));
        const CommandResult undone = run({"rollback", id, "--execute"});
        INFO(undone.out << undone.err);
        CHECK(undone.exit_code == 0);
        CHECK(target_tree() == before);
    }
};

constexpr State k_old{1, 1, 6, 1};
constexpr State k_new{5, 3, 0, 5};

/// "v rows/w rows" of one look at the target, as the files and the manifest say it; empty where the look fell
/// between two states of a directory.
std::string look_at_target(const std::string& path) {
    if (!fs::is_directory(path)) {
        const std::string copy = path + ".seen";
        std::ofstream(copy) << content_of(path);
        return std::to_string(json_rows(copy, "v").size()) + "/" +
               std::to_string(json_rows(copy, "w").size()) + " " + json_account(copy, "v") + " " +
               json_account(copy, "w");
    }
    const int opened = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::string through = "/proc/self/fd/" + std::to_string(opened);
    std::string seen;
    try {
        seen = std::to_string(json_rows(through, "v").size()) + "/" +
               std::to_string(json_rows(through, "w").size()) + " " + json_account(through, "v") + " " +
               json_account(through, "w");
    } catch (const std::exception&) {
        seen = "";
    }
    struct stat a {};
    struct stat b {};
    const bool is_same = ::fstat(opened, &a) == 0 && ::stat(path.c_str(), &b) == 0 && a.st_ino == b.st_ino;
    ::close(opened);
    return is_same ? seen : "";
}

}  // namespace

TEST_CASE("json letters: killed anywhere, no row is lost or doubled, and the next retry ends it",
          "[fault][reject][json]") {
    const bool is_file = GENERATE(false, true);
    const std::string point = GENERATE(as<std::string>(), "retry-begun", "retry-row:1", "retry-row:3",
                                       "retry-commit", "retry-prepared", "retry-shown", "retry-settle:1",
                                       "retry-settle:2", "retry-settle:3", "retry-committed");
    CAPTURE(is_file, point);
    const Left left(is_file);
    REQUIRE(left.state() == k_old);
    REQUIRE(left.retry(point).signal == SIGKILL);
    const bool is_new =
        point == "retry-shown" || point.starts_with("retry-settle") || point == "retry-committed";
    // Before anybody takes the lock and tidies up.
    CHECK(left.state() == (is_new ? k_new : k_old));
    left.require_end(k_new);
}

TEST_CASE("json letters: killed and undone, killed and made final, nothing of the retry stays",
          "[fault][reject][json]") {
    const bool is_file = GENERATE(false, true);
    const std::string point = GENERATE(as<std::string>(), "retry-prepared", "retry-shown", "retry-settle:2");
    CAPTURE(is_file, point);
    const Left left(is_file);
    REQUIRE(left.retry(point).signal == SIGKILL);
    SECTION("rollback") {
        require_success(left.run({"rollback", left.id, "--execute"}));
        CHECK(left.target_tree() == left.before);
        CHECK(left.leftovers().empty());
    }
    SECTION("finalize") {
        require_success(left.run({"finalize", left.id}));
        const std::vector<std::string> rows = json_rows(left.shown, "v");
        CHECK(rows.size() == (point == "retry-prepared" ? 1 : 5));
        CHECK(fs::exists(left.staging) == (point == "retry-prepared"));
        if (point == "retry-prepared") {
            CHECK(left.leftovers().empty());
            CHECK(left.state() == k_old);
            CHECK(left.retry().exit_code == 0);
            CHECK(left.state() == k_new);
        }
    }
}

TEST_CASE("json letters: values of rows that were kept are killed and filled likewise",
          "[fault][reject][json]") {
    const bool is_file = GENERATE(false, true);
    const std::string point = GENERATE(as<std::string>(), "retry-row:2", "retry-prepared", "retry-shown");
    CAPTURE(is_file, point);
    const Left left(is_file, "null-value");
    // Row 3 of v cannot be kept, and the one of w that refers to it neither.
    const State before{4, 2, 5, 1};
    REQUIRE(left.state() == before);
    REQUIRE(left.retry(point).signal == SIGKILL);
    CHECK(left.state() == (point == "retry-shown" ? k_new : before));
    left.require_end(k_new);
}

TEST_CASE("json letters: killed between the two renames of a file system without the exchange",
          "[fault][reject][json]") {
    const bool is_file = GENERATE(false, true);
    const bool has_name = GENERATE(false, true);
    CAPTURE(is_file, has_name);
    const Left left(is_file);
    REQUIRE(left.retry("retry-prepared").signal == SIGKILL);
    fs::rename(left.shown, left.staging + "/retry.old");
    if (has_name) {
        fs::rename(left.staging + "/retry", left.shown);
    }
    // Whoever takes the lock next goes on.
    left.require_end(k_new);
}

TEST_CASE("json letters: readers see the old state or the new, never half", "[fault][reject][json]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    std::set<std::string> seen;
    std::atomic<bool> is_over = false;
    std::jthread reader([&] {
        while (!is_over) {
            seen.insert(look_at_target(left.shown));
        }
    });
    const CommandResult killed = left.retry("retry-prepared");
    const CommandResult done = left.retry();
    is_over = true;
    reader.join();
    CHECK(killed.signal == SIGKILL);
    CHECK(done.exit_code == 0);
    seen.erase("");
    seen.insert(look_at_target(left.shown));
    REQUIRE(seen.size() == 2);
    CHECK(seen.begin()->starts_with("1/1 1 "));
    CHECK(seen.rbegin()->starts_with("5/3 5 "));
}

}  // namespace migrate::test
