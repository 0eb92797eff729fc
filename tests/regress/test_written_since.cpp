#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// An application writes into a SQLite database that came from PostgreSQL: 7.5 where 7.50 was, or what is
/// none of the column's type any more. The way back ended in an error of the server's, after a dry run that
/// saw nothing, or made the column another type in a note.
namespace migrate::test {

namespace {

class WrittenSince {
  public:
    explicit WrittenSince(const std::string& sql) {
        const auto from = make_pg_database();
        from->connect().exec(
            "CREATE TABLE p (id int PRIMARY KEY, price numeric(10,2), qty int, at timestamptz, whole "
            "timestamp(0), code varchar(5), fixed char(4), tag uuid, total numeric(12,2) GENERATED ALWAYS AS "
            "(price * qty) "
            "STORED, CONSTRAINT positive CHECK (price > 0)); CREATE INDEX dear ON p ((price * 2)); INSERT "
            "INTO "
            "p VALUES (1, 10.10, 2, '2026-01-01 10:00:00Z', '2026-01-01 10:00:00', 'abc', 'ab', "
            "'0f0e0d0c-0b0a-4908-8706-050403020100')");
        const CommandResult there =
            run_cli({"migrate", "--from", "pg:" + from->conninfo(), "--to", file(), "--execute"});
        INFO(there.out << there.err);
        REQUIRE(there.exit_code == 5);
        SqliteDatabase(m_directory.path("between.db")).exec(sql);
    }

    [[nodiscard]] std::string file() const { return "sqlite:" + m_directory.path("between.db"); }
    [[nodiscard]] std::string path(const std::string& name) const { return m_directory.path(name); }

    void go_back(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"migrate", "--from", file(), "--to", "pg:" + m_back->conninfo()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        dry = run_cli(arguments);
        arguments.emplace_back("--execute");
        result = run_cli(arguments);
    }

    [[nodiscard]] std::string value(const std::string& sql) const { return m_back->connect().value(sql); }
    [[nodiscard]] std::string type_of(const std::string& column) const {
        return value(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
            "'p'::regclass AND attname = '" +
            column + "'");
    }

    CommandResult dry;
    CommandResult result;

  private:
    TemporaryDirectory m_directory;
    std::unique_ptr<PgDatabase> m_back = make_pg_database();
};

}  // namespace

TEST_CASE("regress: a number that an application wrote its own way is a number of its column",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written("INSERT INTO p (id, price, qty) VALUES (2, 7.5, 2), (3, 4, 1)");
    written.go_back();
    INFO(written.dry.out << written.dry.err << written.result.out << written.result.err);
    CHECK(written.dry.exit_code == 0);
    CHECK(written.result.exit_code == 0);
    CHECK(written.type_of("price") == "numeric(10,2)");
    CHECK(written.value("SELECT string_agg(price || ' ' || total, ',' ORDER BY id) FROM p") ==
          "10.10 20.20,7.50 15.00,4.00 4.00");
    CHECK_THAT(written.dry.out, Catch::Contains("column price: 2 of 3 values are not spelled as"));
}

TEST_CASE("regress: numbers that have outgrown their digits stay numbers, and the plan says so",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written("INSERT INTO p (id, price, qty) VALUES (2, 7.555, 2)");
    written.go_back();
    INFO(written.dry.out << written.dry.err << written.result.out << written.result.err);
    CHECK(written.dry.exit_code == 0);
    CHECK(written.result.exit_code == 0);
    CHECK(written.type_of("price") == "numeric");
    CHECK(written.value("SELECT price || ' ' || total FROM p WHERE id = 2") == "7.555 15.11");
    const std::string risks = written.dry.out.substr(written.dry.out.find("Risks:"));
    CHECK_THAT(risks, Catch::Contains("column price: was recorded as decimal(10,2)"));
    CHECK_THAT(risks, Catch::Contains("1 of its 2 values are none of that type"));
    CHECK_THAT(risks, Catch::Contains("--type p.price=decimal(10,2)"));
}

TEST_CASE("regress: what is about a column that holds other values by now is left out by name",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written("PRAGMA ignore_check_constraints = ON; UPDATE p SET price = 'unknown'");
    written.go_back();
    INFO(written.dry.out << written.dry.err << written.result.out << written.result.err);
    CHECK(written.dry.exit_code == 5);
    CHECK(written.result.exit_code == 5);
    CHECK(written.type_of("price") == "text");
    CHECK(written.value("SELECT price || ' ' || total FROM p") == "unknown 20.20");
    for (const char* left_out :
         {"column total: It was computed from price", "check positive", "index dear on"}) {
        CHECK_THAT(written.dry.out, Catch::Contains(left_out));
    }

    WrittenSince rejected("PRAGMA ignore_check_constraints = ON; UPDATE p SET price = 'unknown'");
    rejected.go_back({"--type", "p.price=decimal(10,2)", "--on-reject", "dead-letter"});
    INFO(rejected.result.out << rejected.result.err);
    CHECK(rejected.result.exit_code == 5);
    CHECK(rejected.type_of("price") == "numeric(10,2)");
    CHECK(rejected.value("SELECT count(*) FROM p") == "0");
}

TEST_CASE("regress: moments, UUIDs and longer texts that an application wrote go back by their values",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written(
        "INSERT INTO p (id, at, whole, code, tag) VALUES (2, '2026-01-01T12:00:00+02:00', '2026-01-01 "
        "10:00:00.5', 'longer', '0F0E0D0C-0B0A-4908-8706-050403020100')");
    SqliteDatabase(written.path("between.db")).exec("INSERT INTO p (id, fixed) VALUES (3, 'abc')");
    written.go_back();
    INFO(written.dry.out << written.dry.err << written.result.out << written.result.err);
    CHECK(written.dry.exit_code == 0);
    CHECK(written.result.exit_code == 0);
    CHECK(written.type_of("fixed") == "character(4)");
    CHECK(written.type_of("at") == "timestamp with time zone");
    CHECK(written.type_of("whole") == "timestamp without time zone");
    CHECK(written.type_of("code") == "text");
    CHECK(written.type_of("tag") == "uuid");
    CHECK(written.value("SELECT concat(count(DISTINCT at), count(DISTINCT tag)) FROM p") == "11");
    CHECK(written.value("SELECT whole || code FROM p WHERE id = 2") == "2026-01-01 10:00:00.5longer");
    for (const char* column :
         {"column whole: was recorded as timestamp(0)", "column code: was recorded as text(5)"}) {
        CHECK_THAT(written.dry.out, Catch::Contains(column));
    }
}

TEST_CASE("regress: what is too long for a recorded char(n) makes it text, and the plan says so",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written("UPDATE p SET fixed = 'longer'");
    written.go_back();
    INFO(written.dry.out << written.dry.err << written.result.out << written.result.err);
    CHECK(written.dry.exit_code == 0);
    CHECK(written.result.exit_code == 0);
    CHECK(written.type_of("fixed") == "text");
    CHECK_THAT(written.dry.out, Catch::Contains("column fixed: was recorded as char(4)"));
}

TEST_CASE("regress: a blob in a column that was text makes it another type, and the plan says so",
          "[regress][postgresql][types]") {
    if (!make_pg_database()) {
        return;
    }
    const std::string another = "INSERT INTO p (id, price, qty, code) VALUES (2, '1.00', 1, 'def');";
    WrittenSince mixed(another + " UPDATE p SET code = x'00ff' WHERE id = 1");
    mixed.go_back();
    INFO(mixed.dry.out << mixed.dry.err);
    CHECK_THAT(mixed.dry.out,
               Catch::Contains("table p, column code: was recorded as text(5) when it was written here, "
                               "but 1 of its 2 values are none of that type now; it is read as variant"));

    WrittenSince blobs("UPDATE p SET code = x'616263'");
    blobs.go_back();
    INFO(blobs.dry.out << blobs.dry.err);
    CHECK_THAT(blobs.dry.out,
               Catch::Contains("but 1 of its 1 value is none of that type now; it is read as bytes"));
}

TEST_CASE("regress: keys that are equal by value are found by the dry run, however they are spelled",
          "[regress][postgresql][keys]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (!from || !to) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE k (id int PRIMARY KEY, n numeric UNIQUE, u uuid UNIQUE, at timestamptz UNIQUE, x int, "
        "gap "
        "interval, UNIQUE (x, gap)); INSERT INTO k VALUES (1, 1.5, '0f0e0d0c-0b0a-4908-8706-050403020100', "
        "'2026-01-01 10:00:00Z', 1, '1 day')");
    const TemporaryDirectory directory;
    const std::string file = "sqlite:" + directory.path("between.db");
    REQUIRE(run_cli({"migrate", "--from", "pg:" + from->conninfo(), "--to", file, "--execute"}).exit_code ==
            0);
    SqliteDatabase(directory.path("between.db"))
        .exec("INSERT INTO k SELECT 2, '1.50', upper(u), '2026-01-01 11:00:00+01:00', 1, 'PT24H' FROM k");

    const std::vector<std::string> back{"migrate", "--from", file, "--to", "pg:" + to->conninfo()};
    const CommandResult dry = run_cli(back);
    INFO(dry.out << dry.err);
    CHECK(dry.exit_code == 3);
    for (const char* key : {"(n)", "(u)", "(at)", "(x, gap)"}) {
        CHECK_THAT(dry.out, Catch::Contains("table k, unique key " + std::string(key) +
                                            ": 1 row repeats the key of another by value, spelled otherwise: "
                                            "rowid 2 that of 1"));
    }
    // Behind the first line, which has a time that may look like anything.
    CHECK_THAT(dry.out.substr(dry.out.find('\n')) + dry.err, !Catch::Contains("1.5"));
    // SQLite tells them apart.
    CHECK(run_cli({"migrate", "--from", file, "--to", "sqlite:" + directory.path("copy.db"), "--execute"})
              .exit_code == 0);
    // A column of text does as well.
    CHECK_THAT(run_cli({"migrate", "--from", file, "--to", "pg:" + to->conninfo(), "--type", "k.n=text"}).out,
               !Catch::Contains("unique key (n)"));
}

TEST_CASE("regress: a copy in the same engine keeps what an application wrote to the last character",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    WrittenSince written(
        "INSERT INTO p (id, price, tag) VALUES (2, 7.5, '0F0E0D0C-0B0A-4908-8706-050403020100')");
    const CommandResult copied = run_cli(
        {"migrate", "--from", written.file(), "--to", "sqlite:" + written.path("copy.db"), "--execute"});
    INFO(copied.out << copied.err);
    CHECK(copied.exit_code == 0);
    const CommandResult verified =
        run_cli({"verify", "--from", written.file(), "--to", "sqlite:" + written.path("copy.db")});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 0);
    CHECK(SqliteDatabase(written.path("copy.db")).value("SELECT price || ' ' || tag FROM p WHERE id = 2") ==
          "7.5 0F0E0D0C-0B0A-4908-8706-050403020100");
}

}  // namespace migrate::test
