#include <catch2/catch.hpp>

#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

backend::SchemaReading read(const std::string& path, const backend::SchemaRequest& request = {}) {
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    return source->read_schema(request);
}

struct Expected {
    const char* declared;
    const char* values;  ///< Comma-separated SQL literals; empty = no rows.
    const char* type;
    const char* format;
};

bool has(const std::vector<Finding>& findings, const std::string& code) {
    for (const Finding& finding : findings) {
        if (finding.code == code) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("sqlite: a column is read by its declaration and all of its values", "[sqlite][profile]") {
    const Expected expected = GENERATE(values<Expected>({
        {"INTEGER", "1, 9223372036854775807, NULL", "int64", ""},
        {"INT", "1, 'x'", "variant", ""},
        {"INT", "'x', 'y'", "text", ""},
        {"INTEGER", "1, 2.5", "decimal", "number"},
        {"INTERGER", "7", "int64", ""},
        {"TINYINT(1)", "0, 1", "int64", ""},
        {"BOOLEAN", "0, 1, NULL", "boolean", ""},
        {"BOOL", "'t', 'f'", "boolean", "text:f/t"},
        {"BOOLEAN", "'true', 'false'", "boolean", "text:false/true"},
        {"BOOLEAN", "0, 2", "int64", ""},
        {"BOOLEAN", "0, 'maybe'", "variant", ""},
        {"REAL", "1, 2.5", "float64", ""},
        {"FLOAT", "1.5, 'NaN'", "float64", ""},
        {"FLOAT", "1.5, 'text'", "variant", ""},
        {"DOUBLE PRECISION", "1e300", "float64", ""},
        {"DECIMAL(10,2)", "5, 9.99", "decimal(10,2)", "number"},
        {"DECIMAL(10,5)", "12345678.9", "decimal", "number"},
        {"NUMBER(9,0)", "5, 6", "decimal(9,0)", "number"},
        {"NUMERIC", "42, 'hello', NULL", "variant", ""},
        {"NUMERIC", "42, 0.1", "decimal", "number"},
        {"DATE", "'2024-02-29', '0001-01-01'", "date", "YYYY-MM-DD"},
        {"DATE", "'2024-02-29', '0000-00-00'", "text", ""},
        {"DATE", "'2024-02-30'", "text", ""},
        {"DATETIME", "'2024-02-29 12:34:56', '1969-12-31 00:00:00'", "timestamp", "YYYY-MM-DD HH:MM:SS"},
        {"DATETIME", "'2024-02-29 12:34:56', '2024-02-29 12:34:56.000001'", "timestamp",
         "YYYY-MM-DD HH:MM:SS[.SSSSSS]"},
        {"DATETIME", "'2024-02-29 12:34:56.25', '2024-02-29 12:34:56.5'", "timestamp",
         "YYYY-MM-DD HH:MM:SS[.S*]"},
        {"TIMESTAMP", "'2024-02-29T12:34:56.789Z'", "timestamp_tz", "YYYY-MM-DDTHH:MM:SS.SSSZ"},
        {"TIMESTAMP", "'2024-02-29T12:34:56+02:00'", "text", ""},
        {"DATETIME", "'2024-02-29 12:34'", "timestamp", "YYYY-MM-DD HH:MM"},
        {"DATETIME", "1700000000, 1600000000", "timestamp_tz", "epoch_s"},
        {"DATETIME", "1700000000123, 1600000000456, NULL", "timestamp_tz", "epoch_ms"},
        {"TIMESTAMP", "1700000000123456", "timestamp_tz", "epoch_us"},
        {"DATETIME", "1700000000, 1700000000123", "int64", ""},
        {"DATETIME", "5, 6", "int64", ""},
        {"DATETIME", "0, '2024-02-29 12:34:56'", "variant", ""},
        {"TIMESTAMP", "2460370.25", "timestamp_tz", "julian"},
        {"TIME", "'12:34:56'", "time", "HH:MM:SS"},
        {"VARCHAR(5)", "'abcde', 'äöü'", "text(5)", ""},
        {"VARCHAR(3)", "'abcde'", "text", ""},
        {"TEXT", "'a', x'00'", "variant", ""},
        {"BLOB", "x'00', x''", "bytes", ""},
        {"BLOB", "'text'", "text", ""},
        {"BLOB SUB_TYPE TEXT", "'text'", "text", ""},
        {"", "42, 'hello', NULL, 0.5", "variant", ""},
        {"", "1, 2", "int64", ""},
        {"UUID", "'123e4567-e89b-12d3-a456-426614174000'", "uuid", ""},
        {"UUID", "'123E4567-E89B-12D3-A456-426614174000'", "uuid", "upper"},
        {"GUID", "x'00112233445566778899aabbccddeeff'", "uuid", "blob"},
        {"UUID", "'123e4567-e89b-12d3-a456-426614174000', 'none'", "text", ""},
        {"JSON", "'{\"a\": [1, 2.50]}', '[]'", "json", ""},
        {"JSON", "'{\"a\": 1}', 17", "json", "text_or_integer"},
        {"JSON", "'{\"a\": 1'", "text", ""},
        {"INTEGER", "", "int64", ""},
        {"DATETIME", "", "timestamp", "YYYY-MM-DD HH:MM:SS[.SSSSSS]"},
        {"VARCHAR ( 255 )", "", "text(255)", ""},
        {"BOOLEAN", "", "boolean", ""},
        {"", "", "bytes", ""},
    }));
    INFO(expected.declared << " holding " << expected.values);
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    std::string sql = std::string("CREATE TABLE t(c ") + expected.declared + ");";
    std::string rest = expected.values;
    if (!rest.empty()) {
        std::string rows = "(" + rest + ")";
        // Commas between literals only; those within quotes stay.
        bool quoted = false;
        std::string out;
        for (const char c : rows) {
            quoted = c == '\'' ? !quoted : quoted;
            out += c == ',' && !quoted ? "), (" : std::string(1, c);
        }
        sql += "INSERT INTO t VALUES " + out + ";";
    }
    make_database(path, sql);
    const auto reading = read(path);
    const Column& column = reading.schema.tables.at(0).columns.at(0);
    CHECK(to_string(column.type) == expected.type);
    CHECK(column.format == expected.format);
    CHECK(column.native_type == expected.declared);
    CHECK(reading.schema.tables[0].row_count_exact);
}

TEST_CASE("sqlite: text that is not UTF-8 stops, or is read as asked", "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, "CREATE TABLE t(c TEXT); INSERT INTO t VALUES ('good'), (CAST(x'61ff62' AS TEXT))");
    backend::SchemaRequest request;
    const auto stopped = read(path, request);
    CHECK(stopped.findings.at(0).severity == Severity::blocker);
    CHECK(stopped.findings.at(0).count == 1);
    request.bad_text = "bytes";
    CHECK(read(path, request).schema.tables[0].columns[0].type.kind == TypeKind::bytes);
    request.bad_text = "replace";
    const auto replaced = read(path, request);
    CHECK(replaced.schema.tables[0].columns[0].format == "replace");
    CHECK(replaced.findings.at(0).severity == Severity::note);
}

TEST_CASE("sqlite: a wish of the user's that values contradict is a blocker", "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path,
                  "CREATE TABLE t(a TEXT, b TEXT, c INT); INSERT INTO t VALUES ('1', 'x', 1700000000), "
                  "('2', '3', 5)");
    backend::SchemaRequest request;
    request.hints.push_back({{"", "t"}, "a", TypeKind::int64, "", true});
    request.hints.push_back({{"", "t"}, "b", TypeKind::int64, "", true});
    request.hints.push_back({{"", "t"}, "c", TypeKind::timestamp_tz, "epoch_s", true});
    const auto reading = read(path, request);
    const auto& columns = reading.schema.tables[0].columns;
    CHECK(columns[0].type.kind == TypeKind::int64);
    CHECK(columns[0].format == "text");
    CHECK(columns[1].type.kind == TypeKind::text);
    CHECK(columns[2].format == "epoch_s");
    REQUIRE(has(reading.findings, "type-contradicted"));
}

TEST_CASE("sqlite: a recorded type holds only while all values agree", "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path,
                  "CREATE TABLE t(a TEXT, b TEXT); INSERT INTO t VALUES ('10.10', '10.10'), ('-0.5', 'x')");
    backend::SchemaRequest request;
    request.hints.push_back({{"", "t"}, "a", LogicalType::decimal(-1, -1), "", false});
    request.hints.push_back({{"", "t"}, "b", LogicalType::decimal(-1, -1), "", false});
    const auto reading = read(path, request);
    CHECK(reading.schema.tables[0].columns[0].type.kind == TypeKind::decimal);
    CHECK(reading.schema.tables[0].columns[1].type.kind == TypeKind::text);
    CHECK(has(reading.findings, "recorded-type-dropped"));
}

TEST_CASE("sqlite: the whole catalog is read", "[sqlite][catalog]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, R"(
        CREATE TABLE parent(id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE COLLATE NOCASE);
        CREATE TABLE Child(
            a INT, b TEXT DEFAULT 'x', p INTEGER CONSTRAINT to_parent REFERENCES PARENT(ID)
                ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
            total AS (a * 2) STORED,
            CONSTRAINT pk PRIMARY KEY (b, a), CONSTRAINT positive CHECK (a > 0)) WITHOUT ROWID;
        CREATE INDEX partial ON Child(a DESC, lower(b) COLLATE NOCASE) WHERE a > 10;
        CREATE VIRTUAL TABLE search USING fts5(body);
        CREATE VIEW v AS SELECT 1;
        CREATE TABLE _migrate_migration(id, plan); CREATE TABLE _migrate_checkpoint(x);
    )");
    const auto reading = read(path);
    REQUIRE(reading.schema.tables.size() == 2);
    const Table& parent = reading.schema.tables[0];
    REQUIRE(parent.columns[0].identity);
    CHECK(parent.columns[0].identity->kind == IdentityValue::Kind::autoincrement);
    CHECK(parent.columns[0].identity->next == 1);
    CHECK(parent.unique_keys.at(0).columns == std::vector<std::string>{"code"});
    CHECK(parent.columns[1].collation == "NOCASE");
    const Table& child = reading.schema.tables[1];
    CHECK(child.properties.contains("without_rowid"));
    CHECK(child.primary_key->name == "pk");
    CHECK(child.primary_key->columns == std::vector<std::string>{"b", "a"});
    CHECK_FALSE(child.columns[0].nullable);
    CHECK(child.columns[1].default_sql == "'x'");
    CHECK(child.columns[3].generated->expression == "a * 2");
    CHECK(child.checks.at(0).name == "positive");
    const ForeignKey& key = child.foreign_keys.at(0);
    CHECK(key.name == "to_parent");
    CHECK(key.referenced_table.name == "parent");
    CHECK(key.referenced_columns == std::vector<std::string>{"id"});
    CHECK(key.on_delete == ReferenceAction::set_null);
    CHECK(key.initially_deferred);
    const Index& index = child.indexes.at(0);
    CHECK(index.parts.at(0).descending);
    CHECK(index.parts.at(1).expression == "lower(b)");
    CHECK(index.parts.at(1).collation == "NOCASE");
    CHECK(index.predicate == "a > 10");
    REQUIRE(reading.schema.objects.size() == 2);
    CHECK(reading.schema.objects[0].kind == "virtual table");
    CHECK(reading.schema.objects[0].properties.at("module") == "fts5");
    CHECK(reading.schema.objects[0].properties.at("shadow_tables").find("search_data") != std::string::npos);
    CHECK(reading.schema.objects[1].kind == "view");
}
