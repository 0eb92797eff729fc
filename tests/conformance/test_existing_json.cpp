// JSON as the source of rows for tables that an application has made.

#include <catch2/catch.hpp>

#include "conformance/existing_fixture.hpp"

namespace {

using namespace migrate;
using test::ApplicationTarget;
using test::make_application_target;
using test::migrate_into;
using test::TemporaryDirectory;

const std::vector<std::string> k_engines{"sqlite", "postgresql"};

constexpr const char* k_people =
    R"([{"id":1,"name":"Ada new","born":"1815-12-10","vip":true,"score":9.5,"at":"2024-02-29T12:34:56Z",)"
    R"("ref":"0f0e0d0c-0b0a-4908-8706-050403020100","doc":{"b":[1.50,null]}},)"
    R"({"name":"Bo new","id":2,"vip":false,"score":10,"doc":null},)"
    R"({"id":3,"name":"Cy","born":null,"score":-0.25,"doc":[]}])";

constexpr const char* k_sqlite_tables =
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born TEXT, vip BOOLEAN, score NUMERIC, "
    "at TEXT, ref TEXT, doc TEXT, origin TEXT DEFAULT 'here');"
    "INSERT INTO people (id, name, origin) VALUES (1, 'Ada old', 'old'), (7, 'Old', 'old')";

constexpr const char* k_pg_tables =
    "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(20) NOT NULL, born date, vip boolean, score "
    "numeric(8,2), at timestamptz, ref uuid, doc jsonb, origin text DEFAULT 'here');"
    "INSERT INTO people (id, name, origin) VALUES (1, 'Ada old', 'old'), (7, 'Old', 'old')";

Endpoint json(const std::string& path) {
    Endpoint endpoint = parse_endpoint("json:" + path, false);
    endpoint.options["nested"] = "json";
    return endpoint;
}

PlanOptions load_with(ConflictHandling policy) {
    PlanOptions options;
    options.on_existing = ExistingTables::load;
    options.on_conflict = policy;
    return options;
}

bool is_sqlite(const ApplicationTarget& target) {
    return target.endpoint().engine == "sqlite";
}

std::string people_in(ApplicationTarget& target) {
    return target.value(
        is_sqlite(target)
            ? "SELECT group_concat(id || ':' || name || ':' || coalesce(origin, '-'), ',') FROM (SELECT * "
              "FROM people ORDER BY id)"
            : "SELECT string_agg(id || ':' || name || ':' || coalesce(origin, '-'), ',' ORDER BY id) FROM "
              "people");
}

std::string values_of(ApplicationTarget& target, int id) {
    const std::string where = " FROM people WHERE id = " + std::to_string(id);
    return target.value(
        is_sqlite(target)
            ? "SELECT coalesce(born, '-') || '|' || coalesce(vip, '-') || '|' || score || '|' || "
              "coalesce(at, "
              "'-') || '|' || coalesce(ref, '-') || '|' || coalesce(doc, '-')" +
                  where
            : "SELECT coalesce(born::text, '-') || '|' || coalesce(vip::text, '-') || '|' || score || '|' || "
              "coalesce((at AT TIME ZONE 'UTC')::text, '-') || '|' || coalesce(ref::text, '-') || '|' || "
              "coalesce(doc::text, '-')" +
                  where);
}

std::unique_ptr<ApplicationTarget> application(const std::string& engine,
                                               const TemporaryDirectory& directory) {
    auto target = make_application_target(engine, directory);
    if (target) {
        target->exec(engine == "sqlite" ? k_sqlite_tables : k_pg_tables);
    }
    return target;
}

}  // namespace

TEST_CASE("existing: documents go into tables that are there, cast to their columns, and out again",
          "[conformance][existing][json]") {
    for (const std::string& engine : k_engines) {
        for (const bool overwrite : {false, true}) {
            DYNAMIC_SECTION(engine << (overwrite ? " overwrite" : " skip")) {
                const TemporaryDirectory directory;
                const auto target = application(engine, directory);
                if (!target) {
                    continue;
                }
                const std::string before = target->everything();
                const MigrationResult result =
                    migrate_into(json(directory.write("people.json", k_people)), target->endpoint(),
                                 load_with(overwrite ? ConflictHandling::overwrite : ConflictHandling::skip));
                INFO(result.failure);
                CHECK(result.exit_code() == 0);
                CHECK(people_in(*target) == (overwrite ? "1:Ada new:old,2:Bo new:here,3:Cy:here,7:Old:old"
                                                       : "1:Ada old:old,2:Bo new:here,3:Cy:here,7:Old:old"));
                CHECK(values_of(*target, 3) ==
                      (engine == "sqlite" ? "-|-|-0.25|-|-|[]" : "-|-|-0.25|-|-|[]"));
                // A column of text gets an instant in the spelling that SQLite's own columns of that type
                // get.
                if (overwrite) {
                    CHECK(values_of(*target, 1) ==
                          (engine == "sqlite"
                               ? "1815-12-10|1|9.5|2024-02-29T12:34:56Z|"
                                 R"(0f0e0d0c-0b0a-4908-8706-050403020100|{"b":[1.50,null]})"
                               : "1815-12-10|true|9.50|2024-02-29 12:34:56|"
                                 R"(0f0e0d0c-0b0a-4908-8706-050403020100|{"b": [1.50, null]})"));
                }
                const RollbackResult undone =
                    CrossDatabaseMigrator(MigratorConfig{})
                        .rollback_migration(result.id, {true, false}, target->endpoint());
                CHECK(undone.exit_code() == 0);
                CHECK(target->everything() == before);
            }
        }
    }
}

TEST_CASE("existing: what of documents does not fit a column is a dead letter, or stops and changes nothing",
          "[conformance][existing][json]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = application(engine, directory);
            if (!target) {
                return;
            }
            const Endpoint from = json(directory.write(
                "people.json", R"([{"id":2,"name":"fits"},{"id":3,"name":null},{"id":4,"name":"too"}])"));
            const std::string before = target->everything();
            PlanOptions options = load_with(ConflictHandling::skip);
            const MigrationResult stopped = migrate_into(from, target->endpoint(), options);
            CHECK(stopped.state == MigrationState::failed);
            CHECK(stopped.exit_code() != 0);
            CHECK(target->everything() == before);
            options.on_reject = RejectHandling::dead_letter;
            const MigrationResult result = migrate_into(from, target->endpoint(), options);
            INFO(result.failure);
            CHECK(result.exit_code() == 5);
            CHECK(people_in(*target) == "1:Ada old:old,2:fits:here,4:too:here,7:Old:old");
        }
    }
}

TEST_CASE("existing: members without a column are named, and left out where that is asked",
          "[conformance][existing][json]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = application(engine, directory);
            if (!target) {
                return;
            }
            const Endpoint from =
                json(directory.write("people.ndjson", "{\"id\":2,\"NAME\":\"folded\",\"extra\":1}\n"));
            PlanOptions options = load_with(ConflictHandling::skip);
            CrossDatabaseMigrator migrator{MigratorConfig{}};
            const MigrationPlan plan = migrator.plan_migration({from}, {target->endpoint()}, options);
            CHECK(plan.exit_code() == 3);
            CHECK(render_text(plan).find("extra") != std::string::npos);
            options.ignore_columns = {"people.extra"};
            const MigrationResult result = migrate_into(from, target->endpoint(), options);
            INFO(result.failure);
            CHECK(result.exit_code() == 0);
            CHECK(people_in(*target) == "1:Ada old:old,2:folded:here,7:Old:old");
        }
    }
}

TEST_CASE("existing: tables that this tool wrote as JSON go into tables that are there",
          "[conformance][existing][json]") {
    for (const std::string& engine : k_engines) {
        for (const std::string layout : {"tables", "documents"}) {
            DYNAMIC_SECTION(engine << " " << layout) {
                const TemporaryDirectory directory;
                const auto target = make_application_target(engine, directory);
                if (!target) {
                    continue;
                }
                Endpoint written = parse_endpoint("json:" + directory.path("out/"), true);
                written.options["layout"] = layout;
                const Endpoint from =
                    test::source_file(directory,
                                      "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                                      "CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer INTEGER "
                                      "REFERENCES customer, paid "
                                      "BOOLEAN, total DECIMAL(8,2));"
                                      "INSERT INTO customer VALUES (1, 'Ada'), (2, 'Bo');"
                                      "INSERT INTO purchase VALUES (1, 2, 1, 10.10), (2, NULL, 0, NULL)");
                REQUIRE(migrate_into(from, written, {}).exit_code() == 0);
                target->exec(
                    "CREATE TABLE customer (id BIGINT PRIMARY KEY, name VARCHAR(9) NOT NULL);"
                    "CREATE TABLE purchase (id BIGINT PRIMARY KEY, customer BIGINT REFERENCES customer (id), "
                    "paid BOOLEAN, total NUMERIC(10,2))");
                const MigrationResult result =
                    migrate_into(parse_endpoint("json:" + directory.path("out"), false), target->endpoint(),
                                 load_with(ConflictHandling::refuse));
                INFO(result.failure);
                CHECK(result.exit_code() == 0);
                CHECK(target->value("SELECT count(*) FROM customer") == "2");
                CHECK(target->value("SELECT customer FROM purchase WHERE id = 1") == "2");
                CHECK(target->value("SELECT count(*) FROM purchase WHERE customer IS NULL") == "1");
            }
        }
    }
}
