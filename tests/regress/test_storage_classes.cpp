#include <string>

#include <catch2/catch.hpp>

#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {
namespace {

std::string make(const TemporaryDirectory& directory, const std::string& name, const std::string& type,
                 const std::string& values) {
    const std::string file = directory.path(name);
    SqliteDatabase(file).exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v " + type +
                              "); INSERT INTO t VALUES " + values);
    return file;
}

}  // namespace

TEST_CASE("regress: between SQLite files a value of another storage class is another value", "[verify]") {
    struct Case {
        std::string a;
        std::string b;
        std::string shown_a;
        std::string shown_b;
    };
    const auto one = GENERATE(values<Case>({{"(1, 1), (2, 2)", "(1, '1'), (2, '2')", "1", "'1'"},
                                            {"(1, 1), (2, 2)", "(1, 1), (2, '2')", "2", "'2'"},
                                            {"(1, 1.0)", "(1, 1)", "1.0", "1"},
                                            {"(1, 'it''s')", "(1, x'69742773')", "'it''s'", "x'69742773'"}}));
    const TemporaryDirectory directory;
    const std::string a = make(directory, "a.db", "", one.a);
    const std::string b = make(directory, "b.db", "", one.b);
    CAPTURE(one.a, one.b);

    const CommandResult verified = run_cli({"verify", "--from", a, "--to", b});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 4);
    CHECK_THAT(verified.out, Catch::Contains("values differ"));

    const CommandResult diff = run_cli({"diff", "--from", a, "--to", b});
    INFO(diff.out << diff.err);
    CHECK(diff.exit_code == 4);
    CHECK_THAT(diff.out, Catch::Contains(one.shown_a) && Catch::Contains(one.shown_b));
}

TEST_CASE("regress: between SQLite files that are declared differently the values count, not their classes",
          "[verify]") {
    const TemporaryDirectory directory;
    const std::string numbers = make(directory, "a.db", "INTEGER", "(1, 1), (2, 2)");
    const std::string texts = make(directory, "b.db", "TEXT", "(1, '1'), (2, '2')");
    const CommandResult verified = run_cli({"verify", "--from", numbers, "--to", texts, "--rows-only"});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 0);
}

TEST_CASE("regress: a SQLite file and its copy are equal, whatever classes its values have", "[verify]") {
    const TemporaryDirectory directory;
    const std::string rows = "(1, 1), (2, '1'), (3, 1.0), (4, x'31'), (5, NULL)";
    const std::string a = make(directory, "a.db", "", rows);
    const std::string b = make(directory, "b.db", "", rows);
    const CommandResult verified = run_cli({"verify", "--from", a, "--to", b});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 0);
}

}  // namespace migrate::test
