#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "support/sqlite.hpp"
#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

namespace migrate::test {
namespace {

/// A table t of a text key, which has an index of its own.
Schema keyed_schema() {
    Schema source;
    source.engine = "postgresql";
    Table& table = source.tables.emplace_back();
    table.name.name = "t";
    Column& key = table.columns.emplace_back();
    key.name = "k";
    key.type = TypeKind::text;
    key.nullable = false;
    table.primary_key = Key{};
    table.primary_key->columns = {"k"};
    return source;
}

void write_row(backend::Target& target, const std::string& value) {
    RowBatch batch;
    batch.columns.emplace_back(TypeKind::text).append_bytes(value);
    const auto writer = target.open_writer();
    const auto transaction = writer->begin({"m", "", 1, 0, {}}, WriteMode::append);
    transaction->write(batch);
    transaction->commit();
}

/// Zeros in the place of the first page of the table's index. No connection of this process is open then.
void damage_index(const std::string& path) {
    std::string page;
    {
        PlainDatabase database(path);
        page = database.value("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 't'");
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((std::stoll(page) - 1) * 4096);
    file << std::string(4096, '\0');
}

ErrorCode code_of(const std::function<void()>& run) {
    try {
        run();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("sqlite: a damaged staging file is never ready, and not shown by another run", "[sqlite][target]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("to.db");
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(path), {});
    backend::TargetPlan plan;
    plan.migration = "m";
    plan.schema = target->adopt(keyed_schema(), {}).schema;
    target->begin(plan);
    write_row(*target, "one");
    damage_index(directory.path(".to.db.migrate-m"));

    SECTION("found while it is verified") {
        const auto staged = target->open_staging();
        staged->pin_snapshot(2);
        CHECK(code_of([&] { target->mark_ready("{}"); }) == ErrorCode::differs);
    }
    SECTION("found by the run that cuts over") {
        const auto other = backends::sqlite::backend().open_target(sqlite_endpoint(path), {});
        other->reopen(plan);
        CHECK(code_of([&] { other->cutover({}); }) == ErrorCode::differs);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("sqlite: what is staged is the run's that took it over last", "[sqlite][target][fencing]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("to.db");
    const auto dead = backends::sqlite::backend().open_target(sqlite_endpoint(path), {});
    backend::TargetPlan plan;
    plan.migration = "m";
    plan.owner = "one";
    plan.schema = dead->adopt(keyed_schema(), {}).schema;
    dead->begin(plan);
    write_row(*dead, "one");
    const auto other = backends::sqlite::backend().open_target(sqlite_endpoint(path), {});
    backend::TargetPlan others = plan;
    others.owner = "two";
    other->reopen(others);

    for (const backend::BuildStep& step : dead->build_steps()) {
        CHECK(code_of([&] { dead->build(step); }) == ErrorCode::locked);
    }
    CHECK(code_of([&] { dead->mark_ready("{}"); }) == ErrorCode::locked);
    CHECK(code_of([&] { dead->cutover({}); }) == ErrorCode::locked);
    CHECK(code_of([&] { dead->abandon("m"); }) == ErrorCode::locked);
    CHECK_FALSE(std::filesystem::exists(path));
    other->mark_ready("{}");
    other->cutover({});
    CHECK(SqliteDatabase(path).value("SELECT count(*) FROM t") == "1");
}

TEST_CASE("sqlite: a table may have the name under which batches are read", "[sqlite][writer]") {
    const TemporaryDirectory directory;
    make_database(directory.path("from.db"),
                  "CREATE TABLE _migrate_batch(a, b); INSERT INTO _migrate_batch VALUES (1, 'x'), (2, 'y');"
                  "CREATE TABLE t(a, b); INSERT INTO t VALUES (3, 'z')");

    copy_database(directory.path("from.db"), directory.path("to.db"));

    PlainDatabase made(directory.path("to.db"));
    CHECK(made.value("SELECT group_concat(a || b) FROM _migrate_batch") == "1x,2y");
    CHECK(made.value("SELECT group_concat(a || b) FROM t") == "3z");
}

TEST_CASE("sqlite: a row without a key is named, and its batch is not there", "[sqlite][writer]") {
    const TemporaryDirectory directory;
    const auto target = backends::sqlite::backend().open_target(sqlite_endpoint(directory.path("to.db")), {});
    Schema source = keyed_schema();
    source.tables[0].columns[0].type = TypeKind::int64;
    backend::TargetPlan plan;
    plan.migration = "m";
    plan.schema = target->adopt(source, {}).schema;
    target->begin(plan);
    RowBatch batch;
    ColumnVector& keys = batch.columns.emplace_back(TypeKind::int64);
    keys.append_fixed(1);
    keys.append_fixed(2);
    keys.append_null();
    keys.append_fixed(4);
    const auto writer = target->open_writer();
    const auto transaction = writer->begin({"m", "", 1, 0, {}}, WriteMode::append);

    try {
        transaction->write(batch);
        FAIL("SQLite made a key up");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::row);
        CHECK(error.facts().row == 2U);
        CHECK(error.facts().column == "k");
    }
    transaction->write(batch.slice(0, 2));
    transaction->commit();

    CHECK(PlainDatabase(directory.path(".to.db.migrate-m")).value("SELECT group_concat(k) FROM t") == "1,2");
}

}  // namespace migrate::test
