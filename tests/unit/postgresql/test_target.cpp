#include <cstdlib>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

/// Everything that a migration could leave behind.
constexpr const char* k_trace = R"sql(
SELECT 'namespace', nspname::text FROM pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT 'class', c.oid::text || relname || relkind::text || relnamespace || relfilenode FROM pg_class c
          WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL SELECT 'type', oid::text || typname FROM pg_type WHERE typnamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL SELECT 'constraint', oid::text || conname FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL SELECT 'row', t::text FROM kept t
ORDER BY 1, 2)sql";

struct Sides {
    std::unique_ptr<PgDatabase> from = make_pg_database();
    std::unique_ptr<PgDatabase> to = make_pg_database();

    explicit operator bool() const { return from != nullptr && to != nullptr; }

    void prepare(const std::string& source) const {
        from->connect().exec(source);
        to->connect().exec(
            "CREATE TABLE kept (a integer PRIMARY KEY, b text); INSERT INTO kept VALUES (1, 'x')");
    }
};

constexpr const char* k_two_tables =
    "CREATE TABLE a (id integer PRIMARY KEY, t text); INSERT INTO a SELECT n, 'row ' || n FROM "
    "generate_series(1, 1000) n; CREATE TABLE b (id serial PRIMARY KEY, a integer REFERENCES a); INSERT INTO "
    "b "
    "(a) SELECT n FROM generate_series(1, 1000) n";

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        UNSCOPED_INFO(error.what());
        return error.code();
    }
    FAIL("nothing was thrown");
    return ErrorCode::internal;
}

RowBatch batch_of(const std::vector<std::pair<std::int64_t, std::string>>& rows) {
    RowBatch batch;
    batch.reset({TypeKind::int32, TypeKind::text});
    for (const auto& [id, text] : rows) {
        batch.columns[0].append_fixed(id);
        batch.columns[1].append_bytes(text);
    }
    return batch;
}

ChunkClaim claim_of(const PgCopy& copy, std::uint64_t epoch = 1) {
    return {copy.plan.migration, copy.plan.owner, epoch, 0, {}};
}

}  // namespace

TEST_CASE("postgresql: a target is unchanged until the cutover and after abandoning",
          "[postgresql][staging]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(k_two_tables);
    const auto before = sides.to->connect().query(k_trace);
    PgCopy copy(*sides.from, *sides.to);
    copy.begin();
    copy.load();
    copy.build();
    CHECK(sides.to->connect().value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "1");
    CHECK(copy.target->recorded_migrations().at(0).state == "loading");
    copy.target->abandon(copy.plan.migration);
    copy.target->abandon(copy.plan.migration);
    CHECK(sides.to->connect().query(k_trace) == before);
}

TEST_CASE("postgresql: a cutover shows all tables and leaves the others", "[postgresql][cutover]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(k_two_tables);
    PgCopy copy(*sides.from, *sides.to);
    copy.run();
    auto to = sides.to->connect();
    CHECK(to.value("SELECT count(*) FROM a JOIN b ON b.a = a.id") == "1000");
    CHECK(to.value("SELECT nextval('b_id_seq')") == "1001");
    CHECK(to.value("SELECT b FROM kept") == "x");
    CHECK(to.value("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '\\_migrate\\_%'") == "0");
    CHECK(copy.target->recorded_migrations().at(0).state == "done");
    const auto reopened = backends::postgresql::backend().open_source(pg_endpoint(*sides.to), {});
    CHECK(reopened->provenance() == R"([{"of": "a test"}])");
    CHECK(code_of([&] { copy.target->abandon(copy.plan.migration); }) == ErrorCode::refused);
}

TEST_CASE("postgresql: a cutover waits for locks and then says so", "[postgresql][cutover]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(k_two_tables);
    PgCopy copy(*sides.from, *sides.to);
    copy.begin();
    copy.load();
    copy.build();
    auto other = sides.to->connect();
    other.exec("BEGIN; LOCK TABLE _migrate_0a1b2c_0.b IN ACCESS SHARE MODE");
    CHECK(code_of([&] { copy.cutover(); }) == ErrorCode::transient);
    CHECK(copy.target->recorded_migrations().at(0).state == "ready");
    other.exec("ROLLBACK");
    copy.target->cutover({});
    CHECK(sides.to->connect().value("SELECT count(*) FROM b") == "1000");
}

TEST_CASE("postgresql: a row that does not fit is named and the rest can go on", "[postgresql][reject]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare("CREATE TABLE a (id integer, t varchar(5) CHECK (t <> 'bad'))");
    PgCopy copy(*sides.from, *sides.to);
    copy.begin();
    const auto writer = copy.target->open_writer();
    const auto transaction = writer->begin(claim_of(copy), WriteMode::append);
    transaction->write(batch_of({{1, "one"}}));
    const auto row_of = [&](const RowBatch& batch) -> std::pair<std::uint64_t, std::string> {
        try {
            transaction->write(batch);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::row);
            CHECK(std::string(error.what()).find("toolong") == std::string::npos);
            return {error.facts().row.value_or(99), error.facts().column};
        }
        return {99, "nothing was thrown"};
    };
    CHECK(row_of(batch_of({{2, "two"}, {3, "toolong"}, {4, "four"}})) ==
          std::pair<std::uint64_t, std::string>{1, "t"});
    CHECK(row_of(batch_of({{2, "two"}, {3, std::string("a\0b", 3)}})) ==
          std::pair<std::uint64_t, std::string>{1, "t"});
    CHECK(row_of(batch_of({{2147483648, "two"}})) == std::pair<std::uint64_t, std::string>{0, "id"});
    transaction->write(batch_of({{2, "two"}}));
    transaction->write_dead_letter({"public", "a"}, {1, "3", "t", "too long", "{}"});
    Checkpoint checkpoint{copy.plan.migration, {"public", "a"}, {}, 2, 1, {}};
    transaction->record(checkpoint);
    transaction->commit();
    CHECK(sides.to->connect().value("SELECT string_agg(t, ',' ORDER BY id) FROM _migrate_0a1b2c_0.a") ==
          "one,two");
    CHECK(sides.to->connect().value("SELECT reason FROM _migrate.dead_letter") == "too long");
    const auto found = writer->find_checkpoint(claim_of(copy));
    REQUIRE(found);
    CHECK(found->rows == 2);
    CHECK(found->rejects == 1);
}

TEST_CASE("postgresql: a chunk that is not committed leaves no trace", "[postgresql][checkpoint]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare("CREATE TABLE a (id integer, t text)");
    PgCopy copy(*sides.from, *sides.to);
    copy.begin();
    const auto writer = copy.target->open_writer();
    {
        const auto transaction = writer->begin(claim_of(copy), WriteMode::append);
        transaction->write(batch_of({{1, "one"}}));
        transaction->record({copy.plan.migration, {"public", "a"}, {}, 1, 0, {}});
    }
    CHECK(sides.to->connect().value("SELECT count(*) FROM _migrate_0a1b2c_0.a") == "0");
    CHECK_FALSE(writer->find_checkpoint(claim_of(copy)));
}

TEST_CASE("postgresql: a worker of an earlier epoch cannot write", "[postgresql][fencing]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare("CREATE TABLE a (id integer, t text)");
    PgCopy copy(*sides.from, *sides.to);
    copy.begin();
    const auto writer = copy.target->open_writer();
    copy.target->reopen(copy.plan);
    CHECK(copy.target->recorded_migrations().at(0).epoch == 2);
    CHECK(code_of([&] { writer->begin(claim_of(copy), WriteMode::append); }) == ErrorCode::locked);
    CHECK_NOTHROW(writer->begin(claim_of(copy, 2), WriteMode::append));
}

TEST_CASE("postgresql: one migration at a time has the target", "[postgresql][lock]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    const auto& engine = backends::postgresql::backend();
    const auto first = engine.open_target(pg_endpoint(*sides.to), {});
    first->lock("aa");
    const auto second = engine.open_target(pg_endpoint(*sides.to), {});
    CHECK(code_of([&] { second->lock("bb"); }) == ErrorCode::locked);
}

TEST_CASE("postgresql: preflight names tables and other things in the way", "[postgresql][preflight]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(k_two_tables);
    sides.to->connect().exec("CREATE TABLE a (x integer); CREATE VIEW b_pkey AS SELECT 1");
    PgCopy copy(*sides.from, *sides.to);
    std::vector<std::string> blockers;
    for (const Finding& finding : copy.target->preflight(copy.plan, 0)) {
        if (finding.severity == Severity::blocker) {
            blockers.push_back(finding.code + " " + finding.object);
        }
    }
    CHECK(blockers ==
          std::vector<std::string>{"table-exists table public.a", "name-taken primary key public.b_pkey"});
}

TEST_CASE("postgresql: orphans stop the build or make the key not valid", "[postgresql][constraints]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(k_two_tables);
    sides.from->connect().exec(
        "ALTER TABLE b DROP CONSTRAINT b_a_fkey; INSERT INTO b (a) VALUES (5000), (NULL); ALTER TABLE b ADD "
        "CONSTRAINT b_a_fkey FOREIGN KEY (a) REFERENCES a NOT VALID");
    PgCopy copy(*sides.from, *sides.to);
    for (Table& table : copy.plan.schema.tables) {
        for (ForeignKey& key : table.foreign_keys) {
            key.validated = true;
        }
    }
    SECTION("stop") {
        copy.plan.on_orphan = OrphanHandling::stop;
        copy.begin();
        copy.load();
        CHECK(code_of([&] { copy.build(); }) == ErrorCode::constraint);
    }
    SECTION("not valid") {
        copy.begin();
        copy.load();
        copy.findings.clear();
        copy.build();
        REQUIRE(copy.findings.size() == 1);
        CHECK(copy.findings[0].code == "foreign-key-orphans");
        CHECK(copy.findings[0].count == 1);
        copy.cutover();
        CHECK(sides.to->connect().value(
                  "SELECT convalidated FROM pg_constraint WHERE conname = 'b_a_fkey'") == "f");
    }
}

TEST_CASE("postgresql: duplicates and NULLs stop the build of their key, or go",
          "[postgresql][constraints]") {
    const Sides sides;
    if (!sides) {
        return;
    }
    sides.prepare(
        "CREATE TABLE a (id integer, t text); INSERT INTO a VALUES (1, 'x'), (1, 'y'), (NULL, 'x'), (2, "
        "'x'), (3, 'z'), (3, 'z')");
    PgCopy copy(*sides.from, *sides.to);
    Table& table = copy.plan.schema.tables.at(0);
    table.primary_key = Key{};
    table.primary_key->name = "a_pkey";
    table.primary_key->columns = {"id", "t"};
    Key unique;
    unique.name = "a_t_key";
    unique.columns = {"t"};
    table.unique_keys.push_back(unique);
    SECTION("stop") {
        copy.begin();
        copy.load();
        CHECK(code_of([&] { copy.build(); }) == ErrorCode::constraint);
    }
    SECTION("dead letters, of which what they were read back as is told") {
        copy.plan.on_reject = RejectHandling::dead_letter;
        copy.begin();
        copy.load();
        copy.build();
        CHECK(copy.findings.empty());
        REQUIRE(copy.removed.size() == 3);
        CHECK(copy.removed[0].reason ==
              "primary key a_pkey of public.a: the row has NULL in the primary key");
        CHECK(copy.removed[0].rows == 1);
        CHECK(copy.removed[1].reason == "primary key a_pkey of public.a: the row repeats the key of another");
        CHECK(copy.removed[1].rows == 1);
        CHECK(copy.removed[2].reason == "unique key a_t_key of public.a: the row repeats the key of another");
        CHECK(copy.removed[2].rows == 1);
        auto [sent, staged] = copy.digests().at(0);
        for (const backend::RemovedRows& rows : copy.removed) {
            sent.subtract(rows.digest);
        }
        CHECK(sent == staged);
        PgConnection target = sides.to->connect();
        CHECK(target.value("SELECT sum(rows) || ' ' || sum(rejects) FROM _migrate.checkpoint") == "3 3");
        CHECK(target.value("SELECT string_agg(chunk_index || ':' || ordinal || ' ' || row_json, ';' ORDER BY "
                           "ordinal) FROM _migrate.dead_letter") ==
              R"(-1:0 {"id":null,"t":"x"};-1:1 {"id":3,"t":"z"};-1:2 {"id":2,"t":"x"})");
        copy.cutover();
        CHECK(target.value("SELECT string_agg(id || t, ' ' ORDER BY id, t) FROM a") == "1x 1y 3z");
    }
}

}  // namespace migrate::test
