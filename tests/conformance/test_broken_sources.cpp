#include <algorithm>

#include <catch2/catch.hpp>

#include <migrate/migrate.hpp>

#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate;

namespace {

constexpr const char* k_orphan =
    "CREATE TABLE p(id INTEGER PRIMARY KEY);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, n INT CHECK (n > 0));"
    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 1), (7, 9, 1), (8, NULL, 2);";

constexpr const char* k_search =
    "CREATE VIRTUAL TABLE search USING fts5(title, body);"
    "INSERT INTO search(rowid, title, body) VALUES (7, 'a', 'hello'), (9, 'b', NULL);"
    "CREATE VIRTUAL TABLE box USING rtree(id, x0, x1);"
    "INSERT INTO box VALUES (3, 0.5, 1);";

Endpoint endpoint(const std::string& engine, const std::string& location) {
    Endpoint out;
    out.engine = engine;
    out.location = location;
    return out;
}

MigrationPlan plan_of(const std::string& from, const Endpoint& to, const PlanOptions& options) {
    return CrossDatabaseMigrator{MigratorConfig{}}.plan_migration({endpoint("sqlite", from)}, {to}, options);
}

const Finding* finding(const std::vector<Finding>& findings, const std::string& code) {
    const auto found =
        std::find_if(findings.begin(), findings.end(), [&](const Finding& one) { return one.code == code; });
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("preflight: orphans at the source weigh what the policy makes of them",
          "[conformance][preflight]") {
    const test::TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    test::SqliteDatabase(from).exec(k_orphan);
    const Endpoint to = endpoint("sqlite", directory.path("to.db"));
    PlanOptions options;
    SECTION("let be") {
        const MigrationPlan plan = plan_of(from, to, options);
        const Finding* orphans = finding(plan.findings, "orphans-at-source");
        REQUIRE(orphans != nullptr);
        CHECK(orphans->count == 1);
        CHECK(orphans->object == "table c, foreign key (p)");
        CHECK(orphans->message == "1 row points to rows of p that are not there: rowid 7");
        CHECK(plan.exit_code() == 5);
    }
    SECTION("stop") {
        options.on_orphan = OrphanHandling::stop;
        CHECK(plan_of(from, to, options).exit_code() == 3);
    }
    SECTION("without the key") {
        options.skip = {"foreign-keys"};
        const MigrationPlan plan = plan_of(from, to, options);
        CHECK(finding(plan.findings, "orphans-at-source") == nullptr);
        CHECK(plan.exit_code() == 0);
    }
    SECTION("where nothing enforces keys") {
        const MigrationPlan plan = plan_of(from, endpoint("json", directory.path("to/")), options);
        const Finding* orphans = finding(plan.findings, "orphans-at-source");
        REQUIRE(orphans != nullptr);
        CHECK(orphans->severity == Severity::note);
    }
    SECTION("beside a filter") {
        TableMapping entry;
        entry.from.text = "c";
        entry.where.text = "id < 5";
        options.mapping.tables.push_back(entry);
        options.on_orphan = OrphanHandling::stop;
        const MigrationPlan plan = plan_of(from, to, options);
        const Finding* orphans = finding(plan.findings, "orphans-at-source");
        REQUIRE(orphans != nullptr);
        CHECK(orphans->severity == Severity::risk);
    }
}

TEST_CASE("virtual tables: their rows travel where that is asked for, else they are listed",
          "[conformance][virtual]") {
    const test::TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    test::SqliteDatabase(from).exec(k_search);
    const std::string to = directory.path("to.db");
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    SECTION("data") {
        options.virtual_tables = VirtualTables::data;
        const MigrationPlan plan = plan_of(from, endpoint("sqlite", to), options);
        CHECK(finding(plan.findings, "virtual-table-as-table") != nullptr);
        const MigrationResult result = migrator.execute_migration(plan);
        CHECK(result.state == MigrationState::done);
        CHECK(result.exit_code() == 0);
        test::SqliteDatabase target(to);
        CHECK(target.value("SELECT group_concat(rowid || title || coalesce(body, '-')) FROM search") ==
              "7ahello,9b-");
        CHECK(target.value("SELECT group_concat(id || ' ' || x0 || ' ' || x1) FROM box") == "3 0.5 1.0");
        CHECK(target.value(
                  "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%VIRTUAL%' OR name LIKE 'search_%'") ==
              "0");
    }
    SECTION("skip") {
        const MigrationPlan plan = plan_of(from, endpoint("json", directory.path("to/")), options);
        CHECK(plan.source.tables.empty());
        CHECK(plan.exit_code() == 5);
        options.skip = {"virtual-tables"};
        CHECK(plan_of(from, endpoint("json", directory.path("to/")), options).exit_code() == 0);
    }
}
