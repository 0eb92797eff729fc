#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/compare_databases.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Level forensic: SHA-256 throughout, values by a second route, a signed report.
namespace migrate::test {
namespace {

const char* const k_shop =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born DATE, photo BLOB, weight "
    "REAL, since TIMESTAMP, active BOOLEAN); CREATE TABLE sale (customer INTEGER NOT NULL REFERENCES "
    "customer "
    "(id), line INTEGER NOT NULL, amount DECIMAL(8,2), PRIMARY KEY (customer, line)); WITH RECURSIVE i(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 400) INSERT INTO customer SELECT i, 'secret-name-' || "
    "i || char(10, 9, 92) || 'é', '2001-02-03', CASE WHEN i % 3 THEN randomblob(i % 50) END, i * 0.1, "
    "'2024-02-29 12:34:56', i % 2 FROM i; INSERT INTO sale SELECT id, n, id + n * 0.25 FROM customer, "
    "(SELECT "
    "1 AS n UNION ALL SELECT 2)";

const char* const k_odd_types = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'it''s');
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE TABLE odd (
  id int PRIMARY KEY, b bool, f4 float4, f8 float8, n numeric, n2 numeric(10,2), t text, c char(5), v bytea,
  d date, ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval, u uuid, j json, jb jsonb, a int[],
  at text[], av interval[], ab bytea[], ip inet, m mood, p positive, mo money, r int4range, bi bit(3), x xml,
  o oid, k "char");
INSERT INTO odd (id, f4, f8, n, n2, iv, tstz, ts, d) VALUES
  (1, 'NaN', '-Infinity', 'NaN', -0.10, '-1 years -2 mons +3 days -04:05:06.5', 'infinity', '-infinity',
   'infinity'),
  (2, '-0', '-0', 123456789012345678901234567890.10, 10.10, '178000000 years', '0044-03-15 12:00:00+00 BC',
   '12024-01-01', '0044-03-15 BC'),
  (3, 1.17549435e-38, 5e-324, 1e-400, 0, '-00:00:00.000001', '2024-02-29 12:34:56.000001+05:30',
   '1999-12-31 23:59:59.999999', '99999-01-01');
INSERT INTO odd VALUES
  (4, true, 0.1, 0.1, 1.500, 1, E'tab\tback\\slash\nline\r é \b\f\v', 'ab', '\x00ff5c09', '2024-02-29',
   '24:00:00', '12:34:56.000001+05:30', '2024-02-29 12:34:56', '2024-02-29 12:34:56Z', '1 year 2 mons 3 days',
   '00112233-4455-6677-8899-aabbccddeeff', '{"a" :  [1, "\u00e9"]}', '{"b": 1.50}', '[0:1]={1,NULL}',
   '{"a,b","NULL","q\""}', '{"1 day"}', '{"\\x00"}', '10.0.0.1/8', 'it''s', 7, 1234.5, '[1,5)', '101',
   '<a>x</a>', 4294967295, 'z');
INSERT INTO odd (id, t, c, v, a) VALUES (5, '', '', '', '{}'), (6, '\N', '\.', NULL, NULL)
)sql";

/// An endpoint that a run can have, new.
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

/// A key, and where a report goes.
struct Desk {
    TemporaryDirectory directory;
    std::string key = directory.path("report.key");
    std::string report = directory.path("report.json");

    Desk() { require_success(run_cli({"report", "keygen", key})); }

    [[nodiscard]] std::vector<std::string> options() const {
        return {"--report", report, "--report-key", key};
    }
    [[nodiscard]] CommandResult verify() const {
        return run_cli({"report", "verify", report, "--public-key", key + ".pub"});
    }
};

CommandResult migrate(const std::string& from, const std::string& to,
                      const std::vector<std::string>& more = {}, const CommandOptions& options = {}) {
    std::vector<std::string> all{"migrate", "--from", from, "--to", to, "--execute", "--level", "forensic"};
    all.insert(all.end(), more.begin(), more.end());
    return run_cli(all, options);
}

std::string shop_in(const TemporaryDirectory& directory) {
    std::string file = directory.path("shop.db");
    SqliteDatabase(file).exec(k_shop);
    return file;
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

void check_recorded(const std::string& text) {
    const auto report = json_of(text);
    CHECK(std::string(report["level"].GetString()) == "forensic");
    CHECK(report["equal"].GetBool());
    CHECK(std::string(report["plan_sha256"].GetString()).size() == 64);
    CHECK(std::string(report["audit_head"].GetString()).size() > 64);
    CHECK(report["rules_counted"].Size() > 0);
    REQUIRE(report["tables"].Size() == 2);
    for (const auto& table : report["tables"].GetArray()) {
        const std::string read = table["read"].GetString();
        CHECK(read.starts_with("sha256:"));
        CHECK(read == table["read_back"].GetString());
        CHECK(read == table["read_in_text"].GetString());
        CHECK(read == table["read_back_in_text"].GetString());
        std::uint64_t rows = 0;
        for (const auto& chunk : table["chunks"].GetArray()) {
            rows += chunk["rows"].GetUint64();
            CHECK(std::string(chunk["digest"].GetString()).starts_with("sha256:"));
        }
        CHECK(rows == table["source_rows"].GetUint64());
    }
}

}  // namespace

TEST_CASE("forensic: every pair of engines is verified by both routes, and recorded in a signed report",
          "[cli][forensic]") {
    const std::string first = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const std::string second = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    CAPTURE(first, second);
    const TemporaryDirectory directory;
    const std::string file = shop_in(directory);
    const Place one(first);
    const Place two(second);
    if (one.endpoint.empty() || two.endpoint.empty()) {
        return;
    }
    require_success(migrate(file, one.endpoint));
    const Desk desk;
    std::vector<std::string> more = desk.options();
    more.insert(more.end(), {"--chunk-rows", "100"});
    const CommandResult run = migrate(one.endpoint, two.endpoint, more);
    require_success(run);
    CHECK(mode_of(desk.report) == 0600U);
    const std::string text = desk.directory.read("report.json");
    check_recorded(text);
    CHECK((text + run.out + run.err).find("secret-name") == std::string::npos);
    require_success(desk.verify());
    require_success(run_cli({"verify", "--from", one.endpoint, "--to", two.endpoint, "--level", "forensic"}));
}

TEST_CASE("forensic: what a reader misreads on both sides alike is caught by the second route alone",
          "[cli][forensic]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    CAPTURE(engine);
    const TemporaryDirectory directory;
    const std::string file = directory.path("numbers.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE t (name TEXT, n INTEGER); INSERT INTO t VALUES ('secret-a', 40), ('secret-b', 41), "
        "('secret-c', NULL)");
    const Place from(engine);
    const Place to("sqlite");
    if (from.endpoint.empty()) {
        return;
    }
    require_success(migrate(file, from.endpoint));
    CommandOptions misread;
    misread.environment["MIGRATE_MISREAD"] = "41";
    const auto run_at = [&](const std::string& level, std::vector<std::string> more) {
        std::vector<std::string> all{"migrate",   "--from",    from.endpoint, "--to",
                                     to.endpoint, "--execute", "--level",     level};
        all.insert(all.end(), more.begin(), more.end());
        return run_cli(all, misread);
    };
    const Desk desk;
    std::vector<std::string> more = desk.options();
    more.emplace_back("--show-values");
    const CommandResult run = run_at("forensic", more);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 4);
    CHECK(run.err.find("the source's values, read in text, are not what was loaded") != std::string::npos);
    CHECK(run.out.find("41") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(to.endpoint));
    const std::string report = desk.directory.read("report.json");
    CHECK_FALSE(json_of(report)["equal"].GetBool());
    CHECK(json_of(report)["exit_code"].GetUint64() == 4);
    CHECK(report.find("secret-") == std::string::npos);
    require_success(desk.verify());
    // The same is not seen where values are taken by one route only.
    require_success(run_at("rigorous", {}));
    CHECK(SqliteDatabase(to.endpoint).value("SELECT n FROM t WHERE name = 'secret-b'") == "42");
    const auto verify_at = [&](const std::string& level) {
        return run_cli({"verify", "--from", from.endpoint, "--to", to.endpoint, "--level", level}, misread);
    };
    CHECK(verify_at("rigorous").exit_code == 0);
    const CommandResult verified = verify_at("forensic");
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 4);
    CHECK(verified.out.find("the source's values, read in text") != std::string::npos);
}

TEST_CASE("forensic: one that was killed goes on with its digests, and other digests are not believed",
          "[cli][forensic]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const bool tampered = GENERATE(false, true);
    CAPTURE(engine, tampered);
    const Place to(engine);
    if (to.endpoint.empty() || (tampered && engine != "postgresql")) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string file = shop_in(directory);
    CommandOptions home;
    home.environment["XDG_STATE_HOME"] = directory.path("state");
    CommandOptions killed = home;
    killed.environment["MIGRATE_KILL_AT"] = "chunk-committed:5";
    REQUIRE(migrate(file, to.endpoint, {"--chunk-rows", "100"}, killed).signal == SIGKILL);
    if (tampered) {
        to.database->connect().exec(
            "UPDATE _migrate.checkpoint SET digest = replace(digest, 'sha256:', 'xxh3:')");
    }
    const Desk desk;
    std::vector<std::string> resume{"resume", "--last", "--json"};
    for (const std::string& option : desk.options()) {
        resume.push_back(option);
    }
    const CommandResult run = run_cli(resume, home);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK((run.out.find("the digests in its checkpoints are of another kind") != std::string::npos) ==
          tampered);
    check_recorded(desk.directory.read("report.json"));
    require_success(desk.verify());
    const CompareResult compared =
        compare_databases("sqlite:" + file, (engine == "postgresql" ? "" : engine + ":") + to.endpoint);
    CHECK(compared.rows == 1200);
    CHECK(compared.differences == std::vector<std::string>());
}

TEST_CASE("forensic: a saved plan keeps the level, and its report has the digest of the plan's own bytes",
          "[cli][forensic]") {
    const TemporaryDirectory directory;
    const std::string file = shop_in(directory);
    const std::string plan = directory.path("shop.plan");
    require_success(run_cli({"migrate", "--from", file, "--to", directory.path("out.db"), "--level",
                             "forensic", "--save-plan", plan}));
    const std::string sum = run_tool({"sha256sum", plan}).substr(0, 64);
    const Desk desk;
    std::vector<std::string> all{"migrate", "--plan", plan, "--execute"};
    for (const std::string& option : desk.options()) {
        all.push_back(option);
    }
    require_success(run_cli(all));
    const std::string text = desk.directory.read("report.json");
    check_recorded(text);
    CHECK(json_of(text)["plan_sha256"].GetString() == sum);
}

TEST_CASE("forensic: a report that cannot be signed or written is told before anything is begun",
          "[cli][forensic]") {
    const TemporaryDirectory directory;
    const std::string file = shop_in(directory);
    const std::string to = directory.path("out.db");
    const Desk desk;
    const std::string report = desk.directory.path("new.json");
    require_one_error(migrate(file, to, {"--report", report}), 2);
    require_one_error(migrate(file, to, {"--report", report, "--report-key", directory.path("none")}), 7);
    require_one_error(migrate(file, to, {"--report", desk.key, "--report-key", desk.key}), 2);
    require_one_error(migrate(file, to, {"--report", directory.path("no/r.json"), "--report-key", desk.key}),
                      2);
    std::filesystem::permissions(desk.key, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    require_one_error(migrate(file, to, {"--report", report, "--report-key", desk.key}), 3);
    CHECK_FALSE(std::filesystem::exists(to));
    CHECK_FALSE(std::filesystem::exists(report));
    // At other levels a report may be unsigned, and says so.
    const CommandResult run =
        run_cli({"migrate", "--from", file, "--to", to, "--execute", "--report", report});
    require_success(run);
    CHECK(run.err.find("unsigned") != std::string::npos);
    const CommandResult checked = run_cli({"report", "verify", report, "--public-key", desk.key + ".pub"});
    CHECK(checked.exit_code == 4);
    CHECK(checked.out.find("nobody has signed it") != std::string::npos);
    // What was migrated stays so, but nobody is to think that it was recorded.
    const CommandResult unwritten =
        run_cli({"migrate", "--from", file, "--to", directory.path("again.db"), "--execute", "--json",
                 "--report", directory.path(std::string(300, 'r'))});
    CHECK(unwritten.exit_code == 5);
    CHECK(json_of(unwritten.out)["exit_code"].GetInt() == 5);
    CHECK(unwritten.out.find("report-not-written") != std::string::npos);
    CHECK(std::filesystem::exists(directory.path("again.db")));
    require_one_error(run_cli({"report"}), 2);
    require_one_error(run_cli({"report", "verify", report}), 2);
    require_one_error(run_cli({"report", "keygen"}), 2);
}

TEST_CASE("forensic: types that spell their values in their own way are read alike by both routes",
          "[cli][forensic][postgresql]") {
    const Place from("postgresql");
    if (from.endpoint.empty()) {
        return;
    }
    from.database->connect().exec(k_odd_types);
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    CAPTURE(engine);
    const Place to(engine);
    const Desk desk;
    std::vector<std::string> more = desk.options();
    const CommandResult run = migrate(from.endpoint, to.endpoint, more);
    INFO(run.out << run.err);
    CHECK((run.exit_code == 0 || run.exit_code == 5));
    const auto report = json_of(desk.directory.read("report.json"));
    CHECK(report["equal"].GetBool());
    REQUIRE(report["tables"].Size() == 1);
    CHECK(std::string(report["tables"][0]["read_in_text"].GetString()) ==
          report["tables"][0]["read"].GetString());
    CHECK(std::string(report["tables"][0]["read_back_in_text"].GetString()) ==
          report["tables"][0]["read"].GetString());
    CHECK(report["tables"][0]["target_rows"].GetUint64() == 6);
}

}  // namespace migrate::test
