#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "e2e/every_object.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Views, functions, triggers, privileges… that JSON keeps as text, for the way back and for backups:
/// compared by what the server itself says of them.
namespace migrate::test {

namespace {

using Lines = std::vector<std::string>;

/// `as`: the role that works on it; empty: the test's, a superuser.
std::string endpoint(const PgDatabase& database, const std::string& as = "kept_app") {
    return "pg:" + database.conninfo() + (as.empty() ? "" : " user=" + as);
}

CommandResult migrate(const std::string& from, const std::string& to,
                      const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"migrate", "--execute", "--source-backup", "never", "--from", from,
                                       "--to",    to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cli(arguments);
}

void check_exit(const CommandResult& result, int code) {
    INFO("stdout: " << result.out << "\nstderr: " << result.err);
    REQUIRE(result.signal == 0);
    REQUIRE(result.exit_code == code);
}

Lines catalog_of(const PgDatabase& database) {
    auto connection = database.connect();
    connection.exec("SET search_path = ''");
    connection.exec("SET search_path = pg_catalog");
    Lines lines;
    for (const auto& row : connection.query(script("catalog.sql"))) {
        lines.push_back(row[0].value_or("") + " " + row[1].value_or("") + ": " + row[2].value_or(""));
    }
    return lines;
}

void check_equal(const Lines& before, const Lines& after) {
    Lines sorted_before = before;
    Lines sorted_after = after;
    std::sort(sorted_before.begin(), sorted_before.end());
    std::sort(sorted_after.begin(), sorted_after.end());
    Lines gone;
    Lines come;
    std::set_difference(sorted_before.begin(), sorted_before.end(), sorted_after.begin(), sorted_after.end(),
                        std::back_inserter(gone));
    std::set_difference(sorted_after.begin(), sorted_after.end(), sorted_before.begin(), sorted_before.end(),
                        std::back_inserter(come));
    CHECK(gone == Lines{});
    CHECK(come == Lines{});
}

std::unique_ptr<PgDatabase> make_place() {
    auto database = make_pg_database();
    if (database == nullptr) {
        return nullptr;
    }
    for (const char* role : {"kept_app", "kept_reader"}) {
        make_role(role);
    }
    PgConnection(*pg_test_conninfo()).exec("ALTER DATABASE " + database->name() + " OWNER TO kept_app");
    return database;
}

std::unique_ptr<PgDatabase> make_shop() {
    auto database = make_place();
    if (database != nullptr) {
        run_script(*database, "every_kind_of_code.sql", "kept_app");
    }
    return database;
}

/// Kinds and names in lines of a result's "Not carried over:".
Lines listed(const CommandResult& result) {
    Lines names;
    std::string line;
    for (const char c : result.out) {
        if (c != '\n') {
            line += c;
            continue;
        }
        const std::size_t colon = line.find(": ");
        if (line.starts_with("  ") && !line.starts_with("   ") && colon != std::string::npos) {
            names.push_back(line.substr(2, colon - 2));
        }
        line.clear();
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool contains(const Lines& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

/// The manifest with one text for another, as somebody who edits it on purpose would leave it.
void edit_manifest(const TemporaryDirectory& directory, const std::string& folder, const std::string& what,
                   const std::string& by) {
    std::string text = directory.read(folder + "/manifest.json");
    const std::size_t at = text.find(what, text.find("\"provenance\""));
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), by);
    const std::size_t seal = text.rfind(",\n \"checksum\"");
    REQUIRE(seal != std::string::npos);
    text.replace(seal, text.rfind('}') - seal, "\n");
    directory.write(folder + "/manifest.json", text);
}

std::string count_of_code(const PgDatabase& database) {
    return database.connect().value(
        "SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
        "n.nspname = "
        "'shop' AND c.relkind IN ('v', 'm')) + (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid "
        "= "
        "p.pronamespace WHERE n.nspname = 'shop' AND p.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype "
        "= "
        "'i')) + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)");
}

}  // namespace

TEST_CASE("kept code: PostgreSQL comes back from JSON as it was, over another JSON as well",
          "[pg][json][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string json = "json:" + directory.path("one/");
    const std::string other = "json:" + directory.path("two.json");
    check_exit(migrate(endpoint(*from), json, {"--with-code"}), 0);
    check_exit(migrate(json, other, {"--with-code"}), 0);
    for (const std::string& middle : {json, other}) {
        INFO(middle);
        const auto back = make_place();
        check_exit(migrate(middle, endpoint(*back), {"--with-code"}), 0);
        check_equal(catalog_of(*from), catalog_of(*back));
        CHECK(back->connect().value("SELECT count(*) FROM shop.totals") == "2");
    }
}

TEST_CASE("kept code: every object comes back from JSON as from PostgreSQL itself", "[pg][json][code]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    run_script(*from, "every_code.sql");
    make_role("exact_app");
    PgConnection(*pg_test_conninfo()).exec("GRANT exact_owner, exact_reader, exact_writer TO exact_app");
    from->connect().exec("GRANT ALL ON SCHEMA app TO exact_owner");
    const auto direct = make_pg_database("OWNER exact_app");
    const auto back = make_pg_database("OWNER exact_app");
    const TemporaryDirectory directory;
    const std::string json = "json:" + directory.path("objects/");
    check_exit(migrate(endpoint(*from, ""), endpoint(*direct, "exact_app"), {"--with-code"}), 0);
    check_exit(migrate(endpoint(*from, ""), json, {"--with-code"}), 0);
    check_exit(migrate(json, endpoint(*back, "exact_app"), {"--with-code"}), 0);
    check_equal(catalog_of(*direct), catalog_of(*back));
    CHECK(count_of(directory.read("objects/manifest.json"), "\"keeps_code\": true") == 1);
}

TEST_CASE("kept code: what is kept is listed by whoever does not make it", "[pg][json][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string json = "json:" + directory.path("kept/");
    check_exit(migrate(endpoint(*from), json, {"--with-code"}), 0);

    // PostgreSQL, without being asked to: as from the source itself.
    const auto direct = make_place();
    const auto back = make_place();
    const CommandResult plain = migrate(endpoint(*from), endpoint(*direct));
    const CommandResult without = migrate(json, endpoint(*back));
    check_exit(plain, 5);
    check_exit(without, 5);
    CHECK(listed(plain) == listed(without));
    CHECK(contains(listed(without), "trigger shop.noted on customer"));
    CHECK(count_of_code(*back) == "0");
    check_equal(catalog_of(*direct), catalog_of(*back));

    // Another engine.
    const CommandResult there = migrate(endpoint(*from), "sqlite:" + directory.path("direct.db"));
    const CommandResult over = migrate(json, "sqlite:" + directory.path("over.db"), {"--with-code"});
    check_exit(there, 5);
    check_exit(over, 5);
    for (const std::string& name : listed(there)) {
        if (!name.starts_with("table ")) {
            INFO(name);
            CHECK(contains(listed(over), name));
        }
    }

    // And JSON that does not keep it.
    const CommandResult lost = migrate(json, "json:" + directory.path("lost/"));
    check_exit(lost, 5);
    CHECK(contains(listed(lost), "view shop.open"));
    CHECK(contains(listed(lost), "policy shop.own"));
    CHECK(count_of(directory.read("lost/manifest.json"), "\"keeps_code\": true") == 0);
    // It was listed: nobody is told again.
    const auto last = make_place();
    check_exit(migrate("json:" + directory.path("lost/"), endpoint(*last)), 0);
}

TEST_CASE("kept code: what is skipped on the way from JSON to JSON does not come back from there",
          "[pg][json][code][skip]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string one = "json:" + directory.path("one/");
    const std::string two = "json:" + directory.path("two/");
    check_exit(migrate(endpoint(*from), one, {"--with-code"}), 0);
    check_exit(migrate(one, two, {"--with-code", "--skip", "triggers,materialized-views"}), 0);
    const auto back = make_place();
    check_exit(migrate(two, endpoint(*back), {"--with-code"}), 0);
    CHECK(back->connect().value("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == "0");
    CHECK(back->connect().value("SELECT count(*) FROM pg_matviews") == "0");
    CHECK(back->connect().value("SELECT count(*) FROM pg_views WHERE schemaname = 'shop'") == "2");
}

TEST_CASE("kept code: a plan for JSON says that definitions are kept as text, and for what",
          "[pg][json][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const CommandResult plan = run_cli(
        {"migrate", "--from", endpoint(*from), "--to", "json:" + directory.path("kept/"), "--with-code"});
    check_exit(plan, 0);
    CHECK_THAT(plan.out,
               Catch::Contains("kept as text for the way back to postgresql; nothing in JSON runs"));
    const CommandResult without =
        run_cli({"migrate", "--from", endpoint(*from), "--to", "json:" + directory.path("kept/")});
    check_exit(without, 5);
    CHECK_THAT(without.out, Catch::Contains("--with-code keeps its definition as text"));
}

TEST_CASE("kept code: SQLite's views and triggers come back from JSON", "[json][sqlite][code]") {
    const TemporaryDirectory directory;
    const std::string first = directory.path("first.db");
    SqliteDatabase(first).exec(R"(
        CREATE TABLE t (id INTEGER PRIMARY KEY, n INT);
        CREATE TABLE log (what TEXT);
        INSERT INTO t VALUES (1, 10), (2, 20);
        CREATE VIEW big AS SELECT id FROM t WHERE n > 10;
        CREATE VIEW "odd ""name""" AS SELECT id FROM big;
        CREATE TRIGGER noted AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('new; END'); END;
        CREATE VIRTUAL TABLE words USING fts5 (body))");
    const std::string json = "json:" + directory.path("middle/");
    const CommandResult there = migrate(first, json, {"--with-code"});
    check_exit(there, 5);
    CHECK(listed(there) == Lines{"virtual table words"});
    const std::string last = directory.path("last.db");
    const CommandResult back = migrate(json, last, {"--with-code"});
    check_exit(back, 5);
    CHECK(listed(back) == Lines{"virtual table words"});
    const auto definitions = [](const std::string& path) {
        return SqliteDatabase(path).value(
            "SELECT group_concat(name || ': ' || sql, char(10)) FROM (SELECT * FROM sqlite_schema WHERE type "
            "IN "
            "('view', 'trigger') ORDER BY name)");
    };
    CHECK(definitions(last) == definitions(first));
    CHECK(SqliteDatabase(last).value("SELECT group_concat(id) FROM \"odd \"\"name\"\"\"") == "2");

    const CommandResult without = migrate(json, directory.path("without.db"));
    check_exit(without, 5);
    CHECK(contains(listed(without), "view big"));
    CHECK(contains(listed(without), "trigger noted"));
}

TEST_CASE("kept code: a backup of PostgreSQL holds all that there is, and puts it back",
          "[pg][backup][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string key = directory.write_secret("key", std::string(32, 'k'));
    const bool encrypted = GENERATE(false, true);
    std::vector<std::string> arguments{
        "backup", "create", "--from", endpoint(*from), "--backup-dir", directory.path("backups"), "--json"};
    std::vector<std::string> keys;
    if (encrypted) {
        arguments.emplace_back("--encrypt-backup");
        keys = {"--backup-key-file", key};
    }
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    const CommandResult made = run_cli(arguments);
    check_exit(made, 0);
    const auto document = json_of(made.out);
    CHECK(document["left_out"].Empty());
    const std::string path = document["path"].GetString();
    const auto back = make_place();
    const auto restore = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"backup", "restore", path, "--to", endpoint(*back)});
        more.insert(more.end(), keys.begin(), keys.end());
        return run_cli(more);
    };
    check_exit(restore({}), 0);
    check_equal(catalog_of(*from), catalog_of(*back));
    CHECK(back->connect().value("SELECT count(*), sum(total) FROM shop.invoice") == "9");
    CHECK(back->connect().value("SELECT sum(total)::text FROM shop.invoice") ==
          from->connect().value("SELECT sum(total)::text FROM shop.invoice"));
}

TEST_CASE("kept code: views and functions that the target has as they were serve when tables are put back",
          "[pg][backup][code]") {
    const auto from = make_place();
    if (from == nullptr) {
        return;
    }
    {
        auto connection = from->connect();
        connection.exec("SET ROLE kept_app");
        connection.exec(
            "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'one'), (2, "
            "'two');"
            "CREATE VIEW names AS SELECT name FROM item; COMMENT ON VIEW names IS 'of items';"
            "CREATE FUNCTION plus(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1';"
            "GRANT SELECT ON names, item TO kept_reader");
    }
    const Lines before = catalog_of(*from);
    const TemporaryDirectory directory;
    const CommandResult made = run_cli(
        {"backup", "create", "--from", endpoint(*from), "--backup-dir", directory.path("backups"), "--json"});
    check_exit(made, 0);
    from->connect().exec("DELETE FROM item WHERE id = 1");
    const CommandResult restored = run_cli(
        {"backup", "restore", json_of(made.out)["path"].GetString(), "--to", endpoint(*from), "--overwrite"});
    check_exit(restored, 0);
    check_equal(before, catalog_of(*from));
    CHECK(from->connect().value("SELECT string_agg(name, ',' ORDER BY name) FROM names") == "one,two");
}

TEST_CASE("kept code: a backup lists what no migration makes, and its restore says it again",
          "[pg][backup][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    from->connect().exec(
        "SET ROLE kept_app;"
        "CREATE TABLE shop.made (n int PRIMARY KEY, twice int GENERATED ALWAYS AS (shop.doubled(n)) STORED);"
        "INSERT INTO shop.made VALUES (1), (2); RESET ROLE;"
        "CREATE TEXT SEARCH CONFIGURATION shop.words (COPY = simple);"
        "ALTER DEFAULT PRIVILEGES FOR ROLE kept_app IN SCHEMA shop GRANT SELECT ON TABLES TO kept_reader;"
        "SELECT lo_create(0)");
    const TemporaryDirectory directory;
    const CommandResult made = run_cli(
        {"backup", "create", "--from", endpoint(*from), "--backup-dir", directory.path("backups"), "--json"});
    check_exit(made, 5);
    const auto document = json_of(made.out);
    Lines left_out;
    for (const auto& finding : document["left_out"].GetArray()) {
        left_out.emplace_back(finding["object"].GetString());
    }
    std::sort(left_out.begin(), left_out.end());
    CHECK(left_out == Lines{"default privileges shop.of kept_app on tables", "large objects 1 large objects",
                            "table shop.made, column twice", "text search configuration shop.words"});
    const auto back = make_place();
    const CommandResult restored =
        run_cli({"backup", "restore", document["path"].GetString(), "--to", endpoint(*back)});
    check_exit(restored, 5);
    CHECK_THAT(restored.out, Catch::Contains("text search configuration shop.words"));
    CHECK(count_of_code(*back) == count_of_code(*from));
    CHECK(back->connect().value("SELECT sum(twice) FROM shop.made") == "6");

    const auto direct = make_place();
    const CommandResult itself = migrate(endpoint(*from), endpoint(*direct), {"--with-code"});
    check_exit(itself, 5);
    for (const std::string& name : left_out) {
        INFO(name << " " << itself.out);
        CHECK(contains(listed(itself), name));
    }
    check_equal(catalog_of(*direct), catalog_of(*back));
}

TEST_CASE(
    "kept code: what is said of a schema that is there is listed where a backup is put back, unless it is so",
    "[pg][backup][code]") {
    const auto from = make_place();
    if (from == nullptr) {
        return;
    }
    const std::string grant = "GRANT CREATE ON SCHEMA public TO kept_reader";
    from->connect().exec("SET ROLE kept_app; CREATE TABLE t (id int PRIMARY KEY); " + grant +
                         "; COMMENT ON SCHEMA public IS 'of the shop'");
    const TemporaryDirectory directory;
    const CommandResult made = run_cli(
        {"backup", "create", "--from", endpoint(*from), "--backup-dir", directory.path("backups"), "--json"});
    check_exit(made, 0);
    const auto back = make_place();
    const auto restore = [&] {
        return run_cli({"backup", "restore", json_of(made.out)["path"].GetString(), "--to", endpoint(*back),
                        "--overwrite", "--json"});
    };
    const CommandResult first = restore();
    check_exit(first, 5);
    const auto document = json_of(first.out);
    REQUIRE(document["not_restored"].Size() == 1);
    CHECK(std::string(document["not_restored"][0]["object"].GetString()) == "schema public");
    CHECK_THAT(document["not_restored"][0]["message"].GetString(),
               Catch::Contains(grant) && Catch::Contains("its comment"));
    // By hand, as it says.
    back->connect().exec("SET ROLE kept_app; " + grant + "; COMMENT ON SCHEMA public IS 'of the shop'");
    check_exit(restore(), 0);
    check_equal(catalog_of(*from), catalog_of(*back));

    // A migration leaves what is there as it is, and says so.
    const auto other = make_place();
    const CommandResult plan = run_cli({"migrate", "--from", endpoint(*from), "--to", endpoint(*other)});
    check_exit(plan, 0);
    CHECK_THAT(plan.out, Catch::Contains("schema public: It is there, and keeps what it has"));
}

TEST_CASE("kept code: a manifest whose record is damaged is refused before anything is made",
          "[pg][json][code]") {
    const auto from = make_shop();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    check_exit(migrate(endpoint(*from), "json:" + directory.path("kept/"), {"--with-code"}), 0);
    const auto [what, by, says] = GENERATE(table<std::string, std::string, std::string>({
        {"\"kind\":\"view\"", "\"kind\":7", "kind"},
        {"\"kind\":\"view\"", "\"kind\":\"\"", "without its kind, name or text"},
        {"\"provenance\"", "\"forgotten\"", "is missing"},
    }));
    edit_manifest(directory, "kept", what, by);
    const auto back = make_place();
    const CommandResult refused =
        migrate("json:" + directory.path("kept/"), endpoint(*back), {"--with-code"});
    require_one_error(refused, 3);
    CHECK_THAT(refused.err, Catch::Contains(says));
    CHECK(back->connect().value("SELECT count(*) FROM pg_namespace WHERE nspname IN ('shop', '_migrate')") ==
          "0");
}

TEST_CASE("kept code: a record runs no statement but those that make what it names",
          "[pg][json][code][security]") {
    const auto from = make_place();
    if (from == nullptr) {
        return;
    }
    {
        auto connection = from->connect();
        connection.exec("SET ROLE kept_app");
        connection.exec(
            "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON INDEX t_pkey IS 'a key';"
            "CREATE VIEW v AS SELECT id FROM t");
    }
    const TemporaryDirectory directory;
    check_exit(migrate(endpoint(*from), "json:" + directory.path("kept/"), {"--with-code"}), 0);
    const std::string comment = "COMMENT ON INDEX public.t_pkey IS 'a key'";
    const auto [what, by, name] = GENERATE_COPY(table<std::string, std::string, std::string>({
        {comment, "CREATE TABLE public.stolen ()", "comment public.t_pkey on t"},
        {comment, comment + "; CREATE TABLE public.stolen ()", "comment public.t_pkey on t"},
        {"CREATE VIEW public.v", "CREATE TABLE public.stolen (); CREATE VIEW public.v", "view public.v"},
        {"CREATE VIEW public.v AS", "CREATE VIEW public.w AS SELECT 1; CREATE TABLE public.stolen AS",
         "view public.v"},
    }));
    edit_manifest(directory, "kept", what, by);
    const auto back = make_place();
    // Also in a superuser's session.
    const std::string as = GENERATE(std::string(), std::string("kept_app"));
    const CommandResult result =
        migrate("json:" + directory.path("kept/"), endpoint(*back, as), {"--with-code"});
    check_exit(result, 5);
    INFO(result.out);
    CHECK(contains(listed(result), name));
    CHECK(back->connect().value("SELECT to_regclass('public.stolen') IS NULL") == "t");
    CHECK(back->connect().value("SELECT count(*) FROM t") == "0");
}

}  // namespace migrate::test
