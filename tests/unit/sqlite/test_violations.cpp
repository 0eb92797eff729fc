#include <catch2/catch.hpp>

#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

/// "code: object: message" of each.
std::vector<std::string> violations(const std::string& sql) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, sql);
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    std::vector<std::string> out;
    for (const Finding& finding : source->read_schema({}).findings) {
        if (!finding.code.ends_with("-at-source")) {
            continue;
        }
        CHECK(finding.severity == Severity::left_out);
        out.push_back(finding.code + ": " + finding.object + ": " + finding.message);
    }
    return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("sqlite: rows that break foreign keys are counted before anything is written",
          "[sqlite][preflight]") {
    const char* const sql =
        "CREATE TABLE p(a INT, b TEXT, PRIMARY KEY(a, b));"
        "CREATE TABLE c(id TEXT PRIMARY KEY, x INT, y TEXT, up TEXT REFERENCES c, "
        "FOREIGN KEY(x, y) REFERENCES p(a, b));"
        "INSERT INTO p VALUES (1, 'a');"
        "INSERT INTO c VALUES ('k1', 1, 'a', NULL), ('k2', 1, 'b', 'k1'), ('k3', NULL, 'b', 'none'), "
        "('k''4', 2, 'a', 'k''4');";
    CHECK(violations(sql) == Lines{"orphans-at-source: table c, foreign key (up): 1 row points to rows of c "
                                   "that are not there: rowid 3",
                                   "orphans-at-source: table c, foreign key (x, y): 2 rows point to rows of "
                                   "p that are not there: rowid 2, 4"});
}

TEST_CASE("sqlite: keys that only match in another case are orphans for another engine",
          "[sqlite][preflight]") {
    const char* const sql =
        "CREATE TABLE p(a TEXT COLLATE NOCASE PRIMARY KEY);"
        "CREATE TABLE c(x TEXT REFERENCES p(a));"
        "INSERT INTO p VALUES ('Abc'); INSERT INTO c VALUES ('abc'), ('Abc');";
    CHECK(violations(sql) == Lines{"orphans-at-source: table c, foreign key (x): 1 row points to rows of p "
                                   "that are not there, or only "
                                   "in other letters' case or with other blanks: rowid 1"});
}

TEST_CASE("sqlite: NULLs in primary keys and violated checks are counted", "[sqlite][preflight]") {
    const char* const sql =
        "CREATE TABLE t(a TEXT, b INT, n INT CHECK (n > 0), PRIMARY KEY(a, b));"
        "INSERT INTO t VALUES (NULL, 1, 1), ('x', NULL, NULL), ('x', 2, 2);"
        "PRAGMA ignore_check_constraints=1; INSERT INTO t VALUES ('y', 3, -1);"
        "CREATE TABLE w(a TEXT PRIMARY KEY, b INT) WITHOUT ROWID; CREATE TABLE r(id INTEGER PRIMARY KEY);"
        "INSERT INTO r VALUES (NULL);";
    CHECK(violations(sql) ==
          Lines{"null-keys-at-source: table t, primary key (a, b): 2 rows have NULL in the primary key, "
                "which SQLite "
                "allows: rowid 1, 2",
                "check-violations-at-source: table t, check of t: 1 row violates the check: rowid 4"});
}
