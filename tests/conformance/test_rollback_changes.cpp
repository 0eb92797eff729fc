#include <algorithm>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "conformance/existing_fixture.hpp"

/// What others do to a migrated table afterwards is seen when the migration is to be undone.
namespace {

using namespace migrate;
using test::ApplicationTarget;
using test::make_application_target;
using test::TemporaryDirectory;

const std::vector<std::string> k_engines{"sqlite", "postgresql"};

/// `mixed` holds values of several classes, `half` is generated, `spare` holds nothing.
constexpr const char* k_source =
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price DECIMAL(8,2), mixed, spare TEXT);"
    "CREATE TABLE sized (id INTEGER PRIMARY KEY, width INTEGER, half INTEGER AS (width / 2) STORED);"
    "CREATE TABLE blank (id INTEGER PRIMARY KEY, note TEXT);"
    "INSERT INTO item VALUES (1, 'Ada', 9.5, 1, NULL), (2, '', 10, 'one', NULL), (3, 'Cy', NULL, x'01', "
    "NULL);"
    "INSERT INTO sized (id, width) VALUES (1, 10), (2, 20)";

struct Change {
    std::string sqlite;
    std::string postgresql;  ///< Empty: the same. "-": none.
    std::string table;
    std::string says;  ///< Part of the message.
};

const std::vector<Change>& changes() {
    static const std::vector<Change> k_changes{
        {"UPDATE item SET name = 'Adb' WHERE id = 1", "", "item", "its rows were changed"},
        {"UPDATE item SET name = NULL WHERE id = 2", "", "item", "its rows were changed"},
        {"UPDATE item SET name = CASE id WHEN 1 THEN 'Cy' ELSE 'Ada' END WHERE id <> 2", "", "item",
         "its rows were changed"},
        {"UPDATE item SET mixed = '1' WHERE id = 1", "UPDATE item SET mixed = '\"1\"' WHERE id = 1", "item",
         "its rows were changed"},
        {"UPDATE item SET mixed = 1.0 WHERE id = 1", "UPDATE item SET mixed = ' 1' WHERE id = 1", "item",
         "its rows were changed"},
        {"INSERT INTO item (id) VALUES (4)", "", "item", "it left 3 rows, there are 4 now"},
        {"INSERT INTO blank (id) VALUES (4)", "", "blank", "it left 0 rows, there are 1 now"},
        {"DELETE FROM item WHERE id = 3", "", "item", "it left 3 rows, there are 2 now"},
        {"DELETE FROM item", "", "item", "it left 3 rows, there are 0 now"},
        {"DELETE FROM item WHERE id = 3; INSERT INTO item (id, name) VALUES (3, 'Di')", "", "item",
         "its rows were changed"},
        {"UPDATE sized SET width = 12 WHERE id = 1", "", "sized", "its rows were changed"},
        {"ALTER TABLE item ADD COLUMN seen TEXT", "", "item", "column seen was added"},
        {"ALTER TABLE blank ADD COLUMN seen TEXT", "", "blank", "column seen was added"},
        {"ALTER TABLE item DROP COLUMN price", "", "item", "column price was dropped"},
        {"ALTER TABLE item DROP COLUMN spare", "", "item", "column spare was dropped"},
        {"ALTER TABLE sized DROP COLUMN half", "", "sized", "column half was dropped"},
        {"ALTER TABLE item RENAME COLUMN name TO title", "", "item", "column name is called title now"},
        {"", "ALTER TABLE item ALTER COLUMN name TYPE varchar(9)", "item",
         "column name is character varying(9) now, not text"},
        {"", "ALTER TABLE item ALTER COLUMN price TYPE numeric(9,2)", "item", "column price is numeric(9,2)"},
        {"", "ALTER TABLE blank ALTER COLUMN note TYPE varchar", "blank",
         "column note is character varying now, not text"},
        {"", "ALTER TABLE item DROP COLUMN spare; ALTER TABLE item ADD COLUMN spare text", "item",
         "column spare was dropped and added again"},
        {"", "ALTER TABLE sized ALTER COLUMN half DROP EXPRESSION", "sized",
         "column half is not generated any more"},
        {"ALTER TABLE item RENAME TO away; CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price BLOB, "
         "mixed, spare TEXT); INSERT INTO item SELECT * FROM away; DROP TABLE away",
         "-", "item", "column price is BLOB now, not DECIMAL(8,2)"},
    };
    return k_changes;
}

PlanOptions options_of(VerificationLevel level) {
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    options.level = level;
    return options;
}

MigrationResult migrate_items(const TemporaryDirectory& directory, const Endpoint& to,
                              const PlanOptions& options, bool cut_over = true) {
    CrossDatabaseMigrator migrator(MigratorConfig{});
    MigrationOptions run;
    run.cut_over = cut_over;
    return migrator.execute_migration(
        migrator.plan_migration({test::source_file(directory, k_source)}, {to}, options), run);
}

RollbackResult roll_back(const std::string& id, const Endpoint& target, bool execute) {
    return CrossDatabaseMigrator(MigratorConfig{}).rollback_migration(id, {execute, false}, target);
}

/// Nothing but what is said is in the way, and it stays there.
void check_refused(ApplicationTarget& target, const std::string& id, const Change& change) {
    const std::string before = target.everything();
    const RollbackResult dry = roll_back(id, target.endpoint(), false);
    REQUIRE(dry.findings.size() == 1);
    CHECK(dry.findings[0].severity == Severity::blocker);
    CHECK(dry.findings[0].code == "changed-since");
    CHECK(dry.findings[0].object.ends_with(change.table));
    CHECK_THAT(dry.findings[0].message, Catch::Contains(change.says));
    try {
        roll_back(id, target.endpoint(), true);
        FAIL("it was rolled back");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::refused);
    }
    CHECK(target.everything() == before);
    RollbackOptions all_the_same{true, true};
    CHECK(CrossDatabaseMigrator(MigratorConfig{})
              .rollback_migration(id, all_the_same, target.endpoint())
              .executed);
}

std::string text_of(const Change& change, const std::string& engine) {
    const std::string own =
        engine == "sqlite" || change.postgresql.empty() ? change.sqlite : change.postgresql;
    return own == "-" ? std::string() : own;
}

}  // namespace

TEST_CASE("rollback: what was changed since in rows or columns is named and in the way",
          "[conformance][rollback]") {
    for (const std::string& engine : k_engines) {
        for (const Change& change : changes()) {
            const std::string sql = text_of(change, engine);
            if (sql.empty()) {
                continue;
            }
            DYNAMIC_SECTION(engine << ": " << sql) {
                const TemporaryDirectory directory;
                const auto target = make_application_target(engine, directory);
                if (!target) {
                    continue;
                }
                target->exec("CREATE TABLE other (a TEXT)");
                const auto result =
                    migrate_items(directory, target->endpoint(), options_of(VerificationLevel::standard));
                REQUIRE(result.exit_code() == 0);
                target->exec(sql);
                check_refused(*target, result.id, change);
            }
        }
    }
}

TEST_CASE("rollback: at every level, into new files and in the place of tables, changed rows are seen",
          "[conformance][rollback]") {
    const Change change{"UPDATE item SET name = 'Adb' WHERE id = 1", "", "item", "its rows were changed"};
    for (const std::string& engine : k_engines) {
        for (const auto level : {VerificationLevel::basic, VerificationLevel::standard}) {
            for (const std::string there : {"", "CREATE TABLE item (id INTEGER PRIMARY KEY)"}) {
                DYNAMIC_SECTION(engine << " " << to_string(level) << " " << there) {
                    const TemporaryDirectory directory;
                    const auto target = make_application_target(engine, directory);
                    if (!target) {
                        continue;
                    }
                    PlanOptions options = options_of(level);
                    if (!there.empty()) {
                        target->exec(there);
                        options.on_existing = ExistingTables::replace;
                    }
                    const auto result = migrate_items(directory, target->endpoint(), options);
                    INFO(result.failure);
                    REQUIRE(result.exit_code() == 0);
                    CHECK(roll_back(result.id, target->endpoint(), false).findings.empty());
                    target->exec("UPDATE item SET name = name, price = price");
                    CHECK(roll_back(result.id, target->endpoint(), false).findings.empty());
                    target->exec(change.sqlite);
                    check_refused(*target, result.id, change);
                }
            }
        }
    }
}

TEST_CASE("cutover: rows that were changed since they were verified are not shown",
          "[conformance][rollback]") {
    for (const std::string& engine : k_engines) {
        DYNAMIC_SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                continue;
            }
            target->exec("CREATE TABLE other (a TEXT)");
            const auto result =
                migrate_items(directory, target->endpoint(), options_of(VerificationLevel::standard), false);
            REQUIRE(result.state == MigrationState::ready);
            if (engine == "sqlite") {
                const std::string file = target->endpoint().location;
                const std::size_t name = file.rfind('/') + 1;
                test::SqliteDatabase(file.substr(0, name) + "." + file.substr(name) + ".migrate-" + result.id)
                    .exec("UPDATE item SET name = 'Adb' WHERE id = 1");
            } else {
                target->exec("UPDATE _migrate_" + result.id + "_0.item SET name = 'Adb' WHERE id = 1");
            }
            CrossDatabaseMigrator migrator{MigratorConfig{}};
            for (int again = 0; again < 2; ++again) {
                try {
                    migrator.cutover(result.id, target->endpoint());
                    FAIL("it was cut over");
                } catch (const Error& error) {
                    CHECK(error.code() == ErrorCode::differs);
                    CHECK_THAT(error.facts().next_step, Catch::Contains("abandon " + result.id));
                }
                CHECK_THROWS(target->exec("SELECT count(*) FROM item"));
            }
            migrator.abandon(result.id, target->endpoint());
        }
    }
}

TEST_CASE("rollback: what an earlier version has recorded is compared with as it was",
          "[conformance][rollback]") {
    for (const std::string& engine : k_engines) {
        for (const bool changed : {false, true}) {
            DYNAMIC_SECTION(engine << (changed ? " changed" : "")) {
                const TemporaryDirectory directory;
                const auto target = make_application_target(engine, directory);
                if (!target) {
                    continue;
                }
                target->exec("CREATE TABLE other (a TEXT)");
                const auto result =
                    migrate_items(directory, target->endpoint(), options_of(VerificationLevel::standard));
                REQUIRE(result.exit_code() == 0);
                if (engine == "sqlite") {
                    target->exec("DROP TABLE _migrate_undo_column");
                } else {
                    target->exec("DROP TABLE _migrate.undo_column");
                    for (const char* table : {"item", "sized", "blank"}) {
                        target->exec(
                            std::string("UPDATE _migrate.undo_table SET digest_after = (SELECT 'md5:' || "
                                        "coalesce(sum(('x' || substr(m, 1, 16))::bit(64)::int8), 0) || ':' "
                                        "|| coalesce(sum(('x' || substr(m, 17))::bit(64)::int8), 0) FROM "
                                        "(SELECT md5(r::text) AS m FROM ") +
                            table + " AS r) AS x) WHERE table_name = '" + table + "'");
                    }
                }
                if (changed) {
                    target->exec("UPDATE item SET name = 'Adb' WHERE id = 1");
                    check_refused(*target, result.id, {"", "", "item", "its rows were changed"});
                } else {
                    CHECK(roll_back(result.id, target->endpoint(), true).exit_code() == 0);
                    CHECK(target->everything().find("item") == std::string::npos);
                }
            }
        }
    }
}

TEST_CASE("rollback: a table that was dropped since is in the way", "[conformance][rollback]") {
    for (const std::string& engine : k_engines) {
        DYNAMIC_SECTION(engine) {
            const TemporaryDirectory directory;
            const auto target = make_application_target(engine, directory);
            if (!target) {
                continue;
            }
            target->exec("CREATE TABLE other (a TEXT)");
            const auto result =
                migrate_items(directory, target->endpoint(), options_of(VerificationLevel::standard));
            REQUIRE(result.exit_code() == 0);
            target->exec("DROP TABLE item");
            const std::string before = target->everything();
            CHECK_THROWS_AS(roll_back(result.id, target->endpoint(), true), Error);
            CHECK(target->everything() == before);
        }
    }
}

TEST_CASE(
    "rollback: tables of partitions, of types of their own and that others inherit of are proven unchanged",
    "[conformance][rollback][postgresql]") {
    const auto from = test::make_pg_database();
    const auto to = test::make_pg_database();
    if (!from || !to) {
        return;
    }
    from->connect().exec(
        "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN short AS varchar(5);"
        "CREATE TYPE pair AS (a int, b mood);"
        "CREATE TABLE parts (id int, m mood, PRIMARY KEY (id)) PARTITION BY RANGE (id);"
        "CREATE TABLE parts_1 (m mood, id int NOT NULL); "
        "ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM (0) TO (10);"
        "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);"
        "CREATE TABLE base (id int, s short, p pair, r regclass, n numeric, ms mood[], k name);"
        "CREATE TABLE derived (extra text) INHERITS (base);"
        "INSERT INTO parts VALUES (1, 'ok'), (12, 'sad'), (2, NULL);"
        "INSERT INTO base VALUES (1, 'a', (1, 'ok'), 'parts', 'NaN', '{ok,sad}', 'k');"
        "INSERT INTO derived VALUES (2, 'b', (2, 'sad'), 'base', 1.50, '[0:0]={ok}', 'k', 'x')");
    Endpoint source;
    source.engine = "postgresql";
    source.location = from->conninfo();
    Endpoint target = source;
    target.location = to->conninfo();
    CrossDatabaseMigrator migrator(MigratorConfig{});
    const MigrationResult result = migrator.execute_migration(
        migrator.plan_migration({source}, {target}, options_of(VerificationLevel::standard)));
    INFO(result.failure);
    REQUIRE(result.state == MigrationState::done);
    const RollbackResult dry = roll_back(result.id, target, false);
    for (const Finding& finding : dry.findings) {
        UNSCOPED_INFO(finding.object << ": " << finding.message);
    }
    CHECK(dry.findings.empty());
    const auto change = GENERATE(values<std::pair<const char*, const char*>>(
        {{"INSERT INTO parts_2 VALUES (13, 'ok')", "parts"},
         {"UPDATE parts SET m = 'ok' WHERE id = 2", "parts"},
         {"INSERT INTO derived (id) VALUES (3)", "derived"},
         {"UPDATE base SET p.b = 'sad' WHERE id = 1", "base"},
         {"ALTER TYPE mood RENAME VALUE 'sad' TO 'mad'", "parts"}}));
    to->connect().exec(change.first);
    const RollbackResult changed = roll_back(result.id, target, false);
    CHECK(std::any_of(changed.findings.begin(), changed.findings.end(), [&](const Finding& finding) {
        return finding.code == "changed-since" && finding.object.ends_with(change.second);
    }));
}

TEST_CASE("rollback: a file of UTF-16 text is proven unchanged, and changed",
          "[conformance][rollback][sqlite]") {
    const TemporaryDirectory directory;
    const auto target = make_application_target("sqlite", directory);
    target->exec("PRAGMA encoding='UTF-16'; CREATE TABLE other (a TEXT)");
    const auto result = migrate_items(directory, target->endpoint(), options_of(VerificationLevel::standard));
    REQUIRE(result.exit_code() == 0);
    CHECK(roll_back(result.id, target->endpoint(), false).findings.empty());
    target->exec("UPDATE item SET name = 'Adb' WHERE id = 1");
    check_refused(*target, result.id, {"", "", "item", "its rows were changed"});
}
