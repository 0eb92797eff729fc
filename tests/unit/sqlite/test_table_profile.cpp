#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

/// The columns of the only table as text, with what was found of them.
std::vector<std::string> lines_of(const backend::SchemaReading& reading) {
    const Table& table = reading.schema.tables.at(0);
    std::vector<std::string> lines{std::to_string(table.row_estimate) + " rows, " +
                                   std::to_string(table.byte_estimate) + " bytes"};
    for (const Column& column : table.columns) {
        std::string line =
            column.name + ": " + to_string(column.type) + " " + column.format + "; " + column.why;
        for (const auto& [key, value] : column.properties) {
            line += "; " + key + "=" + value;
        }
        lines.push_back(line);
    }
    for (const Finding& finding : reading.findings) {
        lines.push_back(finding.code + ": " + finding.object + ": " + finding.message);
    }
    return lines;
}

std::vector<std::string> read(const std::string& path, unsigned readers,
                              const std::vector<backend::ColumnHint>& hints = {}) {
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    REQUIRE(source->pin_snapshot(readers) == readers);
    backend::SchemaRequest request;
    request.hints = hints;
    return lines_of(source->read_schema(request));
}

/// The same of rows that are read as they are loaded: the first ones when it is planned, then chunk after
/// chunk, from the last to the first.
class OnTheWay {
  public:
    explicit OnTheWay(const std::string& path, const std::vector<backend::ColumnHint>& hints = {}) {
        backend::OpenContext context;
        context.progress = [this](std::string_view, std::uint64_t, std::uint64_t) { ++m_reports; };
        m_source = backends::sqlite::backend().open_source(sqlite_endpoint(path), context);
        m_source->pin_snapshot(2);
        m_request.hints = hints;
        m_request.first_rows = true;
        m_first = m_source->read_schema(m_request);
    }
    [[nodiscard]] const backend::SchemaReading& first() const { return m_first; }

    void load(std::size_t left_out = 0) {
        const Table& table = m_first.schema.tables.at(0);
        ScanSpec spec;
        spec.table = &table;
        for (std::size_t i = table.columns.size(); i-- > 0;) {
            spec.columns.push_back(i);
        }
        spec.profile = true;
        auto chunks = m_source->chunks(table, {7'000, 64UL << 20U});
        REQUIRE(chunks.size() > left_out);
        for (std::size_t i = chunks.size(); i-- > left_out;) {
            spec.chunk = chunks[i];
            read_whole(spec);
        }
        spec.chunk = chunks.back();
        read_whole(spec);             // a chunk that is tried again
        m_source->open_reader(spec);  // and one that is given up
    }
    std::vector<std::string> settle() {
        m_request.first_rows = false;
        m_reports = 0;
        const backend::SchemaReading reading = m_source->read_schema(m_request);
        CHECK_FALSE(reading.provisional);
        return lines_of(reading);
    }
    /// Since settle() began.
    [[nodiscard]] int reports() const { return m_reports; }

  private:
    void read_whole(const ScanSpec& spec) {
        const auto reader = m_source->open_reader(spec);
        RowBatch batch;
        while (reader->next(batch)) {
        }
    }

    int m_reports = 0;
    std::unique_ptr<backend::Source> m_source;
    backend::SchemaRequest m_request;
    backend::SchemaReading m_first;
};

/// Rows n = 1 … 60,000 of columns that show what they hold early, late, or not at all.
std::string rows_of(const std::string& columns, const std::string& values, const std::string& options = "") {
    return "CREATE TABLE t (" + columns + ")" + options +
           "; WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 60000) INSERT INTO t "
           "SELECT " +
           values + " FROM s";
}

}  // namespace

TEST_CASE("sqlite: several connections profile a table as one does", "[sqlite][profile]") {
    struct Case {
        const char* columns;
        const char* values;
    };
    const Case one = GENERATE(values<Case>({
        {"id INTEGER PRIMARY KEY, a TEXT, b REAL, c BLOB", "n, 'text ' || n, n / 8.0, CAST(n AS BLOB)"},
        // Sparse and negative rowids, to both ends of what there is.
        {"id INTEGER PRIMARY KEY, a INT",
         "CASE n WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE n * 7919 END, n"},
        // What contradicts a reading comes late: in the last part, and in several.
        {"d DATE, e DATETIME, f BOOLEAN, g DECIMAL(8,2)",
         "'2024-01-02', CASE n WHEN 59999 THEN 'late' ELSE '2024-01-02 03:04:05' END, n = 30000 OR n % 7, "
         "CASE WHEN n > 50000 THEN n * 1000.125 ELSE n / 4.0 END"},
        // The first value comes late, in one part, in several of different kinds, or never.
        {"d DATE, e DATE, f TIMESTAMP, g, h",
         "CASE WHEN n = 45000 THEN '2024-01-02' END, CASE n WHEN 40000 THEN '02/01/2024' WHEN 55000 THEN "
         "'2024-01-02' END, CASE n WHEN 41000 THEN 17 WHEN 57000 THEN '2024-01-02 00:00:00' END, CASE WHEN n "
         "> "
         "39000 THEN CASE n % 3 WHEN 0 THEN n ELSE 'x' || n END END, NULL"},
        {"v VARCHAR(5), w VARCHAR(5), x INTEGER, y INTEGER",
         "CASE n WHEN 44000 THEN 'longer than that' ELSE 'ab' END, 'ä' || (n % 1000), 1400000000 + n, n % 2"},
        {"a TEXT, b TEXT",
         "CASE n WHEN 33000 THEN CAST(x'ff' AS TEXT) ELSE 'a' END, CASE n WHEN 58000 THEN 'a' || char(0) "
         "ELSE "
         "printf('%1500s', n) END"},
    }));
    INFO(one.columns);
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path, rows_of(one.columns, one.values));
    const auto alone = read(path, 1);
    CHECK(read(path, 2) == alone);
    CHECK(read(path, 4) == alone);
    OnTheWay way(path);
    way.load();
    CHECK(way.settle() == alone);
}

TEST_CASE("sqlite: rows that were profiled as they were loaded are not read again", "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path, rows_of("id INTEGER PRIMARY KEY, a TEXT, d DATE",
                                "n, 'text', CASE n WHEN 50000 THEN '2024/01/02' ELSE '2024-01-02' END"));
    OnTheWay way(path);
    CHECK(way.first().provisional);
    const Table& table = way.first().schema.tables.at(0);
    CHECK(table.row_estimate == 60'000);
    CHECK(table.byte_estimate == 60'000 * (8 + 4 + 10));
    CHECK(to_string(table.columns.at(2).type) == "date");
    const std::size_t left_out = GENERATE(0, 1, 3);
    way.load(left_out);
    CHECK(way.settle() == read(path, 1));
    // Where a chunk is missing the table is read once more.
    CHECK((way.reports() > 0) == (left_out > 0));
}

TEST_CASE("sqlite: what was found of a database is found again by just the same request",
          "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path,
                  "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, CAST(x'ff' AS "
                  "TEXT)); CREATE TABLE u (id INTEGER PRIMARY KEY, t INT REFERENCES t); INSERT INTO u VALUES "
                  "(1, 7)");
    backend::OpenContext context;
    context.memory = std::make_shared<backend::SourceMemory>();
    const auto read_as = [&](const std::string& bad_text, const std::vector<QualifiedName>& skip) {
        const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), context);
        source->pin_snapshot(1);
        backend::SchemaRequest request;
        request.first_rows = true;
        request.bad_text = bad_text;
        request.skip_tables = skip;
        std::vector<std::string> codes;
        for (const Finding& finding : source->read_schema(request).findings) {
            codes.push_back(std::string(to_string(finding.severity)) + " " + finding.code);
        }
        std::sort(codes.begin(), codes.end());
        return codes;
    };
    const auto stopped = read_as("stop", {});
    CHECK(stopped == std::vector<std::string>{"blocker text-not-utf8", "left_out orphans-at-source"});
    CHECK(read_as("stop", {{"", "u"}}) == std::vector<std::string>{"blocker text-not-utf8"});
    CHECK(read_as("stop", {}) == stopped);
    CHECK(read_as("reject", {}) != stopped);
}

TEST_CASE("sqlite: a table that its first rows are all of, or that they contradict, is settled at once",
          "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    const bool small = GENERATE(true, false);
    make_database(path, rows_of("id INTEGER PRIMARY KEY, d DATE",
                                "n, CASE n % 10 WHEN 0 THEN 'none' ELSE "
                                "'2024-01-02' END"));
    if (small) {
        make_database(path, "DELETE FROM t WHERE id > 20000");
    }
    OnTheWay way(path);
    CHECK_FALSE(way.first().provisional);
    CHECK(lines_of(way.first()) == read(path, 1));
    CHECK(way.settle() == read(path, 1));
    CHECK(way.reports() == 0);
}

TEST_CASE("sqlite: several connections count the same misfits of a reading that was asked for",
          "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path, rows_of("a, b",
                                "CASE WHEN n % 5 = 0 THEN 'no number' ELSE n END, CASE WHEN n > 30000 THEN "
                                "'1.50' END"));
    const std::vector<backend::ColumnHint> hints{{{"", "t"}, "a", TypeKind::int64, "", true},
                                                 {{"", "t"}, "b", LogicalType::decimal(10, 2), "", true}};
    const auto alone = read(path, 1, hints);
    CHECK(std::any_of(alone.begin(), alone.end(), [](const std::string& line) {
        return line.find("12000 of 60000 values") != std::string::npos;
    }));
    CHECK(read(path, 3, hints) == alone);
    OnTheWay way(path, hints);
    // What is in the way of a plan is told of all rows.
    CHECK_FALSE(way.first().provisional);
    CHECK(lines_of(way.first()) == alone);
    way.load();
    CHECK(way.settle() == alone);
}

TEST_CASE("sqlite: values spelled otherwise than the record says are counted wherever they stand",
          "[sqlite][profile]") {
    // What has more digits than the record says comes before, between or after them.
    const std::string finer = GENERATE("10", "40000", "59990");
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path,
                  rows_of("at TEXT, price TEXT",
                          "CASE n WHEN " + finer +
                              " THEN '2024-01-02T03:04:05.123456' ELSE '2024-01-02 03:04:05' END, CASE n "
                              "WHEN " +
                              finer + " THEN '1.255' ELSE '1.5' END"));
    LogicalType milliseconds(TypeKind::timestamp);
    milliseconds.precision = 3;
    const std::vector<backend::ColumnHint> hints{{{"", "t"}, "at", milliseconds, "", false},
                                                 {{"", "t"}, "price", LogicalType::decimal(8, 2), "", false}};
    const auto alone = read(path, 1, hints);
    const auto said = [&](const std::string& what) {
        return std::count_if(alone.begin(), alone.end(),
                             [&](const std::string& line) { return line.find(what) != std::string::npos; });
    };
    CHECK(said("recorded-type-respelled") >= 1);
    CHECK(read(path, 2, hints) == alone);
    CHECK(read(path, 4, hints) == alone);
    OnTheWay way(path, hints);
    way.load();
    CHECK(way.settle() == alone);
}

TEST_CASE("sqlite: a table without rowids is profiled whole", "[sqlite][profile]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path, rows_of("k TEXT PRIMARY KEY, v INT", "'k' || n, n", " WITHOUT ROWID"));
    CHECK(read(path, 2) == read(path, 1));
    OnTheWay way(path);
    CHECK(way.first().provisional);
    way.load();
    CHECK(way.settle() == read(path, 1));
    CHECK(way.reports() == 0);
}

TEST_CASE("sqlite: dense rowids are split as others are", "[sqlite][chunks]") {
    const std::string id = GENERATE("n", "n + 10", "n - 70000", "n * 2");
    INFO(id);
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/a.db";
    make_database(path, rows_of("id INTEGER PRIMARY KEY", id));
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    const auto reading = source->read_schema({});
    const auto chunks = source->chunks(reading.schema.tables.at(0), {25'000, 64UL << 20U});
    REQUIRE(chunks.size() == 3);
    PlainDatabase plain(path);
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        CHECK(chunks[i].index == i);
        const std::string found =
            plain.value("SELECT count(*) FROM t WHERE id BETWEEN " + std::to_string(chunks[i].first) +
                        " AND " + std::to_string(chunks[i].last));
        CHECK(found == (i < 2 ? "25000" : "10000"));
        CHECK(std::to_string(chunks[i].row_estimate) == found);
        rows += std::stoull(found);
        CHECK((i == 0 || chunks[i].first > chunks[i - 1].last));
    }
    CHECK(rows == 60'000);
    CHECK(chunks.front().first == std::numeric_limits<std::int64_t>::min());
    CHECK(chunks.back().last == std::numeric_limits<std::int64_t>::max());
}
