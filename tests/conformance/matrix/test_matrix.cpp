#include <catch2/catch.hpp>

#include "conformance/matrix/matrix.hpp"
#include "support/leg.hpp"
#include "support/pg.hpp"
#include "support/postgresql_types.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace migrate::test;

constexpr const char* k_heading =
    "type\tvalue\tstored\tin SQLite\tback from SQLite\tin PostgreSQL\tback from PostgreSQL\tin JSON\tback "
    "from JSON";

bool has_server() {
    if (!pg_test_conninfo()) {
        WARN("no PostgreSQL to test against: set MIGRATE_TEST_PG");
        return false;
    }
    return true;
}

/// Every storage class with its odd values.
const std::vector<std::string>& storage() {
    static const std::vector<std::string> values = {"NULL",
                                                    "0",
                                                    "1",
                                                    "-32769",
                                                    "2147483648",
                                                    "9223372036854775807",
                                                    "-9223372036854775807 - 1",
                                                    "1700000000",
                                                    "1700000000000",
                                                    "0.1",
                                                    "-2.50",
                                                    "1.0",
                                                    "-0.0",
                                                    "1e300",
                                                    "5e-324",
                                                    "0.30000000000000004",
                                                    "9e999",
                                                    "-9e999",
                                                    "2460000.5",
                                                    "''",
                                                    "'x'",
                                                    "'t'",
                                                    "'true'",
                                                    "'1'",
                                                    "'007'",
                                                    "'10.10'",
                                                    "'1e3'",
                                                    "'12345678901234567890.123456789'",
                                                    "'2024-02-29'",
                                                    "'2024-02-29 12:34:56'",
                                                    "'2024-02-29T12:34:56.123Z'",
                                                    "'0000-00-00'",
                                                    "'12:34:56'",
                                                    "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
                                                    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
                                                    "'{\"a\": [1, 1.0, null]}'",
                                                    "'null'",
                                                    "CAST(x'6100620a' AS TEXT)",
                                                    "'ä🦜é'",
                                                    "' blank '",
                                                    "x''",
                                                    "x'00ff80'",
                                                    "x'a0eebc999c0b4ef8bb6d6bb9bd380a11'"};
    return values;
}

const std::vector<std::string>& declarations() {
    static const std::vector<std::string> types = {"",
                                                   "INT",
                                                   "INTEGER",
                                                   "TINYINT",
                                                   "BIGINT",
                                                   "UNSIGNED BIG INT",
                                                   "INTERGER",
                                                   "BOOLEAN",
                                                   "BOOL",
                                                   "REAL",
                                                   "DOUBLE",
                                                   "FLOAT",
                                                   "NUMERIC",
                                                   "DECIMAL(8,2)",
                                                   "NUMBER(9,0)",
                                                   "MONEY",
                                                   "TEXT",
                                                   "CHAR(3)",
                                                   "VARCHAR ( 255 )",
                                                   "NVARCHAR(4)",
                                                   "CLOB",
                                                   "BLOB",
                                                   "BLOB SUB_TYPE TEXT",
                                                   "DATE",
                                                   "DATETIME",
                                                   "TIMESTAMP",
                                                   "TIMESTAMP WITH TIME ZONE",
                                                   "TIME",
                                                   "UUID",
                                                   "GUID",
                                                   "JSON",
                                                   "STRING",
                                                   "STRICT INT",
                                                   "STRICT INTEGER",
                                                   "STRICT REAL",
                                                   "STRICT TEXT",
                                                   "STRICT BLOB",
                                                   "STRICT ANY"};
    return types;
}

void check_matrix(const std::string& engine, const std::vector<matrix::TypeCells>& types,
                  const std::vector<std::string>& before) {
    std::vector<std::string> lines;
    for (const matrix::Fate& fate : matrix::fates(engine, types, before)) {
        // Whatever stands in the table: what went out is what comes back.
        for (const std::string& back : fate.back) {
            INFO(fate.line());
            CHECK(back == "same");
        }
        lines.push_back(fate.line());
    }
    matrix::check_table(engine, k_heading, lines);
}

}  // namespace

TEST_CASE("matrix: every declared type and storage class of SQLite, through every engine and back",
          "[conformance][matrix][sqlite]") {
    if (!has_server()) {
        return;
    }
    std::vector<matrix::TypeCells> types;
    for (const std::string& type : declarations()) {
        types.push_back({type, storage()});
    }
    check_matrix("sqlite", types, {});
}

TEST_CASE("matrix: every built-in type of PostgreSQL, through every engine and back",
          "[conformance][matrix][postgresql]") {
    if (!has_server()) {
        return;
    }
    std::vector<matrix::TypeCells> types;
    for (const PostgresqlType& type : postgresql_types()) {
        types.push_back({type.type, {"NULL"}});
        types.back().values.insert(types.back().values.end(), type.values.begin(), type.values.end());
    }
    check_matrix("postgresql", types, postgresql_type_definitions());
}

TEST_CASE("matrix: every kind of JSON value, on every engine and from there on to SQLite",
          "[conformance][matrix][json]") {
    if (!has_server()) {
        return;
    }
    const std::vector<std::string> texts = {"null",
                                            "true",
                                            "false",
                                            "0",
                                            "-0",
                                            "-0.0",
                                            "1",
                                            "1.0",
                                            "1.50",
                                            "1.50e3",
                                            "1E+2",
                                            "0.1",
                                            "9007199254740993",
                                            "9223372036854775807",
                                            "9223372036854775808",
                                            "18446744073709551616",
                                            "-9223372036854775808",
                                            "123456789012345678901234567890.123456789",
                                            "1e308",
                                            "1e400",
                                            "1E-400",
                                            "5e-324",
                                            "0.30000000000000004",
                                            R"("")",
                                            R"("x")",
                                            R"("1")",
                                            R"("true")",
                                            R"("null")",
                                            R"("2024-02-29")",
                                            R"("2024-02-29T12:34:56Z")",
                                            R"("2024-02-29T12:34:56.5+02:00")",
                                            R"("2024-02-29 12:34:56")",
                                            R"("0000-00-00")",
                                            R"("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")",
                                            R"("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")",
                                            R"("aGVsbG8=")",
                                            R"("\u0000")",
                                            R"("a\u0000b")",
                                            R"("\ud83e\udd9c")",
                                            R"("ä🦜\u00e9")",
                                            R"("\n\t\"\\\/")",
                                            "[[1, 2], [3]]",
                                            R"([{"a": 1}, null])",
                                            "[[]]",
                                            "[1.0, [1e400]]"};
    matrix::check_table("json",
                        "value\tin SQLite\tfrom SQLite to SQLite\tin PostgreSQL\tfrom PostgreSQL to "
                        "SQLite\tin JSON tables\tfrom JSON tables to SQLite",
                        matrix::document_fates(texts));
}

TEST_CASE(
    "matrix: text that is not UTF-8 is refused in preflight, under every declaration and for every engine",
    "[conformance][matrix][sqlite]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    std::size_t tables = 0;
    {
        SqliteDatabase database(path);
        for (const std::string& declared : declarations()) {
            const bool strict = declared.starts_with("STRICT ");
            const std::string name = "t" + std::to_string(tables);
            database.exec("CREATE TABLE " + name + " (c " + (strict ? declared.substr(7) : declared) + ")" +
                          (strict ? " STRICT" : ""));
            try {
                database.exec("INSERT INTO " + name + " VALUES (CAST(x'61ff62' AS TEXT))");
                ++tables;
            } catch (const std::runtime_error&) {  // A STRICT column of another class refuses all text.
                database.exec("DROP TABLE " + name);
            }
        }
    }
    CHECK(tables == declarations().size() - 4);
    std::unique_ptr<PgDatabase> server;
    for (const std::string engine : {"sqlite", "postgresql", "json"}) {
        migrate::Endpoint from;
        from.engine = "sqlite";
        from.location = path;
        migrate::Endpoint to;
        to.engine = engine;
        to.location = directory.path(engine == "json" ? "target.d/" : "target.db");
        if (engine == "postgresql") {
            if (!has_server()) {
                continue;
            }
            server = std::make_unique<PgDatabase>();
            to.location = server->conninfo();
        }
        INFO("to " << engine);
        const Leg leg = migrate_once(from, to, {});
        CHECK(leg.error.empty());
        CHECK(leg.refused);
        std::size_t told = 0;
        for (const migrate::Finding& finding : leg.plan.findings) {
            told +=
                finding.severity == migrate::Severity::blocker && finding.code == "text-not-utf8" ? 1U : 0U;
        }
        CHECK(told == tables);
    }
}
