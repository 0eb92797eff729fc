#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "conformance/existing_fixture.hpp"

namespace {

using namespace migrate;
using test::ApplicationTarget;
using test::make_application_target;
using test::migrate_into;
using test::TemporaryDirectory;

const std::vector<std::string> k_engines{"sqlite", "postgresql"};

constexpr const char* k_source =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, changed INTEGER NOT NULL);"
    "CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer, note TEXT);"
    "INSERT INTO customer VALUES (1, 'Ada new', 10), (2, 'Bo new', 1), (3, 'Cy', 5);"
    "INSERT INTO purchase VALUES (1, 3, 'first'), (2, 1, 'second')";

constexpr const char* k_tables =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, changed INTEGER NOT NULL, "
    "origin TEXT DEFAULT 'here');"
    "CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), note TEXT);"
    "INSERT INTO customer VALUES (1, 'Ada old', 5, 'old'), (2, 'Bo old', 5, 'old')";

PlanOptions load_with(ConflictHandling policy) {
    PlanOptions options;
    options.on_existing = ExistingTables::load;
    options.on_conflict = policy;
    return options;
}

RollbackResult roll_back(const std::string& id, const Endpoint& target,
                         RollbackOptions options = {true, false}) {
    return CrossDatabaseMigrator(MigratorConfig{}).rollback_migration(id, options, target);
}

std::string names_in(ApplicationTarget& target) {
    const bool sqlite = target.endpoint().engine == "sqlite";
    return target.value(
        sqlite ? "SELECT group_concat(name || ':' || coalesce(origin, '-'), ',') FROM (SELECT * FROM "
                 "customer ORDER BY id)"
               : "SELECT string_agg(name || ':' || coalesce(origin, '-'), ',' ORDER BY id) FROM "
                 "customer");
}

void check_way_back(ApplicationTarget& target, const std::string& id, const std::string& before) {
    const RollbackResult result = roll_back(id, target.endpoint());
    CHECK(result.exit_code() == 0);
    CHECK(result.executed);
    for (const RolledBackTable& table : result.tables) {
        INFO(table.table);
        CHECK(table.proven);
    }
    CHECK(target.everything() == before);
    const RollbackResult again = roll_back(id, target.endpoint());
    CHECK(again.was_rolled_back);
    CHECK(target.everything() == before);
}

}  // namespace

TEST_CASE("existing: rows go into tables that are there by each conflict policy, and come out again",
          "[conformance][existing]") {
    struct Case {
        ConflictHandling policy;
        std::string names;
        std::uint64_t skipped;
        std::uint64_t overwritten;
    };
    const std::vector<Case> cases{
        {ConflictHandling::skip, "Ada old:old,Bo old:old,Cy:here", 2, 0},
        {ConflictHandling::overwrite, "Ada new:old,Bo new:old,Cy:here", 0, 2},
        {ConflictHandling::keep_newest, "Ada new:old,Bo old:old,Cy:here", 1, 1},
    };
    for (const std::string& engine : k_engines) {
        for (const Case& one : cases) {
            DYNAMIC_SECTION(engine << " " << to_string(one.policy)) {
                const TemporaryDirectory directory;
                const auto target = make_application_target(engine, directory);
                if (!target) {
                    continue;
                }
                target->exec(k_tables);
                const std::string before = target->everything();
                PlanOptions options = load_with(one.policy);
                options.newest_column = "changed";
                const auto result =
                    migrate_into(test::source_file(directory, k_source), target->endpoint(), options);
                INFO(result.failure);
                CHECK(result.exit_code() == 0);
                CHECK(names_in(*target) == one.names);
                CHECK(target->value("SELECT count(*) FROM purchase") == "2");
                for (const TableResult& table : result.tables) {
                    if (table.source == "customer") {
                        CHECK(table.skipped == one.skipped);
                        CHECK(table.overwritten == one.overwritten);
                    }
                }
                check_way_back(*target, result.id, before);
            }
        }
    }
}

TEST_CASE("existing: a key that is there stops the migration where that is asked, and nothing changes",
          "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec(k_tables);
            const std::string before = target->everything();
            const auto result = migrate_into(test::source_file(directory, k_source), target->endpoint(),
                                             load_with(ConflictHandling::stop));
            CHECK(result.state == MigrationState::failed);
            CHECK(result.error == ErrorCode::constraint);
            CHECK(target->everything() == before);
        }
    }
}

TEST_CASE("existing: a table with rows needs a conflict policy, a column without a place is named",
          "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec(
                "CREATE TABLE thing (id INTEGER PRIMARY KEY, \"Name\" TEXT, must TEXT NOT NULL); INSERT INTO "
                "thing "
                "VALUES (1, 'a', 'b')");
            const Endpoint from = test::source_file(
                directory, "CREATE TABLE Thing (ID INTEGER PRIMARY KEY, name TEXT, extra TEXT)");
            CrossDatabaseMigrator migrator{MigratorConfig{}};
            const auto plan =
                migrator.plan_migration({from}, {target->endpoint()}, load_with(ConflictHandling::refuse));
            std::string codes;
            for (const Finding& finding : plan.findings) {
                if (finding.severity == Severity::blocker) {
                    codes += finding.code + " ";
                }
            }
            CHECK(codes.find("table-not-empty") != std::string::npos);
            CHECK(codes.find("column-without-target") != std::string::npos);
            CHECK(codes.find("column-without-source") != std::string::npos);
            CHECK(plan.exit_code() == 3);
            PlanOptions options = load_with(ConflictHandling::skip);
            options.ignore_columns = {"Thing.extra"};
            target->exec("DELETE FROM thing");
            for (const Finding& finding :
                 migrator.plan_migration({from}, {target->endpoint()}, options).findings) {
                CHECK(finding.code != "column-without-target");
                CHECK(finding.code != "table-not-empty");
            }
        }
    }
}

TEST_CASE("existing: what the target's own triggers do is undone with the load", "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        for (const bool disabled : {false, true}) {
            DYNAMIC_SECTION(engine << (disabled ? " without" : " with") << " triggers") {
                const TemporaryDirectory directory;
                const auto target = make_application_target(engine, directory);
                if (!target) {
                    continue;
                }
                target->exec(k_tables);
                target->exec("CREATE TABLE log (line TEXT); INSERT INTO log VALUES ('before'), ('before')");
                target->exec(
                    engine == "sqlite"
                        ? "CREATE TRIGGER noted AFTER INSERT ON customer BEGIN INSERT INTO log VALUES "
                          "(NEW.name); UPDATE customer SET origin = 'trigger' WHERE id = NEW.id; END"
                        : "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO "
                          "log VALUES (NEW.name); NEW.origin := 'trigger'; RETURN NEW; END$$; CREATE "
                          "TRIGGER noted BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION note()");
                const std::string before = target->everything();
                PlanOptions options = load_with(ConflictHandling::skip);
                options.disable_triggers = disabled;
                const auto result =
                    migrate_into(test::source_file(directory, k_source), target->endpoint(), options);
                INFO(result.failure);
                CHECK(result.exit_code() == 0);
                CHECK(target->value("SELECT count(*) FROM log") == (disabled ? "2" : "3"));
                CHECK(target->value("SELECT origin FROM customer WHERE id = 3") ==
                      (disabled ? "here" : "trigger"));
                check_way_back(*target, result.id, before);
            }
        }
    }
}

TEST_CASE("existing: a rollback is refused where rows were changed since, and says so",
          "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec(k_tables);
            const auto result = migrate_into(test::source_file(directory, k_source), target->endpoint(),
                                             load_with(ConflictHandling::skip));
            REQUIRE(result.exit_code() == 0);
            target->exec("UPDATE customer SET name = 'later' WHERE id = 1");
            const std::string now = target->everything();
            CHECK(roll_back(result.id, target->endpoint(), {false, false}).exit_code() == 3);
            CHECK_THROWS_AS(roll_back(result.id, target->endpoint()), Error);
            CHECK(target->everything() == now);
            const auto discarded = roll_back(result.id, target->endpoint(), {true, true});
            CHECK(discarded.exit_code() == 4);
            CHECK(names_in(*target) == "later:old,Bo old:old");
        }
    }
}

TEST_CASE("existing: tables that are replaced are kept, and come back as they were",
          "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec(k_tables);
            target->exec(
                "CREATE INDEX customer_name ON customer (name); CREATE VIEW names AS SELECT id, name FROM "
                "customer; "
                "CREATE TABLE other (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id)); "
                "INSERT "
                "INTO other VALUES (1, 2)");
            if (engine == "postgresql") {
                target->exec("COMMENT ON TABLE customer IS 'people'; GRANT SELECT ON customer TO PUBLIC");
                target->exec(
                    "DROP VIEW names; ALTER TABLE customer ALTER id TYPE bigint; ALTER TABLE other ALTER "
                    "customer_id TYPE bigint; ALTER TABLE customer ALTER changed TYPE bigint");
                target->exec("CREATE VIEW names AS SELECT id, name FROM customer");
            }
            const std::string before = target->everything();
            PlanOptions options;
            options.on_existing = ExistingTables::replace;
            const auto result =
                migrate_into(test::source_file(directory, k_source), target->endpoint(), options);
            INFO(result.failure);
            CHECK(result.exit_code() == 0);
            CHECK(target->value("SELECT count(*) FROM customer") == "3");
            CHECK(target->value("SELECT name FROM names WHERE id = 1") == "Ada new");
            check_way_back(*target, result.id, before);
        }
    }
}

TEST_CASE("existing: a migration that made everything is undone whole", "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec("CREATE TABLE before (a INTEGER); INSERT INTO before VALUES (1)");
            const std::string before = target->everything();
            const auto result = migrate_into(test::source_file(directory, k_source), target->endpoint(), {});
            REQUIRE(result.exit_code() == 0);
            check_way_back(*target, result.id, before);
        }
    }
}

TEST_CASE("existing: a file that a migration made goes again, and finalize drops it",
          "[conformance][existing]") {
    const TemporaryDirectory directory;
    const auto target = make_application_target("sqlite", directory);
    const auto result = migrate_into(test::source_file(directory, k_source), target->endpoint(), {});
    REQUIRE(result.exit_code() == 0);
    CHECK(roll_back(result.id, target->endpoint()).exit_code() == 0);
    CHECK_FALSE(std::filesystem::exists(target->endpoint().location));
    CHECK(roll_back(result.id, target->endpoint()).was_rolled_back);
    CHECK(CrossDatabaseMigrator(MigratorConfig{}).finalize(result.id, target->endpoint()) > 0);
}

TEST_CASE("existing: PostgreSQL's own types take what SQLite has, value by value",
          "[conformance][existing]") {
    const TemporaryDirectory directory;
    const auto target = make_application_target("postgresql", directory);
    if (!target) {
        return;
    }
    target->exec(
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"
        "CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid, ok boolean, price "
        "numeric(8,2), at timestamptz, day date, addr inet, doc jsonb, feeling mood, tags text[], raw uuid, "
        "n "
        "positive, twice bigint GENERATED ALWAYS AS (id * 2) STORED, made timestamptz DEFAULT now())");
    const std::string before = target->everything();
    const auto result = migrate_into(
        test::source_file(
            directory,
            "CREATE TABLE item (id INTEGER PRIMARY KEY, key TEXT, ok INTEGER, price TEXT, at DATETIME, day "
            "TEXT, addr "
            "TEXT, doc TEXT, feeling TEXT, tags TEXT, raw BLOB, n INTEGER);"
            "INSERT INTO item VALUES (7, '6F9619FF-8B86-D011-B42D-00CF4FC964FF', 1, '10.10', '2024-02-29 "
            "12:34:56', "
            "'2024-02-29', '10.0.0.1', '{\"b\":1, \"a\":[1.50,\"x\"]}', 'happy', '[\"a\",\"b c\"]', "
            "x'6F9619FF8B86D011B42D00CF4FC964FF', 5)"),
        target->endpoint(), load_with(ConflictHandling::stop));
    INFO(result.failure);
    CHECK(result.exit_code() == 0);
    CHECK(target->value(
              "SELECT concat_ws('|', id, key, ok, price, at AT TIME ZONE 'UTC', day, addr, doc, feeling, "
              "tags, raw, n, twice, made IS NOT NULL) FROM item") ==
          "7|6f9619ff-8b86-d011-b42d-00cf4fc964ff|t|10.10|2024-02-29 12:34:56|2024-02-29|10.0.0.1|{\"a\": "
          "[1.50, "
          "\"x\"], \"b\": 1}|happy|{a,\"b c\"}|6f9619ff-8b86-d011-b42d-00cf4fc964ff|5|14|t");
    CHECK(target->value("SELECT nextval(pg_get_serial_sequence('item', 'id'))") == "8");
    target->exec("SELECT setval(pg_get_serial_sequence('item', 'id'), 7)");
    check_way_back(*target, result.id, before);
}

TEST_CASE("existing: rows that a unique key does not tell apart are added, equal ones and NULLs included",
          "[conformance][existing]") {
    const std::string engine = GENERATE(from_range(k_engines));
    const TemporaryDirectory directory;
    const auto target = make_application_target(engine, directory);
    if (target == nullptr) {
        return;
    }
    target->exec(
        "CREATE TABLE tag (code TEXT UNIQUE, note TEXT); INSERT INTO tag VALUES (NULL, 'old'), ('a', 'old')");
    const std::string before = target->everything();
    const Endpoint from = test::source_file(
        directory,
        "CREATE TABLE tag (code TEXT UNIQUE, note TEXT); INSERT INTO tag VALUES (NULL, 'old'), "
        "(NULL, 'new'), (NULL, 'new'), ('b', 'new')");

    const MigrationResult result = migrate_into(from, target->endpoint(), load_with(ConflictHandling::stop));

    CHECK(result.exit_code() == 0);
    CHECK(target->value("SELECT count(*) FROM tag") == "6");
    CHECK(target->value("SELECT count(*) FROM tag WHERE code IS NULL AND note = 'new'") == "2");
    check_way_back(*target, result.id, before);
}

TEST_CASE("existing: a nullable unique key cannot tell which row to overwrite", "[conformance][existing]") {
    const std::string engine = GENERATE(from_range(k_engines));
    const TemporaryDirectory directory;
    const auto target = make_application_target(engine, directory);
    if (target == nullptr) {
        return;
    }
    target->exec("CREATE TABLE tag (code TEXT UNIQUE); INSERT INTO tag VALUES ('a')");
    const Endpoint from =
        test::source_file(directory, "CREATE TABLE tag (code TEXT UNIQUE); INSERT INTO tag VALUES ('a')");

    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const MigrationPlan plan =
        migrator.plan_migration({from}, {target->endpoint()}, load_with(ConflictHandling::overwrite));

    CHECK(plan.exit_code() == 3);
    CHECK(std::any_of(plan.findings.begin(), plan.findings.end(),
                      [](const Finding& finding) { return finding.code == "no-key"; }));
}

TEST_CASE("existing: the newest of two migrations into one database is undone alone",
          "[conformance][existing]") {
    for (const std::string& engine : k_engines) {
        SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                return;
            }
            target->exec("CREATE TABLE before (a INTEGER)");
            const Endpoint from = test::source_file(directory, k_source);
            REQUIRE(migrate_into(from, target->endpoint(), {}).exit_code() == 0);
            const std::string before = target->everything();
            const auto second =
                migrate_into(from, target->endpoint(), load_with(ConflictHandling::overwrite));
            REQUIRE(second.exit_code() == 0);
            check_way_back(*target, second.id, before);
        }
    }
}
