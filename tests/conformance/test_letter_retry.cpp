#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "conformance/bad_rows.hpp"

/// Dead letters that are tried once more: what goes in and what stays is looked at by plain driver calls.
namespace {

using namespace migrate;
using test::migrate_sql;
using Target = test::BadRowsTarget;

constexpr const char* k_values = R"(
    CREATE TABLE v (id INTEGER PRIMARY KEY, n TEXT, must TEXT NOT NULL, t TEXT);
    INSERT INTO v VALUES (1, '7', '8', 'a'), (2, 'seven', '8', 'b'), (3, '7', 'eight', 'c'),
        (4, 'x', 'y', 'd'), (5, NULL, '9', CAST(X'ff41' AS TEXT));
)";

/// By key, the rows of k_values as somebody has mended them.
const std::map<std::string, std::string> k_mended{
    {"2", R"({"id":2,"n":70,"must":"8","t":"b"})"},
    {"3", R"({"id":3,"n":"7","must":80,"t":"c"})"},
    {"4", R"({"id":4,"n":400,"must":401,"t":"d"})"},
    {"5", R"({"id":5,"n":null,"must":"9","t":"fünf"})"},
};

constexpr const char* k_checks = R"(
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE priced (id INTEGER PRIMARY KEY, price INTEGER CHECK (price > 0), name TEXT);
    INSERT INTO priced VALUES (1, 5, 'a'), (2, -1, 'b'), (3, NULL, 'c'), (4, 0, 'd');
)";

constexpr const char* k_orphans = R"(
    CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id));
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);
    CREATE TABLE leaf (id INTEGER PRIMARY KEY, child INTEGER NOT NULL REFERENCES child (id));
    INSERT INTO parent VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 4);
    INSERT INTO child VALUES (10, 1), (11, 5), (12, NULL), (13, 77);
    INSERT INTO leaf VALUES (100, 10), (101, 11), (102, 12), (103, 13), (104, 66);
)";

// Each of the two refers to the other's table, and a comes first.
constexpr const char* k_ring = R"(
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id));
    CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), fine INTEGER CHECK (fine > 0));
    INSERT INTO a VALUES (1, 1), (2, NULL);
    INSERT INTO b VALUES (1, NULL, -1), (2, 2, 1);
)";

MigrationResult migrate_values(const Target& target, RejectHandling handling,
                               ExistingTables existing = ExistingTables::refuse) {
    const test::TemporaryDirectory directory;
    Endpoint from;
    from.engine = "sqlite";
    from.location = directory.path("source.db");
    test::SqliteDatabase(from.location).exec(k_values);
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    options.types = {{"v", "n", TypeKind::int64, ""}, {"v", "must", TypeKind::int64, ""}};
    options.on_reject = handling;
    options.on_existing = existing;
    if (existing == ExistingTables::load) {
        options.on_conflict = ConflictHandling::skip;
    }
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    return migrator.execute_migration(migrator.plan_migration({from}, {target.endpoint()}, options));
}

std::vector<DeadLetter> letters_of(const Target& target, const std::string& id) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    std::vector<DeadLetter> letters;
    migrator.dead_letters(
        id, [&](const DeadLetter& letter) { letters.push_back(letter); }, target.endpoint());
    return letters;
}

/// As they come back from a file in which somebody has mended rows, by their keys.
std::vector<DeadLetter> mend(std::vector<DeadLetter> letters,
                             const std::map<std::string, std::string>& rows) {
    std::string file;
    for (DeadLetter& letter : letters) {
        if (const auto row = rows.find(letter.key); row != rows.end()) {
            letter.row = row->second;
        }
        file += render_json(letter) + "\n";
    }
    return parse_dead_letters(file);
}

DeadLetterRetry retry(const Target& target, const std::string& id,
                      const std::optional<std::vector<DeadLetter>>& mended = {}, bool execute = true) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    DeadLetterRetryOptions options;
    options.execute = execute;
    options.mended = mended;
    return migrator.retry_dead_letters(id, options, target.endpoint());
}

RollbackResult roll_back(const Target& target, const std::string& id) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    RollbackOptions options;
    options.execute = true;
    return migrator.rollback_migration(id, options, target.endpoint());
}

/// The rollback is the migration's own: nothing has to be discarded for it.
void check_rolls_back(const Target& target, const std::string& id) {
    const RollbackResult result = roll_back(target, id);
    INFO(render_text(result));
    CHECK(result.executed);
    CHECK(result.exit_code() == 0);
}

std::string recorded_plan(const Target& target) {
    return target.value(std::string("SELECT plan FROM ") +
                        (target.server ? "_migrate.migration" : "_migrate_migration"));
}

const RetriedTable& table_of(const DeadLetterRetry& retry, const std::string& name) {
    const auto found = std::find_if(retry.tables.begin(), retry.tables.end(), [&](const RetriedTable& table) {
        return table.table == name || table.table == "public." + name;
    });
    REQUIRE(found != retry.tables.end());
    return *found;
}

}  // namespace

TEST_CASE("letter retry: mended rows go in, are no dead letters any more, and a rollback takes them away",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const MigrationResult run = migrate_values(target, RejectHandling::dead_letter);
    INFO(run.failure);
    REQUIRE(target.keys("v") == "1");
    const std::vector<DeadLetter> letters = letters_of(target, run.id);
    REQUIRE(letters.size() == 4);
    REQUIRE(recorded_plan(target).find("rows-rejected") != std::string::npos);

    const DeadLetterRetry preview = retry(target, run.id, mend(letters, k_mended), false);
    CHECK_FALSE(preview.executed);
    CHECK(preview.total().tried == 4);
    CHECK(preview.exit_code() == 0);
    CHECK(target.keys("v") == "1");
    CHECK(target.letters() == "4");

    const DeadLetterRetry result = retry(target, run.id, mend(letters, k_mended));
    INFO(render_text(result));
    CHECK(result.total().letters == 4);
    CHECK(result.total().inserted == 4);
    CHECK(result.total().left == 0);
    CHECK(result.exit_code() == 0);
    CHECK(target.keys("v") == "1 2 3 4 5");
    CHECK(target.value("SELECT n FROM v WHERE id = 2") == "70");
    CHECK(target.value("SELECT must FROM v WHERE id = 3") == "80");
    CHECK(target.value("SELECT t FROM v WHERE id = 5") == "fünf");
    CHECK(target.letters() == "0");
    CHECK(recorded_plan(target).find("rows-rejected") == std::string::npos);

    // The same file again finds nothing to do, and says so.
    const DeadLetterRetry again = retry(target, run.id, mend(letters, k_mended));
    CHECK(again.total().inserted == 0);
    CHECK(again.exit_code() == 0);
    REQUIRE(again.findings.size() == 1);
    CHECK(again.findings[0].count == 4);
    CHECK(target.keys("v") == "1 2 3 4 5");
    check_rolls_back(target, run.id);
}

TEST_CASE("letter retry: rows that still do not fit stay dead letters, with the reason that holds now",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const MigrationResult run = migrate_values(target, RejectHandling::dead_letter);
    const std::vector<DeadLetter> before = letters_of(target, run.id);
    SECTION("as they are") {
        const DeadLetterRetry result = retry(target, run.id);
        INFO(render_text(result));
        CHECK(result.total().tried == 4);
        CHECK(result.total().inserted == 0);
        CHECK(result.total().left == 4);
        CHECK(result.exit_code() == 5);
        std::uint64_t reasons = 0;
        for (const RejectReason& reason : table_of(result, "v").reasons) {
            reasons += reason.rows;
        }
        CHECK(reasons == 4);
        const std::vector<DeadLetter> after = letters_of(target, run.id);
        REQUIRE(after.size() == 4);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(after[i].row == before[i].row);
            CHECK(after[i].key == before[i].key);
        }
        CHECK(after[0].column == "n");
        CHECK(after[0].reason.find("int64") != std::string::npos);
        CHECK(target.keys("v") == "1");
    }
    SECTION("a key that is there by now, and rows that are no rows") {
        auto mended = mend(before, k_mended);
        for (DeadLetter& letter : mended) {
            if (letter.key == "2") {
                letter.row = R"({"id":1,"n":70,"must":8,"t":"the key of another"})";
            } else if (letter.key == "3") {
                letter.row = R"({"id":3,"n":7,"must":null,"t":"c"})";
            } else if (letter.key == "4") {
                letter.row = R"({"id":4,"n":7,"must":8})";
            }
        }
        const DeadLetterRetry result = retry(target, run.id, mended);
        INFO(render_text(result));
        CHECK(result.total().inserted == 1);
        CHECK(result.total().left == 3);
        CHECK(result.exit_code() == 5);
        CHECK(target.keys("v") == "1 5");
        CHECK(target.value("SELECT t FROM v WHERE id = 1") == "a");
        CHECK(target.letters() == "3");
        CHECK(recorded_plan(target).find("3 rows were left out") != std::string::npos);
        // A letter keeps the row that was left out, not what somebody has tried instead of it.
        CHECK(letters_of(target, run.id)[0].row == before[0].row);
    }
    check_rolls_back(target, run.id);
}

TEST_CASE("letter retry: a row that was kept with NULL gets its value, unless it has another by now",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const MigrationResult run = migrate_values(target, RejectHandling::null_value);
    REQUIRE(target.keys("v") == "1 2 5");
    const auto mended = mend(letters_of(target, run.id), k_mended);
    SECTION("it has none") {
        const DeadLetterRetry result = retry(target, run.id, mended);
        INFO(render_text(result));
        CHECK(result.total().inserted == 2);
        CHECK(result.total().filled == 2);
        CHECK(result.exit_code() == 0);
        CHECK(target.keys("v") == "1 2 3 4 5");
        CHECK(target.value("SELECT n FROM v WHERE id = 2") == "70");
        CHECK(target.value("SELECT t FROM v WHERE id = 5") == "fünf");
        CHECK(target.letters() == "0");
        check_rolls_back(target, run.id);
    }
    SECTION("it has one, and another row is gone") {
        target.execute("UPDATE v SET n = 71 WHERE id = 2");
        target.execute("DELETE FROM v WHERE id = 5");
        const DeadLetterRetry result = retry(target, run.id, mended);
        INFO(render_text(result));
        CHECK(result.total().inserted == 2);
        CHECK(result.total().filled == 0);
        CHECK(result.total().left == 2);
        CHECK(target.value("SELECT n FROM v WHERE id = 2") == "71");
        CHECK(target.keys("v") == "1 2 3 4");
        const auto left = letters_of(target, run.id);
        REQUIRE(left.size() == 2);
        CHECK(left[0].kept);
        CHECK(left[0].reason.find("another value") != std::string::npos);
        CHECK(left[1].reason.find("not in its table") != std::string::npos);
        // What others have changed is still theirs.
        CHECK_THROWS_AS(roll_back(target, run.id), Error);
    }
}

TEST_CASE("letter retry: rows go in once the target's own constraint lets them", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const MigrationResult run =
        migrate_sql(target, k_checks, {RejectHandling::dead_letter, OrphanHandling::not_valid});
    REQUIRE(target.keys("priced") == "1 3");
    CHECK(retry(target, run.id).total().inserted == 0);
    CHECK(target.letters() == "2");
    target.execute(target.server
                       ? "DO $$ DECLARE c text; BEGIN SELECT conname INTO c FROM pg_constraint WHERE "
                         "conrelid = 'priced'::regclass AND contype = 'c'; EXECUTE format('ALTER "
                         "TABLE priced DROP CONSTRAINT %I', c); END $$"
                       : "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, "
                         "'price > 0', 'price > -1') WHERE name = 'priced'");
    const DeadLetterRetry result = retry(target, run.id);
    INFO(render_text(result));
    CHECK(result.total().inserted == (target.server ? 2 : 1));
    CHECK(target.keys("priced") == (target.server ? "1 2 3 4" : "1 3 4"));
    check_rolls_back(target, run.id);
}

TEST_CASE("letter retry: rows whose parents have come go in, in whatever order they wait for each other",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    SECTION("a chain over three tables") {
        const MigrationResult run =
            migrate_sql(target, k_orphans, {RejectHandling::stop, OrphanHandling::dead_letter});
        REQUIRE(target.letters() == "8");
        CHECK(retry(target, run.id).total().left == 8);
        target.execute("INSERT INTO parent VALUES (99, NULL), (77, NULL)");
        const DeadLetterRetry result = retry(target, run.id);
        INFO(render_text(result));
        CHECK(result.total().inserted == 7);
        CHECK(table_of(result, "leaf").left == 1);
        CHECK(target.keys("parent") == "1 2 3 4 5 77 99");
        CHECK(target.keys("child") == "10 11 12 13");
        CHECK(target.keys("leaf") == "100 101 102 103");
    }
    SECTION("a ring") {
        const MigrationResult run =
            migrate_sql(target, k_ring, {RejectHandling::dead_letter, OrphanHandling::dead_letter});
        REQUIRE(target.keys("a") == "2");
        REQUIRE(target.keys("b") == "2");
        auto letters = letters_of(target, run.id);
        REQUIRE(letters.size() == 2);
        for (DeadLetter& letter : letters) {
            if (letter.row.find("fine") != std::string::npos) {
                letter.row = R"({"id":1,"a":null,"fine":1})";
            }
        }
        const DeadLetterRetry result = retry(target, run.id, letters);
        INFO(render_text(result));
        CHECK(result.total().inserted == 2);
        CHECK(target.keys("a") == "1 2");
        CHECK(target.keys("b") == "1 2");
        check_rolls_back(target, run.id);
    }
}

TEST_CASE("letter retry: what others have changed before stays theirs", "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    const MigrationResult run = migrate_values(target, RejectHandling::dead_letter);
    target.execute("UPDATE v SET t = 'changed by somebody' WHERE id = 1");
    const DeadLetterRetry result = retry(target, run.id, mend(letters_of(target, run.id), k_mended));
    CHECK(result.total().inserted == 4);
    CHECK_THROWS_AS(roll_back(target, run.id), Error);
    CHECK(target.keys("v") == "1 2 3 4 5");
}

TEST_CASE("letter retry: into a table that was there, a rollback leaves what was there",
          "[conformance][reject]") {
    const Target target(GENERATE(as<std::string>{}, "postgresql", "sqlite"));
    if (!target.usable()) {
        return;
    }
    // Without a row number, SQLite tells a row by its key only.
    const bool keyed = GENERATE(false, true);
    target.execute(std::string("CREATE TABLE v (id INTEGER PRIMARY KEY, n INTEGER, must INTEGER NOT NULL, t "
                               "TEXT)") +
                   (keyed && !target.server ? " WITHOUT ROWID" : ""));
    target.execute("INSERT INTO v VALUES (100, 1, 2, 'theirs')");
    const MigrationResult run = migrate_values(target, RejectHandling::dead_letter, ExistingTables::load);
    INFO(run.failure);
    REQUIRE(target.keys("v") == "1 100");
    const auto mended = mend(letters_of(target, run.id), k_mended);
    SECTION("triggers would do what no rollback knows of") {
        if (target.server) {
            target.execute("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
            target.execute("CREATE TRIGGER g BEFORE INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()");
        } else {
            target.execute("CREATE TRIGGER g AFTER INSERT ON v BEGIN DELETE FROM v WHERE id = 100; END");
        }
        const DeadLetterRetry result = retry(target, run.id, mended);
        INFO(render_text(result));
        CHECK(result.total().inserted == 0);
        CHECK(render_text(result).find("triggers") != std::string::npos);
        CHECK(target.keys("v") == "1 100");
    }
    SECTION("without triggers") {
        const DeadLetterRetry result = retry(target, run.id, mended);
        INFO(render_text(result));
        CHECK(result.total().inserted == 4);
        REQUIRE(target.keys("v") == "1 2 3 4 5 100");
        check_rolls_back(target, run.id);
        CHECK(target.keys("v") == "100");
    }
}

TEST_CASE("letter retry: what cannot be retried is refused with the way on", "[conformance][reject]") {
    const Target target("sqlite");
    const auto refusal = [&](const std::string& id, const Endpoint& to, const std::string& table = {}) {
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        DeadLetterRetryOptions options;
        options.execute = true;
        if (!table.empty()) {
            options.tables = {table};
        }
        try {
            migrator.retry_dead_letters(id, options, to);
        } catch (const Error& error) {
            CHECK_FALSE(error.facts().next_step.empty());
            return error.code();
        }
        return ErrorCode::internal;
    };
    const MigrationResult run = migrate_values(target, RejectHandling::dead_letter);
    CHECK(refusal("000000000000", target.endpoint()) == ErrorCode::not_found);
    CHECK(refusal(run.id, target.endpoint(), "w") == ErrorCode::not_found);
    Endpoint json;
    json.engine = "json";
    json.location = target.directory.path("out/");
    CHECK(refusal(run.id, json) == ErrorCode::not_found);
    auto twice = letters_of(target, run.id);
    twice.push_back(twice.front());
    CHECK_THROWS_WITH(retry(target, run.id, twice), Catch::Contains("given twice"));
    CHECK(target.letters() == "4");
}
