#include <algorithm>

#include <catch2/catch.hpp>

#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

struct Read {
    backend::SchemaReading reading;

    /// The message and the way on of the finding about column c; empty if there is none.
    [[nodiscard]] std::string finding(const std::string& code) const {
        for (const Finding& finding : reading.findings) {
            if (finding.code == code) {
                return finding.message + (finding.next_step.empty() ? "" : " → " + finding.next_step);
            }
        }
        return {};
    }
    [[nodiscard]] const Column& column() const { return reading.schema.tables.at(0).columns.at(0); }
};

Read read_column(const std::string& declared, const std::string& rows,
                 const backend::SchemaRequest& request = {}) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, "CREATE TABLE t(c " + declared + "); INSERT INTO t VALUES " + rows);
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    return {source->read_schema(request)};
}

struct Expected {
    const char* declared;
    const char* rows;
    const char* code;
    const char* finding;
};

}  // namespace

TEST_CASE("sqlite: the plan tells how many values each reading holds for", "[sqlite][profile]") {
    const Expected expected = GENERATE(values<Expected>({
        {"DATE", "('2024-01-01'),('2024-01-02'),('0000-00-00'),(NULL)", "no-one-time-format",
         "declared DATE, but of its 3 values 2 are written YYYY-MM-DD, 1 is a zero date (0000-00-00); read "
         "as "
         "text → Mend what contradicts it (1 of 3 values), then ask for it with --type t.c=date."},
        {"DATETIME",
         "('2024-01-01 10:00:00.5'),('2024-01-01 10:00:00'),(''),('10000-01-01 00:00:00'),"
         "('2023-02-30 00:00:00')",
         "no-one-time-format",
         "declared DATETIME, but of its 5 values 2 are written YYYY-MM-DD HH:MM:SS, 1 is an empty text, 1 "
         "has "
         "a year outside of 1 to 9999, 1 is a date that does not exist, or written in another way; read as "
         "text → Mend what contradicts it (2 of 5 values), then ask for it with --type t.c=timestamp."},
        {"DATETIME", "(1700000000),(1700000001),(1700000000123),(1700000000123456),(5),(x'00')",
         "mixed-storage-classes",
         "declared DATETIME, but of its 6 values 2 have the size of seconds since 1970, 1 has the size of "
         "milliseconds since 1970, 1 has the size of microseconds since 1970, 1 is a blob, 1 is another "
         "number; holds 5 integer, 1 blob; each value keeps its class → Mend what contradicts it (4 of 6 "
         "values), then ask for it with --type t.c=timestamp_tz:epoch_s."},
        {"DATETIME", "(2460310.5),(2460311.5),(7.5)", "no-one-time-format",
         "declared DATETIME, but of its 3 values 2 have the size of Julian days, 1 is another number; read "
         "as "
         "float64 → Mend what contradicts it (1 of 3 values), then ask for it with --type "
         "t.c=timestamp_tz:julian."},
        {"UUID", "('550e8400-e29b-41d4-a716-446655440000'),('550E8400-E29B-41D4-A716-446655440000')",
         "no-one-reading",
         "declared UUID, but of its 2 values 1 can be read as uuid, 1 can be read as uuid:upper; read as "
         "text "
         "→ Ask for it with --type t.c=uuid."},
        {"BOOLEAN", "(0),(1),(2)", "no-one-reading",
         "declared BOOLEAN, but of its 3 values 2 can be read as boolean, 1 cannot; read as int64 → Mend "
         "what "
         "contradicts it (1 of 3 values), then ask for it with --type t.c=boolean."},
        {"DECIMAL(5,2)", "(1.5),(1.999),(123456),(NULL)", "decimal-exceeds-declaration",
         "2 of 3 values exceed DECIMAL(5,2); read as a decimal without limit"},
        {"VARCHAR(3)", "('abc'),('äöü'),('abcd'),('äöüß')", "text-exceeds-declaration",
         "2 of 4 values are longer than VARCHAR(3) says; read as text without limit"},
        {"INTEGER", "(1700000000),(1700000001)", "reading-possible",
         "all 2 values could be read as timestamp_tz:epoch_s → Ask for it with --type "
         "t.c=timestamp_tz:epoch_s."},
        {"INTEGER", "(0),(1),(1)", "reading-possible",
         "all 3 values could be read as boolean → Ask for it with --type t.c=boolean."},
        {"TEXT", "('2024-01-01'),('2024-02-29')", "reading-possible",
         "all 2 values could be read as date:YYYY-MM-DD → Ask for it with --type t.c=date:YYYY-MM-DD."},
        {"TEXT", "('{\"a\":1}'),('[]')", "reading-possible",
         "all 2 values could be read as json → Ask for it with --type t.c=json."},
        {"BLOB", "(x'550e8400e29b41d4a716446655440000')", "reading-possible",
         "all 1 values could be read as uuid:blob → Ask for it with --type t.c=uuid:blob."},
        {"TEXT", "('2024-01-01'),('soon')", "reading-possible", ""},
        {"INTEGER", "(0),(1),(2)", "reading-possible", ""},
        {"TEXT", "('a'),(CAST(x'610062' AS TEXT))", "text-holds-nul",
         "1 of 2 texts hold the character U+0000"},
    }));
    INFO(expected.declared << " holding " << expected.rows);
    CHECK(read_column(expected.declared, expected.rows).finding(expected.code) == expected.finding);
}

TEST_CASE("sqlite: a reading asked for that cannot be undone says how many values change",
          "[sqlite][profile]") {
    backend::SchemaRequest request;
    request.hints.push_back({{"", "t"}, "c", TypeKind::uuid, "", true});
    const Read read = read_column(
        "TEXT", "('550e8400-e29b-41d4-a716-446655440000'),('550E8400-E29B-41D4-A716-446655440000')", request);
    CHECK(read.column().type.kind == TypeKind::uuid);
    CHECK(read.finding("type-not-reversible") ==
          "1 of 2 values are read as uuid as asked for, but would not come back spelled as they are");
}

TEST_CASE("sqlite: text that is not UTF-8 among other classes follows --bad-text", "[sqlite][profile]") {
    const char* const rows = "(1),('fine'),(CAST(x'61ff' AS TEXT)),(x'00')";
    CHECK(read_column("", rows).finding("text-not-utf8") ==
          "1 of 2 texts hold bytes that are not UTF-8 → Choose with --bad-text replace or bytes, or with "
          "--on-reject.");
    backend::SchemaRequest request;
    request.bad_text = "replace";
    const Read replaced = read_column("", rows, request);
    CHECK(replaced.column().format == "replace");
    CHECK(replaced.finding("text-not-utf8") ==
          "1 of 2 texts hold bytes that are not UTF-8; they are replaced by U+FFFD");
    request.bad_text = "bytes";
    CHECK(read_column("", rows, request).column().format == "bytes");
}
