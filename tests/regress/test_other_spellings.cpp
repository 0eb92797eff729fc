#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// An application that writes into a SQLite database which came from PostgreSQL spells values its own way.
/// The way back failed, and named nothing.
namespace migrate::test {

namespace {

/// A table of PostgreSQL with one value that went to SQLite, was written anew there, and goes back.
struct Rewritten {
    std::unique_ptr<PgDatabase> back = make_pg_database();
    CommandResult result;

    Rewritten(const std::string& type, const std::string& first, const std::string& written,
              const std::vector<std::string>& more = {}) {
        const auto from = make_pg_database();
        from->connect().exec("CREATE TABLE t (id int PRIMARY KEY, plain text, v " + type +
                             "); INSERT INTO t VALUES (1, 'a', '" + first + "')");
        const TemporaryDirectory directory;
        const std::string file = directory.path("between.db");
        const CommandResult there =
            run_cli({"migrate", "--from", "pg:" + from->conninfo(), "--to", "sqlite:" + file, "--execute"});
        INFO(there.out << there.err);
        REQUIRE(there.exit_code == 0);
        SqliteDatabase(file).exec("UPDATE t SET v = '" + written + "'");
        std::vector<std::string> arguments{
            "migrate", "--from", "sqlite:" + file, "--to", "pg:" + back->conninfo(), "--execute"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        result = run_cli(arguments);
    }
};

}  // namespace

TEST_CASE("regress: JSON that an application wrote goes back into a jsonb", "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const Rewritten plain("jsonb", R"({"a": 1})", R"({"bb":1,"a":[1,2]})");
    INFO(plain.result.out << plain.result.err);
    CHECK(plain.result.exit_code == 0);
    CHECK(plain.back->connect().value("SELECT v FROM t") == R"({"a": [1, 2], "bb": 1})");

    const Rewritten doubled("jsonb", R"({"a": 1})", R"({"a":1,"a":2})");
    INFO(doubled.result.out << doubled.result.err);
    CHECK(doubled.result.exit_code != 0);
    CHECK_THAT(doubled.result.out + doubled.result.err, Catch::Contains("two members of one name"));
}

TEST_CASE("regress: a column whose values PostgreSQL would spell otherwise is named, with the way on",
          "[regress][postgresql][sqlite]") {
    if (!pg_test_conninfo()) {
        return;
    }
    struct Row {
        const char* type;
        const char* first;
        const char* written;
    };
    for (const Row& row : {Row{"inet", "10.0.0.1", "10.0.0.1/32"}, Row{"int4range", "[1,3)", "[1,2]"}}) {
        INFO(row.type);
        const Rewritten named(row.type, row.first, row.written);
        INFO(named.result.out << named.result.err);
        CHECK(named.result.exit_code == 4);
        CHECK_THAT(named.result.out + named.result.err, Catch::Contains("table public.t"));
        CHECK_THAT(named.result.out + named.result.err, Catch::Contains(std::string("v (") + row.type + ")"));
        CHECK_THAT(named.result.out + named.result.err, !Catch::Contains("plain ("));
        CHECK_THAT(named.result.out + named.result.err, Catch::Contains("--type"));

        const Rewritten as_text(row.type, row.first, row.written, {"--type", "t.v=text"});
        INFO(as_text.result.out << as_text.result.err);
        CHECK(as_text.result.exit_code == 0);
        CHECK(as_text.back->connect().value("SELECT v FROM t") == row.written);
    }
}

}  // namespace migrate::test
