#include <algorithm>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "conformance/bad_rows.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Rows that do not fit, of every kind, into real engines: what arrives and what does not is counted by plain
/// driver calls.
namespace {

using namespace migrate;
using test::migrate_into;
using test::migrate_sql;
using Target = test::BadRowsTarget;

constexpr const char* k_broken_rows = R"(
    CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id));
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);
    CREATE TABLE leaf (id INTEGER PRIMARY KEY, child INTEGER NOT NULL REFERENCES child (id));
    INSERT INTO parent VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 4);
    INSERT INTO child VALUES (10, 1), (11, 5), (12, NULL), (13, 77);
    INSERT INTO leaf VALUES (100, 10), (101, 11), (102, 12), (103, 13), (104, 66);
)";
// parent 3 points nowhere, so 4 goes, so 5 goes; child 11 pointed to 5 and 13 nowhere; leaf 101, 103 pointed
// to these, 104 nowhere.

constexpr const char* k_broken_checks = R"(
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE priced (id INTEGER PRIMARY KEY, price INTEGER CHECK (price > 0), name TEXT);
    INSERT INTO priced VALUES (1, 5, 'a'), (2, -1, 'b'), (3, NULL, 'c'), (4, 0, 'd');
    CREATE TABLE named (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO named VALUES (1, 'a'), (2, NULL), (3, 'c');
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = 'CREATE TABLE named (id INTEGER PRIMARY KEY, name TEXT NOT NULL)'
        WHERE name = 'named';
    PRAGMA writable_schema = OFF;
)";

constexpr const char* k_null_keys = R"(
    CREATE TABLE keyed (k TEXT PRIMARY KEY, v TEXT);
    INSERT INTO keyed VALUES ('a', '1'), (NULL, '2'), (NULL, '3'), ('b', '4');
)";

const TableResult& table_of(const MigrationResult& result, const std::string& name) {
    const auto found = std::find_if(result.tables.begin(), result.tables.end(),
                                    [&](const TableResult& table) { return table.source == name; });
    REQUIRE(found != result.tables.end());
    return *found;
}

void check_balance(const MigrationResult& result) {
    INFO(result.failure);
    CHECK(result.state == MigrationState::done);
    CHECK(result.exit_code() == 5);
    CHECK(result.verification.equal() == !result.tables.empty());
    CHECK(result.dead_letters.find("dead-letters list " + result.id) != std::string::npos);
    for (const TableResult& table : result.tables) {
        INFO(table.source);
        CHECK(table.source_rows == table.committed + table.rejected);
        std::uint64_t reasons = 0;
        for (const RejectReason& reason : table.reasons) {
            reasons += reason.rows;
        }
        CHECK(reasons == table.rejected + table.nulled);
    }
}

/// What the source's rows break already is in the way before anything is written.
void check_refused(const Target& target, const std::string& sql, const test::Policies& policies,
                   const std::string& rows) {
    try {
        migrate_sql(target, sql, policies);
        FAIL_CHECK("it ran");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.code() == ErrorCode::refused);
        CHECK(std::string(error.what()).find(rows) != std::string::npos);
        CHECK(error.facts().next_step.find("--on-") != std::string::npos);
    }
    CHECK(target.is_untouched());
}

std::uint64_t count_letters(const MigrationResult& result, const Target& target) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    return migrator.dead_letters(
        result.id,
        [](const DeadLetter& letter) {
            CHECK(letter.row.starts_with("{"));
            CHECK_FALSE(letter.reason.empty());
        },
        target.endpoint());
}

}  // namespace

TEST_CASE("bad rows: orphans stop, are let be, or go until every key holds", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    SECTION("stop") {
        check_refused(target, k_broken_rows, {RejectHandling::stop, OrphanHandling::stop}, "rowid 104");
    }
    SECTION("not valid") {
        const auto result = migrate_sql(target, k_broken_rows, {});
        CHECK(result.exit_code() == 5);
        CHECK(result.state == MigrationState::done);
        CHECK(target.keys("parent") == "1 2 3 4 5");
        CHECK(target.keys("leaf") == "100 101 102 103 104");
        CHECK(target.letters() == "0");
    }
    SECTION("dead letter") {
        const auto result =
            migrate_sql(target, k_broken_rows, {RejectHandling::stop, OrphanHandling::dead_letter});
        check_balance(result);
        CHECK(target.keys("parent") == "1 2");
        CHECK(target.keys("child") == "10 12");
        CHECK(target.keys("leaf") == "100 102");
        CHECK(target.letters() == "8");
        CHECK(count_letters(result, target) == 8);
        CHECK(target.checkpointed("parent") == "2 3");
        CHECK(target.checkpointed("leaf") == "2 3");
        for (const Finding& finding : result.findings) {
            INFO(finding.code << " " << finding.object << " " << finding.message);
            CHECK(finding.severity < Severity::left_out);
        }
        if (target.server) {
            CHECK(target.value(
                      "SELECT bool_and(convalidated) AND count(*) = 3 FROM pg_constraint WHERE contype = "
                      "'f' AND connamespace = 'public'::regnamespace") == "t");
        } else {
            CHECK(target.value("SELECT count(*) FROM pragma_foreign_key_check") == "0");
        }
    }
}

TEST_CASE("bad rows: what CHECK and NOT NULL refuse stops or is left out", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    SECTION("stop") {
        check_refused(target, k_broken_checks, {}, "rowid 2, 4");
    }
    SECTION("left out, whatever of the two policies") {
        const auto handling = GENERATE(RejectHandling::dead_letter, RejectHandling::null_value);
        const auto result = migrate_sql(target, k_broken_checks, {handling, OrphanHandling::not_valid});
        check_balance(result);
        CHECK(target.keys("priced") == "1 3");
        CHECK(target.keys("named") == "1 3");
        CHECK(table_of(result, "priced").rejected == 2);
        CHECK(table_of(result, "named").rejected == 1);
        CHECK(target.letters() == "3");
        CHECK(count_letters(result, target) == 3);
        CHECK(target.checkpointed("priced") == "2 2");
        CHECK(target.checkpointed("named") == "2 1");
        // What is left satisfies the check, and the check is there.
        if (target.server) {
            CHECK(target.value("SELECT convalidated FROM pg_constraint WHERE contype = 'c' AND conrelid = "
                               "'priced'::regclass") == "t");
        }
    }
}

TEST_CASE("bad rows: NULL in a primary key goes where the engine takes it, and nowhere else",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const auto handling = GENERATE(RejectHandling::stop, RejectHandling::dead_letter);
    const auto result = migrate_sql(target, k_null_keys, {handling, OrphanHandling::not_valid});
    if (!target.server) {
        CHECK(result.exit_code() == 0);
        CHECK(target.value("SELECT count(*) FROM keyed") == "4");
    } else if (handling == RejectHandling::stop) {
        CHECK(result.exit_code() == 5);
        CHECK(target.value("SELECT count(*) FROM keyed") == "4");
        CHECK(target.value("SELECT contype FROM pg_constraint WHERE conrelid = 'keyed'::regclass") == "u");
        CHECK(std::any_of(result.findings.begin(), result.findings.end(),
                          [](const Finding& finding) { return finding.code == "primary-key-nulls"; }));
    } else {
        check_balance(result);
        CHECK(target.value("SELECT string_agg(k, ' ' ORDER BY k) FROM keyed") == "a b");
        CHECK(target.value(
                  "SELECT string_agg(row_json::json ->> 'v', ' ' ORDER BY row_json::json ->> 'v') FROM "
                  "_migrate.dead_letter") == "2 3");
        CHECK(target.value("SELECT contype FROM pg_constraint WHERE conrelid = 'keyed'::regclass") == "p");
    }
}

TEST_CASE("bad rows: of rows with one key the first stays", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    // An export that somebody edited: nothing there keeps its keys.
    const test::TemporaryDirectory directory;
    Endpoint json;
    json.engine = "json";
    json.location = directory.path("export/");
    {
        const std::string path = directory.path("source.db");
        test::SqliteDatabase(path).exec(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT, note TEXT); CREATE UNIQUE INDEX item_code "
            "ON item "
            "(code); INSERT INTO item VALUES (1, 'a', 'first'), (2, 'b', 'second')");
        Endpoint from;
        from.engine = "sqlite";
        from.location = path;
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        PlanOptions options;
        options.source_backup = SourceBackup::never;
        REQUIRE(migrator.execute_migration(migrator.plan_migration({from}, {json}, options)).exit_code() ==
                0);
    }
    std::ofstream(directory.path("export/item.ndjson"), std::ios::app)
        << R"({"id":2,"code":"c","note":"the key again"})" << '\n'
        << R"({"id":3,"code":"a","note":"the code again"})" << '\n'
        << R"({"id":4,"code":null,"note":"no code"})" << '\n'
        << R"({"id":5,"code":null,"note":"no code either"})" << '\n';
    const auto handling = GENERATE(RejectHandling::stop, RejectHandling::dead_letter);
    const auto result = migrate_into(target, json, {handling, OrphanHandling::not_valid});
    if (handling == RejectHandling::stop) {
        INFO(result.failure);
        CHECK(result.state == MigrationState::failed);
        CHECK(target.is_untouched());
        return;
    }
    check_balance(result);
    CHECK(target.keys("item") == "1 2 4 5");
    CHECK(target.value("SELECT note FROM item WHERE id = 2") == "second");
    CHECK(target.letters() == "2");
    CHECK(count_letters(result, target) == 2);
    CHECK(target.checkpointed("item") == "4 2");
}

TEST_CASE("bad rows: lines that are not JSON are rejects with their number", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const test::TemporaryDirectory directory;
    Endpoint json;
    json.engine = "json";
    json.location = directory.path("lines.ndjson");
    std::ofstream(json.location) << "{\"id\":1}\n{\"id\":2,\n{\"id\":3}\n\xff\xfe\n";
    SECTION("stop: the plan says so before anything is written") {
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        const MigrationPlan plan = migrator.plan_migration({json}, {target.endpoint()}, {});
        CHECK(plan.exit_code() == 3);
        CHECK(render_text(plan).find("line 2, byte") != std::string::npos);
    }
    SECTION("dead letter") {
        const auto result =
            migrate_into(target, json, {RejectHandling::dead_letter, OrphanHandling::not_valid});
        check_balance(result);
        CHECK(target.keys("lines") == "1 3");
        CHECK(table_of(result, "lines").rejected == 2);
        CHECK(target.letters() == "2");
    }
}

TEST_CASE("bad rows: values that do not fit the reading that was asked for are rejects, or become NULL",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const test::TemporaryDirectory directory;
    Endpoint from;
    from.engine = "sqlite";
    from.location = directory.path("source.db");
    test::SqliteDatabase(from.location)
        .exec(
            "CREATE TABLE v (id INTEGER PRIMARY KEY, n TEXT, must TEXT NOT NULL, t TEXT); INSERT INTO v "
            "VALUES (1, "
            "'7', '8', 'a'), (2, 'seven', '8', 'b'), (3, '7', 'eight', 'c'), (4, 'x', 'y', 'd'), (5, NULL, "
            "'9', "
            "CAST(X'ff41' AS TEXT))");
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    options.types = {{"v", "n", TypeKind::int64, ""}, {"v", "must", TypeKind::int64, ""}};
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    SECTION("stop: the plan says so before anything is written") {
        CHECK(migrator.plan_migration({from}, {target.endpoint()}, options).exit_code() == 3);
    }
    SECTION("dead letter") {
        options.on_reject = RejectHandling::dead_letter;
        const auto result =
            migrator.execute_migration(migrator.plan_migration({from}, {target.endpoint()}, options));
        check_balance(result);
        CHECK(target.keys("v") == "1");
        CHECK(target.letters() == "4");
        CHECK(count_letters(result, target) == 4);
    }
    SECTION("null value") {
        options.on_reject = RejectHandling::null_value;
        const auto result =
            migrator.execute_migration(migrator.plan_migration({from}, {target.endpoint()}, options));
        check_balance(result);
        CHECK(table_of(result, "v").nulled == 2);
        CHECK(target.keys("v") == "1 2 5");
        CHECK(target.value("SELECT count(*) FROM v WHERE n IS NULL") == "2");
        CHECK(target.value("SELECT count(*) FROM v WHERE t IS NULL") == "1");
        CHECK(target.letters() == "4");
        CHECK(target.checkpointed("v") == "3 2");
    }
}
