#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

/// What random PostgreSQL databases found on their way to SQLite and back.
namespace migrate::test {

namespace {

/// The database that comes back of one made by `sql`.
struct ThroughSqlite {
    std::unique_ptr<PgDatabase> back = make_pg_database();
    CommandResult result;

    explicit ThroughSqlite(const std::string& sql) {
        const auto from = make_pg_database();
        from->connect().exec(sql);
        const TemporaryDirectory directory;
        const std::string file = "sqlite:" + directory.path("between.db");
        const CommandResult there =
            run_cli({"migrate", "--from", "pg:" + from->conninfo(), "--to", file, "--execute"});
        INFO(there.out << there.err);
        REQUIRE(there.signal == 0);
        result = run_cli({"migrate", "--from", file, "--to", "pg:" + back->conninfo(), "--execute"});
    }
};

}  // namespace

TEST_CASE("regress: an identity that counts down keeps its next value, with rows and without",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::string table =
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 3 INCREMENT -5 MINVALUE -1000 MAXVALUE 3 "
        "CYCLE) PRIMARY KEY, v text);"
        "INSERT INTO t (v) VALUES ('a'), ('b');";
    const ThroughSqlite rows(table);
    CHECK(rows.back->connect().value("SELECT nextval(pg_get_serial_sequence('t', 'id'))") == "-7");
    const ThroughSqlite negative(table + "DELETE FROM t WHERE id = 3;");
    CHECK(negative.back->connect().value("SELECT nextval(pg_get_serial_sequence('t', 'id'))") == "-7");
    const ThroughSqlite empty(table + "DELETE FROM t;");
    CHECK(empty.back->connect().value("SELECT nextval(pg_get_serial_sequence('t', 'id'))") == "-7");
}

TEST_CASE("regress: what PostgreSQL prints in another way once it has read it back is not a difference",
          "[regress][postgresql][verify]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const auto from = make_pg_database();
    from->connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(9) CHECK (v IN ('a', 'b, c')) DEFAULT 'a',"
        "g boolean GENERATED ALWAYS AS (v IN ('a', 'c')) STORED);"
        "CREATE INDEX k ON t (id) WHERE v IN ('a', 'it''s'); INSERT INTO t VALUES (1, 'a');");
    const auto to = make_pg_database();
    const std::string a = "pg:" + from->conninfo();
    const std::string b = "pg:" + to->conninfo();
    REQUIRE(run_cli({"migrate", "--from", a, "--to", b, "--execute"}).exit_code == 0);
    const CommandResult same = run_cli({"verify", "--from", a, "--to", b});
    INFO(same.out << same.err);
    CHECK(same.exit_code == 0);
    to->connect().exec("DROP INDEX k; CREATE INDEX k ON t (id) WHERE v IN ('a', 'its')");
    const CommandResult other = run_cli({"verify", "--from", a, "--to", b});
    INFO(other.out << other.err);
    CHECK(other.exit_code == 4);
    CHECK_THAT(other.out, Catch::Contains("index k"));
}

TEST_CASE("regress: a column that a generated one uses stays text for the reason that there is",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const ThroughSqlite trip(
        "CREATE TABLE t (a regproc, none boolean GENERATED ALWAYS AS (a IS NULL) STORED, b regproc);"
        "INSERT INTO t (a, b) VALUES ('now', 'now');");
    INFO(trip.result.out << trip.result.err);
    CHECK(trip.result.exit_code == 5);
    CHECK_THAT(trip.result.out, Catch::Contains("column a: It stays text: a generated column uses it"));
    CHECK(trip.back->connect().value("SELECT b::text || pg_typeof(b) FROM t") == "nowregproc");
}

TEST_CASE("regress: a foreign key that SQLite cannot say comes back from its record",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const ThroughSqlite trip(
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 2);"
        "CREATE TABLE c (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p ON DELETE SET "
        "NULL "
        "(b)); INSERT INTO c VALUES (1, 1, 2), (2, 3, NULL)");
    INFO(trip.result.out << trip.result.err);
    CHECK(trip.result.exit_code == 0);
    CHECK(trip.back->connect().value(
              "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'c_a_b_fkey'") ==
          "FOREIGN KEY (a, b) REFERENCES p(a, b) ON DELETE SET NULL (b)");
}

}  // namespace migrate::test
