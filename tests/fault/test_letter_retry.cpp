#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "support/sqlite.hpp"

/// Retries of dead letters that are killed: a row is in its table or a dead letter, never both, never
/// neither.
namespace migrate::test {
namespace {

constexpr const char* k_rows =
    "CREATE TABLE v (id INTEGER PRIMARY KEY, n TEXT, must TEXT NOT NULL); INSERT INTO v VALUES (1, '1', "
    "'1'), "
    "(2, 'x', '2'), (3, '3', 'x'), (4, 'x', '4'), (5, 'x', '5')";

/// A target with one row of five, and an exported file in which the others are mended.
struct Left {
    TemporaryDirectory directory;
    KillTarget target;
    std::string id;
    std::string file = directory.path("letters.ndjson");

    explicit Left(const std::string& engine, const std::string& on_reject = "dead-letter")
        : target(engine, false) {
        const std::string source = directory.path("source.db");
        SqliteDatabase(source).exec(k_rows);
        const CommandResult run =
            target.run({"migrate", "--from", source, "--to", target.endpoint(), "--execute", "--type",
                        "v.n=int64", "--type", "v.must=int64", "--on-reject", on_reject});
        INFO(run.out << run.err);
        REQUIRE(run.exit_code == 5);
        id = run.out.substr(run.out.find("\nMigration ") + 11, 12);
        REQUIRE(target.run({"dead-letters", "export", id, "--output", file}).exit_code == 0);
        std::ifstream in(file);
        std::string text((std::istreambuf_iterator<char>(in)), {});
        for (std::size_t at = 0; (at = text.find("\"x\"", at)) != std::string::npos;) {
            text.replace(at, 3, "\"9\"");
        }
        std::ofstream(file) << text;
    }

    [[nodiscard]] CommandResult retry(const std::string& kill_at = {}) const {
        return target.run({"dead-letters", "retry", id, "--from-file", file, "--execute"}, kill_at);
    }
    [[nodiscard]] std::string rows() const { return target.value("SELECT count(*) FROM v"); }
    [[nodiscard]] std::string letters(const std::string& engine) const {
        return target.value(std::string("SELECT count(*) FROM ") +
                            (engine == "sqlite" ? "_migrate_dead_letter" : "_migrate.dead_letter"));
    }
};

}  // namespace

TEST_CASE("letter retry: killed anywhere, no row is lost or doubled, and the next retry ends it",
          "[fault][reject]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql");
    const std::string point = GENERATE(as<std::string>(), "retry-begun", "retry-row:1", "retry-row:3",
                                       "retry-commit", "retry-committed");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine, point);
    const Left left(engine);
    REQUIRE(left.rows() == "1");
    REQUIRE(left.letters(engine) == "4");

    REQUIRE(left.retry(point).signal == SIGKILL);

    const bool done = point == "retry-committed";
    CHECK(left.rows() == (done ? "5" : "1"));
    CHECK(left.letters(engine) == (done ? "0" : "4"));
    const CommandResult again = left.retry();
    INFO(again.out << again.err);
    CHECK(again.exit_code == 0);
    CHECK(left.rows() == "5");
    CHECK(left.letters(engine) == "0");
    const CommandResult undone = left.target.run({"rollback", left.id, "--execute"});
    INFO(undone.out << undone.err);
    CHECK(undone.exit_code == 0);
}

TEST_CASE("letter retry: values of rows that were kept are killed and filled likewise", "[fault][reject]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql");
    const std::string point = GENERATE(as<std::string>(), "retry-row:2", "retry-committed");
    if (engine == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(engine, point);
    const Left left(engine, "null-value");
    REQUIRE(left.rows() == "4");
    REQUIRE(left.retry(point).signal == SIGKILL);
    CHECK(left.target.value("SELECT count(n) FROM v") == (point == "retry-committed" ? "5" : "1"));
    CHECK(left.retry().exit_code == 0);
    CHECK(left.target.value("SELECT count(n) FROM v") == "5");
    CHECK(left.letters(engine) == "0");
}

}  // namespace migrate::test
