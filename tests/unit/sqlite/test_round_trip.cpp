#include <filesystem>

#include <catch2/catch.hpp>

#include "support/shared_data.hpp"
#include "unit/sqlite/fixture.hpp"

using namespace migrate;
using namespace migrate::test;

TEST_CASE("sqlite: a database of every kind of table arrives value for value", "[sqlite][round-trip]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    const std::string to = directory.path("to.db");
    make_database(from, R"(
        PRAGMA user_version=42; PRAGMA application_id=7;
        CREATE TABLE plain(id INTEGER PRIMARY KEY, name VARCHAR(20) COLLATE NOCASE, score REAL, data BLOB);
        INSERT INTO plain VALUES (1, 'a', 1.5, x'00ff'), (2, '', -0.25, x''), (5, NULL, NULL, NULL);
        CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, at DATETIME, ok BOOLEAN, price DECIMAL(10,2));
        INSERT INTO counted VALUES (10, '2024-02-29 12:34:56', 1, 9.99), (11, '1999-12-31 23:59:59', 0, 5);
        DELETE FROM counted WHERE id=11;
        CREATE TABLE pairs(a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO pairs VALUES ('x', 1), ('x', 2), ('y', 1);
        CREATE TABLE exact(a INT, b TEXT, c ANY) STRICT;
        INSERT INTO exact VALUES (1, 'one', 1), (2, 'two', 'two'), (3, 'three', 3.5), (4, 'four', x'04');
        CREATE TABLE made(w INT, h INT, area INT GENERATED ALWAYS AS (w * h) STORED, twice AS (w * 2));
        INSERT INTO made VALUES (2, 3), (4, 5);
        CREATE TABLE mixed(v, n NUMERIC);
        INSERT INTO mixed VALUES (1, 1), ('one', 'x'), (1.0, 2.5), (x'01', NULL), (NULL, 3);
        CREATE TABLE "odd ""name"""("select" INT, "a b" TEXT, [c] TEXT CHECK ([c] <> 'no'), UNIQUE("a b"));
        INSERT INTO "odd ""name""" VALUES (1, 'q', 'yes');
        CREATE TABLE child(id INTEGER PRIMARY KEY, parent INT REFERENCES plain(id) ON DELETE CASCADE);
        INSERT INTO child VALUES (1, 1), (2, NULL);
        CREATE TABLE bare(x);
        CREATE INDEX child_parent ON child(parent);
        CREATE UNIQUE INDEX plain_name ON plain(lower(name)) WHERE name IS NOT NULL;
        CREATE VIEW names AS SELECT name FROM plain;
        CREATE TRIGGER noisy AFTER INSERT ON plain BEGIN DELETE FROM child; END;
    )");

    SECTION("to a new file") {
        copy_database(from, to);
        REQUIRE(all_rows(to) == all_rows(from));
        REQUIRE(all_definitions(to) == all_definitions(from));
        PlainDatabase target(to);
        CHECK(target.value("PRAGMA user_version") == "42");
        CHECK(target.value("PRAGMA application_id") == "7");
        CHECK(target.value("SELECT seq FROM sqlite_sequence WHERE name='counted'") == "11");
        CHECK(target.value("SELECT state FROM _migrate_migration") == "done");
        CHECK(target.value("SELECT record FROM _migrate_provenance") == "{\"from\":\"test\"}");
        CHECK(target.value("PRAGMA integrity_check") == "ok");
        CHECK(target.value("SELECT count(*) FROM sqlite_schema WHERE type IN ('view','trigger')") == "0");
    }

    SECTION("with its code") {
        backend::AdoptOptions options;
        options.with_code = true;
        copy_database(from, to, options);
        REQUIRE(all_rows(to) == all_rows(from));
        CHECK(PlainDatabase(to).value("SELECT group_concat(name) FROM sqlite_schema WHERE type IN "
                                      "('view','trigger')") == "names,noisy");
    }

    SECTION("into a file that has other tables, whose inode stays") {
        make_database(to, "CREATE TABLE other(x); INSERT INTO other VALUES (1), ('two');");
        PlainDatabase host(to);
        CHECK(host.value("SELECT count(*) FROM other") == "2");
        copy_database(from, to);
        CHECK(host.value("SELECT count(*) FROM plain") == "3");
        CHECK(host.value("SELECT count(*) FROM other") == "2");
        host.run("DROP TABLE other");
        REQUIRE(all_rows(to) == all_rows(from));
        REQUIRE(all_definitions(to) == all_definitions(from));
        CHECK(host.value("SELECT seq FROM sqlite_sequence WHERE name='counted'") == "11");
    }
    CHECK(std::filesystem::exists(directory.path(".to.db.migrate-0123456789abcdef")) == false);
    CHECK(std::filesystem::exists(to + "-journal") == false);
}

TEST_CASE("sqlite: every real database arrives value for value", "[sqlite][round-trip][real]") {
    const auto data = shared_data("sqlite");
    if (!data) {
        return;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*data)) {
        const std::string name = entry.path().string();
        if (!entry.is_regular_file() || name.ends_with("-wal") || name.ends_with("-shm") ||
            name.ends_with(".md") || name.ends_with("LICENSE")) {
            continue;
        }
        DYNAMIC_SECTION(name) {
            const TemporaryDirectory directory;
            const std::string from = directory.path("from.db");
            std::filesystem::copy_file(name, from);
            if (std::filesystem::exists(name + "-wal")) {
                std::filesystem::copy_file(name + "-wal", from + "-wal");
            }
            const std::string before = hash_by_child(from);
            const std::string wal_before = hash_by_child(from + "-wal");
            const auto copied = copy_database(from, directory.path("to.db"));
            CHECK(hash_by_child(from) == before);
            CHECK(hash_by_child(from + "-wal") == wal_before);
            CHECK(all_rows(directory.path("to.db")) == all_rows(from));
            CHECK(PlainDatabase(directory.path("to.db")).value("PRAGMA integrity_check") == "ok");
        }
    }
}
