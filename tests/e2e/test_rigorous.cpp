#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Level rigorous: what is believed at standard is looked at once more.
namespace migrate::test {
namespace {

const char* const k_shop =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born DATE); CREATE TABLE sale "
    "(customer INTEGER NOT NULL REFERENCES customer (id), line INTEGER NOT NULL, amount DECIMAL(8,2) CHECK "
    "(amount > 0), PRIMARY KEY (customer, line)); CREATE INDEX sale_amount ON sale (amount); WITH RECURSIVE "
    "i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 400) INSERT INTO customer SELECT i, "
    "'secret-name-' || i, '2001-02-03' FROM i; INSERT INTO sale SELECT id, n, id + n * 0.25 FROM customer, "
    "(SELECT 1 AS n UNION ALL SELECT 2)";

/// Endpoints that a run can have, each new.
struct Place {
    TemporaryDirectory directory;
    std::unique_ptr<PgDatabase> database;
    std::string endpoint;

    explicit Place(const std::string& engine) {
        if (engine == "postgresql") {
            database = make_pg_database();
            endpoint = database ? "pg:" + database->conninfo() : "";
        } else {
            endpoint = directory.path(engine == "json" ? "out/" : "out.db");
        }
    }
};

CommandResult migrate(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
    std::vector<std::string> all{"migrate", "--from", from, "--to", to, "--execute", "--level", "rigorous"};
    all.insert(all.end(), more.begin(), more.end());
    return run_cli(all);
}

}  // namespace

TEST_CASE("rigorous: every pair of engines is verified, and the same queries are timed on both sides",
          "[cli][rigorous]") {
    const std::string first = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const std::string second = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    CAPTURE(first, second);
    const TemporaryDirectory directory;
    const std::string file = directory.path("shop.db");
    SqliteDatabase(file).exec(k_shop);
    const Place one(first);
    const Place two(second);
    if (one.endpoint.empty() || two.endpoint.empty()) {
        return;
    }
    require_success(migrate(file, one.endpoint));
    const CommandResult run = migrate(one.endpoint, two.endpoint, {"--json"});
    INFO(run.out << run.err);
    // What SQLite's check says, JSON keeps and PostgreSQL does not take: it is named.
    CHECK(run.exit_code == (first == "json" && second == "postgresql" ? 5 : 0));
    const auto result = json_of(run.out);
    CHECK(std::string(result["verification"]["level"].GetString()) == "rigorous");
    CHECK(result["verification"]["equal"].GetBool());
    const auto timings = result["verification"]["query_timings"].GetArray();
    // Where both sides find rows: by key, by a range of a key of one column, and counted, of two tables.
    CHECK(timings.Size() == (first == "json" || second == "json" ? 2U : 5U));
    for (const auto& timing : timings) {
        CHECK(timing["target_us"].GetUint64() < 60'000'000);
        CHECK(timing["queries"].GetUint64() > 0);
    }
    CHECK(run.out.find("secret-name") == std::string::npos);
    const CommandResult verified =
        run_cli({"verify", "--from", one.endpoint, "--to", two.endpoint, "--level", "rigorous"});
    require_success(verified);
    CHECK(verified.out.find("The same queries on both sides") != std::string::npos);
}

TEST_CASE("rigorous: rules that rows of the target break are differences, unless the source's do as well",
          "[cli][rigorous]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("shop.db");
    const std::string to = directory.path("out.db");
    SqliteDatabase(from).exec(k_shop);
    require_success(migrate(from, to));
    // The value that the rows have stays what it was: only the rule is broken.
    SqliteDatabase(to).exec("PRAGMA foreign_keys = OFF; DELETE FROM customer WHERE id = 400");
    const auto verify = [&](const std::string& level) {
        return run_cli({"verify", "--from", from, "--to", to, "--level", level});
    };
    CommandResult result = verify("rigorous");
    INFO(result.out << result.err);
    CHECK(result.exit_code == 4);
    CHECK(result.out.find("table sale") != std::string::npos);
    CHECK(result.out.find("breaks it") + result.out.find("break it") > 0);
    CHECK(count_of(result.out, "secret-name") == 0);
    CHECK(result.out.find("--show-values lists them") != std::string::npos);
    const CommandResult shown =
        run_cli({"verify", "--from", from, "--to", to, "--level", "rigorous", "--show-values"});
    CHECK(shown.out.find("[id=400] only in the source") != std::string::npos);

    SqliteDatabase(from).exec("PRAGMA foreign_keys = OFF; DELETE FROM customer WHERE id = 400");
    result = verify("rigorous");
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
}

TEST_CASE("rigorous: what is at the source already, and what is told, is no difference",
          "[cli][rigorous][postgresql]") {
    const Place from("postgresql");
    if (from.endpoint.empty()) {
        return;
    }
    // A sequence that nobody has moved on, as where rows came with their numbers.
    from.database->connect().exec(
        "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t VALUES (1, "
        "'a'), (2, 'b')");
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "json");
    CAPTURE(engine);
    const Place there(engine);
    const Place back("postgresql");
    require_success(migrate(from.endpoint, there.endpoint));
    require_success(migrate(there.endpoint, back.endpoint));
    CHECK(back.database->connect().value("SELECT last_value || is_called::text FROM t_id_seq") == "1false");
    require_success(
        run_cli({"verify", "--from", there.endpoint, "--to", back.endpoint, "--level", "rigorous"}));
    // A primary key that SQLite lets be NULL: told, and a unique key in PostgreSQL.
    const TemporaryDirectory directory;
    const std::string file = directory.path("null.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE n (k TEXT PRIMARY KEY, v TEXT); INSERT INTO n VALUES (NULL, 'a'), "
        "('x', 'b')");
    const Place to("postgresql");
    const CommandResult run = migrate(file, to.endpoint);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 5);
    CHECK(to.database->connect().value("SELECT count(*) FROM n") == "2");
}

TEST_CASE("rigorous: rows in which a run differs are listed by key where that is asked for",
          "[cli][rigorous][postgresql]") {
    const Place one("postgresql");
    const Place back("postgresql");
    if (one.endpoint.empty() || back.endpoint.empty()) {
        return;
    }
    one.database->connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY, v inet, w text); INSERT INTO t VALUES (1, '10.0.0.1', 'a'), "
        "(77, "
        "'10.0.0.2', 'b')");
    const TemporaryDirectory directory;
    const std::string file = directory.path("t.db");
    require_success(migrate(one.endpoint, file));
    // The same address in a spelling that PostgreSQL does not give back.
    SqliteDatabase(file).exec("UPDATE t SET v = '10.0.0.2/32' WHERE id = 77");
    const bool show = GENERATE(true, false);
    const CommandResult run =
        show ? migrate(file, back.endpoint, {"--show-values"}) : migrate(file, back.endpoint);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 4);
    CHECK(run.out.find("1 row differs") != std::string::npos);
    CHECK((run.out.find("[id=77] v: 10.0.0.2/32 | 10.0.0.2") != std::string::npos) == show);
    CHECK((run.out + run.err).find("10.0.0.2") ==
          (show ? (run.out + run.err).find("10.0.0.2") : std::string::npos));
    CHECK(back.database->connect().value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") ==
          "0");
}

}  // namespace migrate::test
