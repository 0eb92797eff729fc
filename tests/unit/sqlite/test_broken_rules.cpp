#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/broken_rules.hpp"
#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

const char* const k_tables =
    "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, n INT, code TEXT, UNIQUE (code));"
    "CREATE TABLE child (a INT, b INT, parent INT REFERENCES parent (id), amount REAL CHECK (amount > 0), "
    "PRIMARY KEY (a, b)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX live ON parent (n) WHERE code LIKE 'x%';"
    "INSERT INTO parent VALUES (1, 7, 'x1'), (2, 7, 'y2'), (3, NULL, NULL), (4, NULL, NULL);"
    "INSERT INTO child VALUES (1, 1, 1, 1.5), (1, 2, NULL, NULL);";

}  // namespace

TEST_CASE("sqlite: rows that keep the rules of their schema break none", "[sqlite][rules]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("a.db");
    make_database(path, k_tables);
    CHECK(broken_in(backends::sqlite::backend(), sqlite_endpoint(path)).empty());
}

TEST_CASE("sqlite: rules that rows break are counted on the rows, whatever the engine believes",
          "[sqlite][rules]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("a.db");
    make_database(path, k_tables);
    // What was declared after the rows were there, a check that was off, a key that another program wrote.
    make_database(
        path,
        "PRAGMA ignore_check_constraints = ON; INSERT INTO child VALUES (2, 1, 1, -1), (2, 2, 99, 1);"
        "DROP INDEX live; CREATE INDEX live ON parent (n) WHERE code LIKE 'x%'; INSERT INTO parent VALUES "
        "(5, 7, 'x5'), (6, 8, 'x6'), (7, 8, 'x7');"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'n INT', 'n INT NOT NULL') WHERE name = 'parent';"
        "UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX') WHERE name = "
        "'live';");
    CHECK(broken_in(backends::sqlite::backend(), sqlite_endpoint(path)) ==
          std::vector<std::string>{"table child, check : 1", "table child, foreign keys: 1",
                                   "table parent, column n: 2", "table parent, unique index live (n): 2"});
}
