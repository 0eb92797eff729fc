#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "backends/postgresql/build_order.hpp"
#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

using Step = backend::BuildStep;

Table table_of(const std::string& name) {
    Table table;
    table.name = {"public", name};
    Column id;
    id.name = "id";
    id.type = TypeKind::int64;
    table.columns.push_back(id);
    table.primary_key = Key{};
    table.primary_key->columns = {"id"};
    return table;
}

ForeignKey key_to(const std::string& name, const std::string& table) {
    ForeignKey key;
    key.name = name;
    key.columns = {"id"};
    key.referenced_table = {"public", table};
    key.referenced_columns = {"id"};
    return key;
}

/// True where the step at `later` waits for the one at `earlier`, directly or by others.
bool comes_after(const std::vector<Step>& steps, std::size_t later, std::size_t earlier) {
    for (const std::size_t before : steps[later].after) {
        if (before == earlier || comes_after(steps, before, earlier)) {
            return true;
        }
    }
    return false;
}

std::map<std::string, std::size_t> by_description(const std::vector<Step>& steps) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        places[steps[i].description] = i;
        for (const std::size_t before : steps[i].after) {
            CHECK(before < i);
        }
    }
    return places;
}

}  // namespace

TEST_CASE("postgresql: build steps wait for what their locks and keys need", "[postgresql][build]") {
    Schema schema;
    schema.tables = {table_of("a"), table_of("b"), table_of("apart")};
    schema.tables[2].indexes.resize(1);
    schema.tables[2].indexes[0].name = "lone";
    schema.tables[0].indexes.resize(2);
    schema.tables[0].indexes[0].name = "one";
    schema.tables[0].indexes[1].name = "two";
    schema.tables[0].foreign_keys = {key_to("to_b", "b")};
    schema.tables[1].foreign_keys = {key_to("to_a", "a")};
    const auto steps = backends::postgresql::build_steps_of(schema);
    auto at = by_description(steps);
    const auto waits = [&](const std::string& later, const std::string& earlier) {
        REQUIRE(at.contains(later));
        REQUIRE(at.contains(earlier));
        return comes_after(steps, at[later], at[earlier]);
    };
    CHECK(waits("primary key on public.a", "rows of public.a"));
    CHECK(waits("index one on public.a", "primary key on public.a"));
    CHECK_FALSE(waits("index two on public.a", "index one on public.a"));
    CHECK_FALSE(waits("primary key on public.b", "primary key on public.a"));
    CHECK(waits("foreign key to_b on public.a", "index two on public.a"));
    CHECK(waits("foreign key to_b on public.a", "primary key on public.b"));
    // Each locks both tables: one after another, and their rows are looked at when all are there.
    CHECK(waits("foreign key to_a on public.b", "foreign key to_b on public.a"));
    CHECK(waits("rows of foreign key to_b on public.a", "foreign key to_a on public.b"));
    CHECK_FALSE(waits("rows of foreign key to_a on public.b", "rows of foreign key to_b on public.a"));
    CHECK(waits("statistics of public.a", "rows of foreign key to_b on public.a"));
    // No key leads to this one or from it: its statistics wait for its index all the same.
    CHECK(waits("statistics of public.apart", "index lone on public.apart"));
    CHECK(steps[at["primary key on public.a"]].locks == Step::Locks::readers);
    CHECK(steps[at["index one on public.a"]].locks == Step::Locks::nobody);
    CHECK(steps[at["foreign key to_b on public.a"]].locks == Step::Locks::nobody);
}

TEST_CASE("postgresql: several builders only where no step takes rows out", "[postgresql][build]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr || to == nullptr) {
        return;
    }
    from->connect().exec("CREATE TABLE a (id integer PRIMARY KEY)");
    const auto builders_with = [&](OrphanHandling orphans, RejectHandling rejects) {
        PgCopy copy(*from, *to);
        copy.plan.on_orphan = orphans;
        copy.plan.on_reject = rejects;
        copy.begin();
        const unsigned builders = copy.target->builders(4);
        copy.target->abandon(copy.plan.migration);
        return builders;
    };
    CHECK(builders_with(OrphanHandling::not_valid, RejectHandling::stop) == 4);
    CHECK(builders_with(OrphanHandling::dead_letter, RejectHandling::stop) == 1);
    CHECK(builders_with(OrphanHandling::not_valid, RejectHandling::dead_letter) == 1);
    CHECK(builders_with(OrphanHandling::not_valid, RejectHandling::null_value) == 1);
    CHECK(builders_with(OrphanHandling::stop, RejectHandling::stop) == 4);
}

TEST_CASE("postgresql: foreign keys are validated, those with orphans and of partitioned tables too",
          "[postgresql][build][constraints]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr || to == nullptr) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE a (id integer PRIMARY KEY); INSERT INTO a VALUES (1), (2); CREATE TABLE good (id "
        "integer "
        "REFERENCES a); INSERT INTO good VALUES (1), (NULL); CREATE TABLE bad (id integer); INSERT INTO bad "
        "VALUES (7); ALTER TABLE bad ADD FOREIGN KEY (id) REFERENCES a NOT VALID; CREATE TABLE parts (id "
        "integer "
        "REFERENCES a) PARTITION BY RANGE (id); CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM "
        "(0) TO "
        "(10); INSERT INTO parts VALUES (2)");
    PgCopy copy(*from, *to);
    // As a source whose keys were never checked says them.
    for (Table& table : copy.plan.schema.tables) {
        for (ForeignKey& key : table.foreign_keys) {
            key.validated = true;
        }
    }
    copy.run();
    auto connection = to->connect();
    const auto validated = [&](const char* table) {
        return connection.value(
            "SELECT convalidated FROM pg_constraint WHERE contype = 'f' AND conrelid = '" +
            std::string(table) + "'::regclass");
    };
    CHECK(validated("good") == "t");
    CHECK(validated("parts") == "t");
    CHECK(validated("bad") == "f");
    REQUIRE(copy.findings.size() == 1);
    CHECK(copy.findings[0].code == "foreign-key-orphans");
    CHECK(copy.findings[0].count == 1);
}

TEST_CASE("postgresql: rows are digested as they are written where nothing reads them back",
          "[postgresql][rollback]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr || to == nullptr) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE plain (a boolean, b smallint, c integer, d bigint, e real, f double precision, g "
        "numeric, h "
        "numeric(12,4), i text, j varchar(9), k bytea, l date, m time, n timestamp, o timestamptz, p uuid); "
        "INSERT "
        "INTO plain SELECT n % 2 = 0, n, n * 1000, n * 10000000000, n / 3.0::real, CASE n % 7 WHEN 0 THEN "
        "'NaN' "
        "WHEN 1 THEN '-0' ELSE n / 7.0 END::double precision, CASE n % 5 WHEN 0 THEN 'NaN' WHEN 1 THEN n * "
        "1e20 "
        "WHEN 2 THEN 1.500 WHEN 3 THEN -0.00001230 END::numeric, n / 8.0, 'text ä ' || n, 'v' || n, "
        "decode(md5(n::text), 'hex'), date '2000-01-01' + n, time '00:00' + n * interval '1 s', timestamp "
        "'1999-12-31 23:59:59.123456' + n * interval '1 h', CASE n % 3 WHEN 0 THEN 'infinity'::timestamptz "
        "ELSE "
        "now() END, md5(n::text)::uuid FROM generate_series(1, 500) n; INSERT INTO plain DEFAULT VALUES; "
        "CREATE "
        "TABLE other (a jsonb); INSERT INTO other VALUES ('{\"b\": 1, \"a\": 2}')");
    PgCopy copy(*from, *to);
    copy.plan.digest_written = true;
    copy.begin();
    copy.load();
    copy.build();
    copy.target->mark_ready("{}");
    auto connection = to->connect();
    // jsonb comes back in another spelling: such a table is read at the cutover.
    CHECK(connection.value(
              "SELECT string_agg(table_name, ',') FROM _migrate.undo_table WHERE digest_after LIKE "
              "'copy:%'") == "plain");
    copy.cutover();
    CHECK(connection.value("SELECT count(*) FROM _migrate.undo_table WHERE digest_after LIKE 'copy:%'") ==
          "2");
    copy.target.reset();
    const auto target = backends::postgresql::backend().open_target(pg_endpoint(*to), {});
    target->lock(copy.plan.migration);
    RollbackOptions options;
    options.execute = true;
    const RollbackResult result = target->rollback({copy.plan.migration, copy.plan.schema, options});
    CHECK(result.exit_code() == 0);
    for (const RolledBackTable& table : result.tables) {
        INFO(table.table);
        CHECK_FALSE(table.changed_since);
    }
    CHECK(connection.value("SELECT to_regclass('plain') IS NULL") == "t");
}

}  // namespace migrate::test
