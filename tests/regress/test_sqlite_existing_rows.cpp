#include <catch2/catch.hpp>

#include "regress/sqlite_load.hpp"

/// What a review found of rows that go into SQLite tables: keys that were made up, rows that were dropped or
/// deleted in silence.
namespace {

using namespace migrate;
using test::SqliteDatabase;
using test::SqliteLoad;

MappingText word(const std::string& text) {
    MappingText word;
    word.text = text;
    return word;
}

MappedValue maps(const std::string& from, const std::string& to) {
    MappedValue value;
    value.from = {MappingValue::Kind::text, from, {}};
    value.to = {MappingValue::Kind::text, to, {}};
    return value;
}

}  // namespace

TEST_CASE("regress: NULL for a rowid is refused by row, not made a number", "[regress][sqlite][null]") {
    SqliteLoad load("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (NULL, 'y')",
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    load.options.level = GENERATE(VerificationLevel::basic, VerificationLevel::standard);
    SECTION("stop names it") {
        const auto result = load.run();
        CHECK(result.exit_code() != 0);
        CHECK(result.failure.find("column a") != std::string::npos);
        CHECK(load.rows("SELECT * FROM t").empty());
    }
    SECTION("a dead letter") {
        load.options.on_reject = GENERATE(RejectHandling::dead_letter, RejectHandling::null_value);
        const auto result = load.run();
        CHECK(result.exit_code() != 0);
        CHECK(load.rows("SELECT * FROM t") == "1|x");
        CHECK(load.rows("SELECT count(*), min(column_name) FROM _migrate_dead_letter") == "1|a");
    }
}

TEST_CASE("regress: NULL for a rowid is refused in a new table as well", "[regress][sqlite][null][mapping]") {
    SqliteLoad load("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (NULL, 'y')", "");
    load.options.level = VerificationLevel::basic;
    TableMapping table;
    table.from = word("t");
    table.key = {word("a")};
    load.options.mapping.tables.push_back(table);
    const auto result = load.run();
    CHECK(result.exit_code() != 0);
    CHECK(result.failure.find("column a") != std::string::npos);
    CHECK(!std::filesystem::exists(load.target()));
}

TEST_CASE("regress: side files of a database that is gone are not taken for a new one's",
          "[regress][sqlite][safety]") {
    const char* const suffix = GENERATE("-wal", "-journal", "-shm");
    SqliteLoad load("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)", "");
    std::ofstream(load.target() + suffix) << "of another";
    CHECK_THROWS_WITH(load.run(), Catch::Contains(std::string("to.db") + suffix));
    CHECK(!std::filesystem::exists(load.target()));
    CHECK(std::filesystem::exists(load.target() + suffix));
}

TEST_CASE("regress: side files that come while a migration waits stop the cutover",
          "[regress][sqlite][safety]") {
    SqliteLoad load("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)", "");
    const std::string id = load.stage();
    std::ofstream(load.target() + "-wal") << "of another";
    CHECK(load.cut_over(id) == ErrorCode::refused);
    CHECK(!std::filesystem::exists(load.target()));
    std::filesystem::remove(load.target() + "-wal");
    CHECK(load.cut_over(id) == std::nullopt);
    CHECK(load.rows("SELECT * FROM t") == "1");
}

TEST_CASE("regress: a target that goes before the cutover is not made of what was staged for it",
          "[regress][sqlite][safety]") {
    SqliteLoad load("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x')");
    const std::string id = load.stage();
    std::filesystem::rename(load.target(), load.target() + ".aside");
    CHECK(load.cut_over(id) == ErrorCode::not_found);
    CHECK(!std::filesystem::exists(load.target()));
    std::filesystem::rename(load.target() + ".aside", load.target());
    CHECK(load.cut_over(id) == std::nullopt);
    CHECK(load.rows("SELECT * FROM t") == "1|x");
}

TEST_CASE("regress: a table's own conflict clauses drop or replace no row of a load",
          "[regress][sqlite][existing]") {
    const std::string clause = GENERATE("REPLACE", "IGNORE", "FAIL", "ROLLBACK", "ABORT");
    SqliteLoad load(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT, n TEXT); INSERT INTO t VALUES (1, 'b', "
        "'new'), (3, 'c', 'new')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT " + clause + ", u TEXT UNIQUE ON CONFLICT " +
            clause + ", n TEXT); INSERT INTO t VALUES (1, 'a', 'a'), (2, 'b', 'b')");
    load.options.newest_column = "n";
    const std::string before = load.rows("SELECT * FROM t ORDER BY id");
    const auto policy = GENERATE(ConflictHandling::stop, ConflictHandling::skip, ConflictHandling::overwrite,
                                 ConflictHandling::keep_newest);
    INFO(clause << " " << to_string(policy));
    // The staged row meets one row by its key and another by its unique value.
    const auto result = load.run(policy);
    INFO(result.failure);
    if (policy == ConflictHandling::skip) {
        CHECK(result.exit_code() == 0);
        CHECK(load.rows("SELECT * FROM t ORDER BY id") == before + ";3|c|new");
        CHECK(load.comes_back(result.id, "SELECT * FROM t ORDER BY id", before));
    } else {
        CHECK(result.error == ErrorCode::constraint);
        CHECK(load.rows("SELECT * FROM t ORDER BY id") == before);
    }
}

TEST_CASE("regress: a new row that repeats a unique value is not dropped for the table's clause",
          "[regress][sqlite][existing]") {
    const std::string clause = GENERATE("REPLACE", "IGNORE");
    SqliteLoad load(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT, n TEXT); INSERT INTO t VALUES (3, 'b', NULL)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE ON CONFLICT " + clause +
            ", n TEXT); INSERT INTO t VALUES (2, 'b', 'old')");
    const auto policy = GENERATE(ConflictHandling::stop, ConflictHandling::overwrite);
    const auto result = load.run(policy);
    CHECK(result.error == ErrorCode::constraint);
    CHECK(load.rows("SELECT * FROM t") == "2|b|old");
}

TEST_CASE("regress: a new table's conflict clauses do not drop rows that are loaded into it",
          "[regress][sqlite]") {
    // A mapping can make values that repeat.
    const std::string clause = GENERATE("REPLACE", "IGNORE");
    SqliteLoad load("CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE ON CONFLICT " + clause +
                        "); INSERT INTO t VALUES (1, 'a'), (2, 'b')",
                    "");
    load.options.level = VerificationLevel::basic;
    TableMapping table;
    table.from = word("t");
    ColumnMapping column;
    column.column = word("u");
    column.values = {maps("b", "a")};
    column.otherwise = UnmappedValue::keep;
    table.columns.push_back(column);
    load.options.mapping.tables.push_back(table);
    const auto result = load.run();
    INFO(result.failure);
    CHECK(result.exit_code() != 0);
    CHECK(result.failure.find("UNIQUE constraint failed") != std::string::npos);
    CHECK(!std::filesystem::exists(load.target()));
}

TEST_CASE("regress: skipping is for keys that are there; what a CHECK or NOT NULL refuses is an error",
          "[regress][sqlite][existing]") {
    const char* const rows = GENERATE("(2, -1, 'x')", "(2, 1, NULL)");
    SqliteLoad load(
        std::string("CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER, n TEXT); INSERT INTO t VALUES (1, 5, "
                    "'x'), ") +
            rows,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER CHECK (c > 0), n TEXT CHECK (n IS NOT NULL)); "
        "INSERT INTO t VALUES (1, 1, 'old')");
    const auto result = load.run(ConflictHandling::skip);
    CHECK(result.error == ErrorCode::constraint);
    CHECK(load.rows("SELECT * FROM t") == "1|1|old");
}

TEST_CASE("regress: keys meet as the target compares them", "[regress][sqlite][existing][collation]") {
    const char* const key = GENERATE("k TEXT COLLATE NOCASE PRIMARY KEY, n INTEGER",
                                     "k TEXT, n INTEGER, PRIMARY KEY (k COLLATE NOCASE)",
                                     "k TEXT COLLATE NOCASE NOT NULL UNIQUE, n INTEGER");
    SECTION("two that the target takes for one are named") {
        SqliteLoad load("CREATE TABLE t (k TEXT, n INTEGER); INSERT INTO t VALUES ('a', 5), ('A', -1)",
                        std::string("CREATE TABLE t (") + key + "); INSERT INTO t VALUES ('a', 1)");
        load.options.newest_column = "n";
        const auto policy = GENERATE(ConflictHandling::overwrite, ConflictHandling::keep_newest);
        const auto result = load.run(policy);
        INFO(result.failure);
        CHECK(result.error == ErrorCode::constraint);
        CHECK(load.rows("SELECT * FROM t") == "a|1");
    }
    SECTION("one takes the place of the other, and goes back") {
        SqliteLoad load("CREATE TABLE t (k TEXT, n INTEGER); INSERT INTO t VALUES ('A', 5), ('b', 6)",
                        std::string("CREATE TABLE t (") + key + "); INSERT INTO t VALUES ('a', 1)");
        const auto result = load.run(ConflictHandling::overwrite);
        INFO(result.failure);
        CHECK(result.exit_code() == 0);
        CHECK(load.rows("SELECT * FROM t ORDER BY n") == "A|5;b|6");
        CHECK(load.comes_back(result.id, "SELECT * FROM t", "a|1"));
    }
}

TEST_CASE("regress: rows that exchange their unique values are overwritten and come back",
          "[regress][sqlite][existing]") {
    const char* const key =
        GENERATE("id INTEGER PRIMARY KEY", "id TEXT PRIMARY KEY", "rowid TEXT, id INTEGER NOT NULL UNIQUE");
    const bool keyed = std::string(key).find("PRIMARY") != std::string::npos && GENERATE(false, true);
    SqliteLoad load(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT); INSERT INTO t VALUES (1, 'b'), (2, 'a'), "
        "(3, 'c')",
        std::string("CREATE TABLE t (") + key + ", u TEXT UNIQUE, mine TEXT DEFAULT 'd')" +
            (keyed ? " WITHOUT ROWID" : "") +
            "; INSERT INTO t (id, u, mine) VALUES (2, 'b', 'two'), (1, 'a', 'one')");
    // Only rows without a primary key are put back under other rowids.
    const bool named = !keyed && std::string(key).find("PRIMARY") != std::string::npos;
    const std::string query =
        "SELECT id, u, mine" + std::string(named ? ", _rowid_" : "") + " FROM t ORDER BY id";
    const std::string before = load.rows(query);
    const auto result = load.run(ConflictHandling::overwrite);
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT id, u, mine FROM t ORDER BY id") == "1|b|one;2|a|two;3|c|d");
    CHECK(load.comes_back(result.id, query, before));
}

TEST_CASE("regress: rows with NULL in their key are loaded and come out again",
          "[regress][sqlite][existing][null]") {
    const char* const key = GENERATE("k TEXT PRIMARY KEY", "k TEXT, PRIMARY KEY (k, n)");
    const bool composite = std::string(key).find(", n)") != std::string::npos;
    SqliteLoad load(
        "CREATE TABLE t (k TEXT, n INTEGER); INSERT INTO t VALUES (NULL, 1), (NULL, 1), ('a', 7), "
        "(NULL, 2)",
        composite ? "CREATE TABLE t (k TEXT, n INTEGER, PRIMARY KEY (k, n)); INSERT INTO t VALUES "
                    "(NULL, 1), ('z', 0)"
                  : "CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (NULL, "
                    "1), ('z', 0)");
    const std::string query = "SELECT rowid, k, n FROM t ORDER BY rowid";
    const std::string before = load.rows(query);
    const auto policy = GENERATE(ConflictHandling::stop, ConflictHandling::overwrite, ConflictHandling::skip);
    const auto result = load.run(policy);
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT k, n FROM t ORDER BY k, n") == "-|1;-|1;-|1;-|2;a|7;z|0");
    CHECK(load.comes_back(result.id, query, before));
}

TEST_CASE("regress: an orphan that a load mends does not make up for one that it brings",
          "[regress][sqlite][existing][orphan]") {
    const char* const rest = GENERATE("", " WITHOUT ROWID");
    SqliteLoad load(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, "
        "p INTEGER); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 99)",
        std::string("CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER "
                    "PRIMARY KEY, p INTEGER REFERENCES parent)") +
            rest + "; INSERT INTO child VALUES (1, 1)");
    const auto result = load.run(ConflictHandling::stop);
    INFO(result.failure);
    CHECK(result.error == ErrorCode::constraint);
    CHECK(load.rows("SELECT count(*) FROM parent") == "0");
    CHECK(load.rows("SELECT * FROM child") == "1|1");
}

TEST_CASE("regress: orphans that were there are no fault of a load or its rollback",
          "[regress][sqlite][existing][orphan]") {
    const char* const rest = GENERATE("", " WITHOUT ROWID");
    SqliteLoad load(
        "CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO child VALUES (2, "
        "NULL), (1, 5)",
        std::string("CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER "
                    "PRIMARY KEY, p INTEGER REFERENCES parent)") +
            rest + "; INSERT INTO parent VALUES (5); INSERT INTO child VALUES (1, 77), (3, 78)");
    const auto result = load.run(ConflictHandling::overwrite);
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT * FROM child ORDER BY id") == "1|5;2|-;3|78");
    // The orphan that the load has mended would be one again, which only what it was before can excuse.
    CHECK(load.roll_back(result.id).exit_code() == 0);
    CHECK(load.rows("SELECT * FROM child ORDER BY id") == "1|77;3|78");
}

TEST_CASE("regress: a column without a type takes values as they are, whatever is in it",
          "[regress][sqlite][existing]") {
    const char* const there = GENERATE("", "; INSERT INTO t VALUES (9, x'00')",
                                       "; INSERT INTO t VALUES (9, 'x')", "; INSERT INTO t VALUES (9, 5)");
    const char* const column = GENERATE("v)", "v ANY) STRICT");
    SqliteLoad load(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'text'), (2, 2), (3, "
        "2.5), (4, x'ff00'), (5, NULL), (6, '007')",
        std::string("CREATE TABLE t (id INTEGER PRIMARY KEY, ") + column + there);
    const std::string before = load.rows("SELECT id, typeof(v), quote(v) FROM t ORDER BY id");
    const auto result = load.run(ConflictHandling::stop);
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT typeof(v), quote(v) FROM t WHERE id < 9 ORDER BY id") ==
          "text|'text';integer|2;real|2.5;blob|X'FF00';null|NULL;text|'007'");
    CHECK(load.comes_back(result.id, "SELECT id, typeof(v), quote(v) FROM t ORDER BY id", before));
}

TEST_CASE("regress: each value of one class goes into a column without a type as it is",
          "[regress][sqlite][existing]") {
    const char* const value = GENERATE("'text'", "7", "2.5", "x'ff'");
    const char* const there = GENERATE("'x'", "x'00'", "5");
    SqliteLoad load(
        std::string("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, ") + value + ")",
        std::string("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (9, ") + there + ")");
    const auto result = load.run(ConflictHandling::stop);
    INFO(value << " beside " << there << ": " << result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT v IS " + std::string(value) + " FROM t WHERE id = 1") == "1");
}

TEST_CASE("regress: tables that are only named like this library's own are read", "[regress][sqlite]") {
    SqliteLoad load(
        "CREATE TABLE _migrate_undo_notes (a INTEGER); CREATE TABLE _migrate_kept_2 (b TEXT); "
        "INSERT INTO _migrate_undo_notes VALUES (1); INSERT INTO _migrate_kept_2 VALUES ('x')",
        "");
    const auto result = load.run();
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT a, b FROM _migrate_undo_notes, _migrate_kept_2") == "1|x");
}

TEST_CASE("regress: this library's own tables are not read as a user's", "[regress][sqlite]") {
    SqliteLoad load("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (2, 'x')");
    REQUIRE(load.run(ConflictHandling::stop).exit_code() == 0);
    CHECK(load.rows("SELECT count(*) FROM sqlite_schema WHERE name GLOB '_migrate_undo_*_new_0'") == "1");
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const auto further = SqliteLoad::file(load.source() + ".next");
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    const auto result = migrator.execute_migration(
        migrator.plan_migration({SqliteLoad::file(load.target())}, {further}, options));
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(result.tables.size() == 1);
}

TEST_CASE("regress: AUTOINCREMENT that has handed out its last number hands out none again",
          "[regress][sqlite][sequence]") {
    const char* const rest = GENERATE("", "; DELETE FROM t");
    SqliteLoad load(
        std::string("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (5), "
                    "(9223372036854775807)") +
            rest,
        "");
    const auto result = load.run();
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT seq FROM sqlite_sequence") == "9223372036854775807");
}

TEST_CASE("regress: a foreign key in the target that does not fit its parent is in nobody's way",
          "[regress][sqlite][existing][orphan]") {
    SqliteLoad load(
        "CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
        "CREATE TABLE parent (id INTEGER); CREATE TABLE child (p REFERENCES parent (id)); INSERT INTO "
        "child VALUES (1); CREATE TABLE t (a INTEGER PRIMARY KEY)");
    const auto result = load.run(ConflictHandling::stop);
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(load.rows("SELECT * FROM t") == "1");
    CHECK(load.comes_back(result.id, "SELECT * FROM t", ""));
}
