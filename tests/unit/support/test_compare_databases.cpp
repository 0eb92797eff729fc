#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/compare_databases.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate::test;

namespace {

constexpr const char* k_schema =
    "CREATE TABLE artist(id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE album(id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist(id), price, UNIQUE(artist));"
    "CREATE INDEX album_price ON album(price DESC);"
    "INSERT INTO artist VALUES (1, 'a'), (2, 'b');"
    "INSERT INTO album VALUES (1, 1, 1), (2, 2, 2.5), (3, NULL, x'00'), (4, NULL, NULL);";

/// The differences that a change to one of two equal SQLite files makes.
std::vector<std::string> after(const std::string& change) {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_schema);
    SqliteDatabase(directory.path("b.db")).exec(k_schema + change);
    return compare_databases("sqlite:" + directory.path("a.db"), "sqlite:" + directory.path("b.db"))
        .differences;
}

struct Typed {
    std::string type;
    std::string in_sqlite;
    std::string in_postgresql;
};

/// Whether a value in SQLite counts as the same as one in PostgreSQL under a type.
bool means_same(PgDatabase& database, const Typed& row) {
    const TemporaryDirectory directory;
    SqliteDatabase sqlite(directory.path("t.db"));
    sqlite.exec("CREATE TABLE t(v)");
    sqlite.exec("INSERT INTO t VALUES (" + row.in_sqlite + ")");
    PgConnection server = database.connect();
    server.exec("DROP TABLE IF EXISTS t; CREATE TABLE t(v " + row.type + ")");
    server.exec("INSERT INTO t VALUES (" + row.in_postgresql + ")");
    return compare_databases("sqlite:" + directory.path("t.db"), "pg:" + database.conninfo()).equal();
}

}  // namespace

TEST_CASE("comparer: equal SQLite files have no differences, whatever the order of rows", "[comparer]") {
    CHECK(after("").empty());
    CHECK(after("DELETE FROM artist; INSERT INTO artist VALUES (2, 'b'), (1, 'a');").empty());
}

TEST_CASE("comparer: each change to a SQLite file is told", "[comparer]") {
    const std::vector<std::pair<std::string, std::string>> changes = {
        {"UPDATE album SET price = 1.0 WHERE id = 1;", "album, id 1 1, column price: 1 1 | 2 1"},
        {"UPDATE album SET price = '1' WHERE id = 1;", "album, id 1 1, column price: 1 1 | 3 1"},
        {"UPDATE album SET price = '' WHERE id = 4;", "album, id 1 4, column price: ?NULL | 3 "},
        {"UPDATE album SET price = x'01' WHERE id = 3;", "album, id 1 3, column price: 4 ? | 4 ?"},
        {"INSERT INTO artist VALUES (3, 'c');", "artist, rows: 2 | 3"},
        {"DROP INDEX album_price;",
         "album, indexes: only on the left: index album_price, unique 0, partial 0: price desc collate "
         "BINARY"},
        {"CREATE TABLE other(x);", "table other: only on the right"},
        {"ALTER TABLE artist ADD COLUMN x;", "artist, column x: only on the right"},
        {"PRAGMA user_version = 7;", "user_version: 0 | 7"},
    };
    for (const auto& [change, difference] : changes) {
        CAPTURE(change);
        const auto differences = after(change);
        CAPTURE(differences);
        CHECK(std::find(differences.begin(), differences.end(), difference) != differences.end());
    }
}

TEST_CASE("comparer: equal rows are counted, not merged", "[comparer]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec("CREATE TABLE t(v); INSERT INTO t VALUES (1), (1), (2)");
    SqliteDatabase(directory.path("b.db")).exec("CREATE TABLE t(v); INSERT INTO t VALUES (1), (2), (2)");
    const auto result =
        compare_databases("sqlite:" + directory.path("a.db"), "sqlite:" + directory.path("b.db"));
    CHECK(result.difference_count == 2);
}

TEST_CASE("comparer: a value means the same in SQLite and PostgreSQL, or does not",
          "[comparer][postgresql]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    const std::vector<Typed> same = {
        {"boolean", "1", "true"},
        {"boolean", "'f'", "false"},
        {"bigint", "9223372036854775807", "9223372036854775807"},
        {"numeric(10,2)", "9.9", "9.90"},
        {"numeric", "'10.10'", "10.10"},
        {"double precision", "0.1", "0.1"},
        {"double precision", "3", "3"},
        {"real", "0.1", "0.1"},
        {"text", "''", "''"},
        {"text", "'é '", "'é '"},
        {"bytea", "x'00ff'", "'\\x00ff'"},
        {"date", "'2024-02-29'", "'2024-02-29'"},
        {"timestamp", "'2024-02-29T12:34:56.500000'", "'2024-02-29 12:34:56.5'"},
        {"timestamp", "1709210096", "'2024-02-29 12:34:56'"},
        {"timestamptz", "1709210096500", "'2024-02-29 12:34:56.5+00'"},
        {"timestamptz", "'2024-02-29 18:04:56+05:30'", "'2024-02-29 12:34:56+00'"},
        {"timestamptz", "'infinity'", "'infinity'"},
        {"timestamp", "2451545.0", "'2000-01-01 12:00:00'"},
        {"timestamptz", "'0044-03-15T00:00:00.000000Z BC'", "'0044-03-15 00:00:00+00 BC'"},
        {"time", "'12:34:56.000000'", "'12:34:56'"},
        {"timetz", "'12:34:56.000000+05:30'", "'12:34:56+05:30'"},
        {"interval", "'P1Y2M-3DT4H'", "'1 year 2 months -3 days 4 hours'"},
        {"uuid", "x'00112233445566778899aabbccddeeff'", "'00112233-4455-6677-8899-aabbccddeeff'"},
        {"jsonb", "'{\"a\":[1,2.50]}'", "'{\"a\": [1, 2.50]}'"},
        {"json", "'hello'", "'\"hello\"'"},
        {"json", "'4\"2'", "'\"4\\\"2\"'"},
        {"json", "42", "'42'"},
        {"json", "2.0", "'2.0'"},
        {"json", "x'00ff'", "'{\"$blob\":\"AP8=\"}'"},
        {"int[]", "'[1,null]'", "'{1,NULL}'"},
        {"text[]", "'[\"a b\",\"\"]'", "'{\"a b\",\"\"}'"},
        {"boolean[]", "'[true]'", "'{t}'"},
        {"int[]", "'{\"lower\":[0],\"values\":[1,2]}'", "'[0:1]={1,2}'"},
        {"inet", "'10.0.0.0/8'", "'10.0.0.0/8'"},
        {"int", "NULL", "NULL"},
    };
    for (const Typed& row : same) {
        CAPTURE(row.type, row.in_sqlite, row.in_postgresql);
        CHECK(means_same(*database, row));
    }
    const std::vector<Typed> different = {
        {"boolean", "1", "false"},
        {"bigint", "9223372036854775806", "9223372036854775807"},
        {"numeric", "'10.1'", "10.10"},
        {"numeric", "9.9", "9.91"},
        {"double precision", "0.1", "0.1000000000000001"},
        {"text", "''", "NULL"},
        {"text", "'a'", "'a '"},
        {"bytea", "x'00'", "'\\x'"},
        {"timestamp", "'2024-02-29T12:34:56.500001'", "'2024-02-29 12:34:56.5'"},
        {"timestamptz", "'2024-02-29 12:34:56+05:30'", "'2024-02-29 12:34:56+00'"},
        {"interval", "'P1D'", "'24 hours'"},
        {"jsonb", "'{\"a\":[1,2.5]}'", "'{\"a\": [1, 2.50]}'"},
        {"json", "'hello'", "'\"Hello\"'"},
        {"json", "42", "'\"42\"'"},
        {"json", "2.0", "'2'"},
        {"int[]", "'[1,2]'", "'{1,NULL}'"},
        {"int[]", "'[1,2]'", "'[0:1]={1,2}'"},
        {"text[]", "'[null]'", "'{\"NULL\"}'"},
        {"int", "0", "NULL"},
    };
    for (const Typed& row : different) {
        CAPTURE(row.type, row.in_sqlite, row.in_postgresql);
        CHECK_FALSE(means_same(*database, row));
    }
}

TEST_CASE("comparer: keys, NOT NULL, foreign keys and indexes are counted across engines",
          "[comparer][postgresql]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(k_schema + std::string("DELETE FROM album WHERE id = 3;"));
    PgConnection server = database->connect();
    const auto compare = [&] {
        return compare_databases("sqlite:" + directory.path("a.db"), "pg:" + database->conninfo())
            .differences;
    };
    server.exec(
        "CREATE TABLE artist(id bigint PRIMARY KEY, name text NOT NULL);"
        "CREATE TABLE album(id bigint PRIMARY KEY, artist bigint UNIQUE REFERENCES artist, price float8);"
        "CREATE INDEX ON album(price); INSERT INTO artist VALUES (1, 'a'), (2, 'b');"
        "INSERT INTO album VALUES (1, 1, 1), (2, 2, 2.5), (4, NULL, NULL)");
    CHECK(compare().empty());
    server.exec("ALTER TABLE album DROP CONSTRAINT album_artist_fkey");
    CHECK(compare() == std::vector<std::string>{"album, foreign keys: 1 | 0"});
    server.exec("DROP INDEX album_price_idx; ALTER TABLE artist ALTER name DROP NOT NULL");
    CHECK(compare().size() == 3);
    server.exec("ALTER TABLE album DROP CONSTRAINT album_pkey");
    CHECK(compare().size() == 4);
}

TEST_CASE("comparer: two PostgreSQL databases differ by definition, row and sequence",
          "[comparer][postgresql]") {
    const auto left = make_pg_database();
    const auto right = make_pg_database();
    if (left == nullptr || right == nullptr) {
        return;
    }
    const std::string schema =
        "CREATE TYPE mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE t(id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, m mood DEFAULT 'ok', f float8 "
        "NOT NULL);"
        "CREATE UNIQUE INDEX t_f ON t(f) WHERE f > 0; INSERT INTO t(f) VALUES (0.1), ('NaN')";
    PgConnection(left->conninfo()).exec(schema);
    PgConnection server(right->conninfo());
    server.exec(schema);
    const auto count = [&] {
        return compare_databases("pg:" + left->conninfo(), "pg:" + right->conninfo()).difference_count;
    };
    CHECK(count() == 0);
    server.exec("SELECT nextval('t_id_seq')");
    CHECK(count() == 1);
    server.exec("UPDATE t SET f = 0.10000000000000002 WHERE id = 1");
    CHECK(count() == 2);
    server.exec("ALTER TABLE t ALTER m DROP DEFAULT");
    CHECK(count() == 3);
    server.exec("ALTER TYPE mood ADD VALUE 'happy'");
    CHECK(count() == 4);
    server.exec("DROP INDEX t_f");
    CHECK(count() == 5);
}

TEST_CASE("comparer: JSON that the tool wrote against SQLite", "[comparer][json]") {
    const TemporaryDirectory directory;
    const auto column = [](const std::string& name, const std::string& kind) {
        return R"({"name":")" + name + R"(","type":{"kind":")" + kind + R"("}})";
    };
    const std::string table = R"({"name":{"name":"t"},"file":"t.ndjson","rows":2,"columns":[)" +
                              column("i", "int64") + "," + column("f", "float64") + "," +
                              column("b", "bytes") + "," + column("v", "variant") + "," +
                              column("j", "json") + "," + column("s", "text") + "]}";
    const std::string first = R"({"i":1,"f":3,"b":"AP8=","v":2.0,"j":{"a":[1.50]},"s":"x\ny"})";
    const std::string second = R"({"i":null,"f":"NaN","b":null,"v":{"$blob":"AP8="},"j":"str","s":"10"})";
    directory.write("d/manifest.json", R"({"format":"libmigrate-json","tables":[)" + table + "]}");
    directory.write("d/t.ndjson", first + "\n" + second + "\n");
    directory.write("f.json", R"({"manifest":{"tables":[)" + table +
                                  R"(]},"tables":{"other":[{"a":"}"}],"t.ndjson":[)" + first + ",\n" +
                                  second + "]}}");
    SqliteDatabase sqlite(directory.path("a.db"));
    sqlite.exec("CREATE TABLE t(i, f, b, v, j, s)");
    sqlite.exec(
        "INSERT INTO t VALUES (1, 3.0, x'00ff', 2.0, '{ \"a\" : [1.50] }', 'x' || char(10) || 'y'), "
        "(NULL, 'NaN', NULL, x'00ff', '\"str\"', '10')");
    const auto count = [&](const std::string& json) {
        const auto result =
            compare_databases("json:" + directory.path(json), "sqlite:" + directory.path("a.db"));
        CAPTURE(result.differences);
        CHECK(result.rows == 2);
        return result.difference_count;
    };
    CHECK(count("d") == 0);
    CHECK(count("f.json") == 0);
    sqlite.exec("UPDATE t SET v = 2 WHERE i = 1");
    CHECK(count("d") == 2);
    CHECK(count("f.json") == 2);
    CHECK(compare_databases("json:" + directory.path("d"), "json:" + directory.path("f.json")).equal());
}
