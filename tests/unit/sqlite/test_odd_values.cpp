#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "model/canonical.hpp"
#include "model/value_text.hpp"
#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;

namespace {

struct OddColumn {
    LogicalType type;
    std::vector<std::string> values;  ///< As value_text.hpp spells them.
};

LogicalType array_of(TypeKind element) {
    LogicalType type = TypeKind::array;
    type.element = std::make_shared<const LogicalType>(element);
    return type;
}

std::vector<OddColumn> odd_columns() {
    return {
        {TypeKind::boolean, {"true", "false"}},
        {TypeKind::int16, {"-32768", "32767"}},
        {TypeKind::int64, {"-9223372036854775808", "9223372036854775807", "0"}},
        {TypeKind::float64, {"NaN", "-0", "0", "Infinity", "-Infinity", "0.1", "5", "1e300", "5e-324"}},
        {TypeKind::float32, {"NaN", "-0", "0.1", "3.4028235e+38", "1e-45"}},
        {LogicalType::decimal(-1, -1),
         {"10.10", "NaN", "Infinity", "-Infinity", "0", "0.00", "12345678901234567890123456789.0123456789",
          "-1"}},
        {LogicalType::decimal(12, 2), {"10.10", "0.00", "-9999999999.99"}},
        {TypeKind::text, {"", "123", "1e5", "-0", " x", "NaN", "\xc3\xa4"}},
        {TypeKind::bytes, {"", "AAD/", "MTIz"}},
        {TypeKind::date, {"2024-02-29", "0044-03-15 BC", "infinity", "-infinity", "12024-01-01"}},
        {TypeKind::time, {"00:00:00.000000", "23:59:59.999999", "24:00:00.000000"}},
        {TypeKind::timestamp, {"2024-02-29T12:34:56.000001", "infinity", "0044-03-15T00:00:00.000000 BC"}},
        {TypeKind::timestamp_tz, {"2024-02-29T12:34:56.000001Z", "-infinity"}},
        {TypeKind::interval, {"P1Y2M-3DT4H5M6.000007S", "PT0S"}},
        {TypeKind::uuid, {"123e4567-e89b-12d3-a456-426614174000"}},
        {TypeKind::json, {"1.50", "{\"a\": 1}", "\"x\"", "null", "17"}},
        {TypeKind::jsonb, {"1.50", "17", "{\"a\": 1}"}},
        {array_of(TypeKind::int32), {"{1,NULL,3}", "{}"}},
        {TypeKind::inet, {"10.0.0.1/8"}},
        {TypeKind::bit_string, {"0101", "1"}},
        {TypeKind::opaque, {"12.5", "(1,2)"}},
    };
}

Schema schema_of(const std::vector<OddColumn>& columns) {
    Schema schema;
    schema.engine = "postgresql";
    Table& table = schema.tables.emplace_back();
    table.name = {"public", "odd"};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        Column& column = table.columns.emplace_back();
        column.name = "c" + std::to_string(i);
        column.type = columns[i].type;
    }
    return schema;
}

RowBatch batch_of(const std::vector<OddColumn>& columns) {
    std::size_t rows = 0;
    for (const OddColumn& column : columns) {
        rows = std::max(rows, column.values.size());
    }
    RowBatch batch;
    for (const OddColumn& column : columns) {
        ColumnVector& values = batch.columns.emplace_back(column.type.kind);
        for (std::size_t row = 0; row < rows; ++row) {
            if (row >= column.values.size()) {
                values.append_null();
                continue;
            }
            INFO(to_string(column.type) << " " << column.values[row]);
            REQUIRE(model::append_from_text(values, column.type, column.values[row]));
        }
    }
    return batch;
}

}  // namespace

TEST_CASE("sqlite: the odd values of every type come back bit for bit", "[sqlite][types]") {
    const TemporaryDirectory directory;
    const std::vector<OddColumn> columns = odd_columns();
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("to.db")), {});
    backend::TargetPlan plan;
    plan.migration = "odd";
    plan.schema = target->adopt(schema_of(columns), {}).schema;
    const RowBatch batch = batch_of(columns);
    target->begin(plan);
    {
        const auto writer = target->open_writer();
        const auto transaction = writer->begin({"odd", "", 1, 0, {}}, WriteMode::append);
        transaction->write(batch);
        transaction->commit();
    }
    const auto staged = target->open_staging();
    staged->pin_snapshot(1);
    ScanSpec spec;
    spec.table = plan.schema.tables.data();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        spec.columns.push_back(i);
    }
    RowBatch back;
    REQUIRE(staged->open_reader(spec)->next(back));
    REQUIRE(back.row_count() == batch.row_count());
    for (std::size_t c = 0; c < columns.size(); ++c) {
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            INFO(to_string(columns[c].type) << " row " << row);
            REQUIRE(back.columns[c].is_null(row) == batch.columns[c].is_null(row));
            if (!batch.columns[c].is_null(row)) {
                std::string before;
                std::string after;
                model::append_text(batch.columns[c], row, columns[c].type, before);
                model::append_text(back.columns[c], row, columns[c].type, after);
                CHECK(after == before);
            }
        }
    }
    Digest a;
    Digest b;
    model::digest_rows(batch, a);
    model::digest_rows(back, b);
    CHECK(a == b);
}

TEST_CASE("sqlite: a row that does not fit is named, and its batch is not there", "[sqlite][writer]") {
    const TemporaryDirectory directory;
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("to.db")), {});
    Schema source;
    source.engine = "postgresql";
    Table& table = source.tables.emplace_back();
    table.name.name = "t";
    Column& id = table.columns.emplace_back();
    id.name = "id";
    id.type = TypeKind::int64;
    id.nullable = false;
    table.primary_key = Key{};
    table.primary_key->columns = {"id"};
    backend::TargetPlan plan;
    plan.migration = "m";
    plan.schema = target->adopt(source, {}).schema;
    target->begin(plan);
    RowBatch batch;
    ColumnVector& values = batch.columns.emplace_back(TypeKind::int64);
    for (const std::int64_t value : {1, 2, 2}) {
        values.append_fixed(value);
    }
    const auto writer = target->open_writer();
    const ChunkClaim claim{"m", "", 1, 0, {}};
    {
        const auto transaction = writer->begin(claim, WriteMode::append);
        try {
            transaction->write(batch);
            FAIL("a duplicate key was taken");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::row);
            CHECK(error.facts().row == 2);
            CHECK_FALSE(std::string(error.what()).find("t.id") == std::string::npos);
        }
        batch.columns[0].pop_back();
        transaction->write(batch);
        RejectedRow reject;
        reject.ordinal = 2;
        reject.reason = "duplicate";
        transaction->write_dead_letter({"", "t"}, reject);
        transaction->record({"m", {"", "t"}, {}, 2, 1, {}});
        transaction->commit();
    }
    const auto checkpoint = writer->find_checkpoint(claim);
    REQUIRE(checkpoint);
    CHECK(checkpoint->rows == 2);
    CHECK(checkpoint->rejects == 1);
    CHECK_THROWS_AS(writer->begin({"m", "", 2, 0, {}}, WriteMode::append), Error);
    const std::string staging = directory.path(".to.db.migrate-m");
    CHECK(PlainDatabase(staging).value("SELECT count(*) FROM t") == "2");
    CHECK(PlainDatabase(staging).value("SELECT reason FROM _migrate_dead_letter") == "duplicate");
    CHECK(target->recorded_migrations().at(0).state == "loading");
    target->abandon("m");
    CHECK_FALSE(std::filesystem::exists(staging));
    CHECK_FALSE(std::filesystem::exists(directory.path("to.db")));
}

TEST_CASE("sqlite: a transaction that is dropped leaves nothing", "[sqlite][writer]") {
    const TemporaryDirectory directory;
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("to.db")), {});
    backend::TargetPlan plan;
    plan.migration = "m";
    plan.schema = target->adopt(schema_of({{TypeKind::int64, {"1"}}}), {}).schema;
    target->begin(plan);
    const auto writer = target->open_writer();
    const ChunkClaim claim{"m", "", 1, 0, {}};
    writer->begin(claim, WriteMode::append)->write(batch_of({{TypeKind::int64, {"1", "2"}}}));
    CHECK_FALSE(writer->find_checkpoint(claim));
    CHECK(PlainDatabase(directory.path(".to.db.migrate-m")).value("SELECT count(*) FROM odd") == "0");
}

TEST_CASE("sqlite: check names orphans, keys without an index and damage", "[sqlite][check]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path,
                  "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p INT REFERENCES p(id)); "
                  "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (7), (8);");
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    const auto findings = source->check(source->read_schema({}).schema);
    std::vector<std::string> codes;
    codes.reserve(findings.size());
    for (const Finding& finding : findings) {
        codes.push_back(finding.code + " " + std::to_string(finding.count));
    }
    CHECK(codes == std::vector<std::string>{"foreign-key-orphans 2", "foreign-key-without-index 0"});
}

TEST_CASE("sqlite: check says of NULLs only what the rows say", "[sqlite][check]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    // Of the first table SQLite 3.40's own check says that a and b hold NULL. The second does hold one.
    make_database(path,
                  "CREATE TABLE w(a TEXT NOT NULL, b INT NOT NULL, c TEXT NOT NULL, PRIMARY KEY(c)) "
                  "WITHOUT ROWID; INSERT INTO w VALUES ('x', 1, 'k');"
                  "CREATE TABLE n(a TEXT); INSERT INTO n VALUES (NULL);"
                  "PRAGMA writable_schema=ON; "
                  "UPDATE sqlite_schema SET sql='CREATE TABLE n(a TEXT NOT NULL)' WHERE name='n';");
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    const auto findings = source->check(source->read_schema({}).schema);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == "constraint-violated");
    CHECK(findings[0].message == "NULL value in n.a");
}

TEST_CASE("sqlite: a table with nothing to store is refused by name", "[sqlite][adopt]") {
    const TemporaryDirectory directory;
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("to.db")), {});
    Schema schema = schema_of({});
    SECTION("without columns") {}
    SECTION("of a generated column only") {
        Column& column = schema.tables[0].columns.emplace_back();
        column.name = "g";
        column.type.kind = TypeKind::int32;
        column.generated.emplace().expression = "1";
    }
    const auto findings = target->adopt(schema, {}).findings;
    const auto refused = std::find_if(findings.begin(), findings.end(),
                                      [](const Finding& finding) { return finding.code == "no-columns"; });
    REQUIRE(refused != findings.end());
    CHECK(refused->severity == Severity::blocker);
    CHECK(refused->object == "table odd");
}

TEST_CASE("sqlite: a backup is a whole database of its own", "[sqlite][backup]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1), ('two');");
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(2);
    source->backup_to(directory.path("backup.db"));
    CHECK(all_rows(directory.path("backup.db")) == all_rows(path));
    CHECK_FALSE(std::filesystem::exists(directory.path("backup.db-wal")));
    CHECK_THROWS_AS(source->backup_to(directory.path("backup.db")), Error);
    CHECK(all_rows(directory.path("backup.db")) == all_rows(path));
}
