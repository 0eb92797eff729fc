#include <algorithm>
#include <filesystem>
#include <iterator>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "e2e/every_object.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// PostgreSQL → PostgreSQL, → SQLite → PostgreSQL and → JSON → PostgreSQL, compared by plain driver calls and
/// by pg_dump, which shares nothing with the library.
namespace migrate::test {
namespace {

std::string endpoint(const PgDatabase& database, const std::string& user = {}) {
    return "pg:" + database.conninfo() + (user.empty() ? "" : " user=" + user);
}

CommandResult migrate(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
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

/// Every table's rows as the server spells them, in an order of their own; -0 and the last bit of a float
/// included.
std::vector<std::string> rows_of(const PgDatabase& database) {
    auto connection = database.connect();
    connection.exec(
        "SET extra_float_digits = 3; SET TimeZone = 'UTC'; SET search_path = ''; SET row_security = off");
    std::vector<std::string> lines;
    const auto tables = connection.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = "
        "c.relnamespace WHERE "
        "c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema|_migrate)' AND c.relname !~ "
        "'^_migrate_' ORDER "
        "BY 1");
    for (const auto& table : tables) {
        lines.push_back("table " + *table[0]);
        for (const auto& row : connection.query("SELECT t::text FROM ONLY " + *table[0] + " t ORDER BY 1")) {
            lines.push_back(*table[0] + " " + row[0].value_or("NULL"));
        }
    }
    return lines;
}

/// The statements that pg_dump would make it with, sorted; empty where there is no pg_dump.
std::vector<std::string> definitions_of(const PgDatabase& database) {
    const CommandResult dump = Command({"pg_dump", "--schema-only", "--exclude-schema=_migrate",
                                        "--exclude-table=*._migrate_*", "--dbname", database.conninfo()})
                                   .wait();
    std::vector<std::string> statements;
    if (dump.exit_code != 0) {
        WARN("pg_dump did not run: " << dump.err);
        return statements;
    }
    std::string statement;
    std::string line;
    for (const char c : dump.out + "\n") {
        if (c != '\n') {
            line += c;
            continue;
        }
        const bool noise =
            line.empty() || line.starts_with("--") || line.starts_with("SET ") || line.starts_with("\\");
        if (!noise) {
            statement += line + "\n";
        }
        if (!noise && line.ends_with(";")) {
            statements.push_back(std::move(statement));
            statement.clear();
        }
        line.clear();
    }
    std::sort(statements.begin(), statements.end());
    return statements;
}

void check_equal(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    std::vector<std::string> gone;
    std::vector<std::string> come;
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(gone));
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(come));
    CHECK(gone == std::vector<std::string>{});
    CHECK(come == std::vector<std::string>{});
}

void check_same(const PgDatabase& from, const PgDatabase& to) {
    auto before = rows_of(from);
    auto after = rows_of(to);
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    check_equal(before, after);
    check_equal(definitions_of(from), definitions_of(to));
}

}  // namespace

TEST_CASE("exact: every type and odd value is the same in PostgreSQL, and back from SQLite and JSON",
          "[pg][exact]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    run_script(*from, "every_type.sql");
    const TemporaryDirectory directory;
    const auto direct = make_pg_database();
    check_exit(migrate(endpoint(*from), endpoint(*direct)), 0);
    check_same(*from, *direct);

    const std::string file = "sqlite:" + directory.path("types.db");
    // The types themselves are listed: SQLite has none.
    check_exit(migrate(endpoint(*from), file), 5);
    const auto from_sqlite = make_pg_database();
    check_exit(migrate(file, endpoint(*from_sqlite)), 0);
    check_same(*from, *from_sqlite);

    const std::string json = "json:" + directory.path("types");
    check_exit(migrate(endpoint(*from), json), 0);
    const auto from_json = make_pg_database();
    check_exit(migrate(json, endpoint(*from_json)), 0);
    check_same(*from, *from_json);
}

TEST_CASE("exact: every object that is no code is the same in PostgreSQL, and back from JSON",
          "[pg][exact]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const auto direct = make_pg_database();
    check_exit(migrate(endpoint(*from), endpoint(*direct)), 0);
    check_same(*from, *direct);

    const std::string json = "json:" + directory.path("objects");
    // Policies are listed: a file protects nothing row by row.
    check_exit(migrate(endpoint(*from), json), 5);
    const auto from_json = make_pg_database();
    check_exit(migrate(json, endpoint(*from_json)), 0);
    check_same(*from, *from_json);
}

TEST_CASE("exact: what SQLite has no equal for is listed and comes back", "[pg][exact]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    // The one thing that does not: a key that SQLite would enforce otherwise is not made there, nor made up
    // here.
    from->connect().exec("DROP TABLE app.setnullref");
    const TemporaryDirectory directory;
    const std::string file = "sqlite:" + directory.path("objects.db");
    const CommandResult there = migrate(endpoint(*from), file);
    check_exit(there, 5);
    for (const char* listed : {"index base_gin", "exclusion constraint app.ex", "policy app.p1", "check nv",
                               "sequence app.free", "partition app.part_1"}) {
        INFO(listed);
        CHECK(there.out.find(listed) != std::string::npos);
    }
    const auto back = make_pg_database();
    check_exit(migrate(file, endpoint(*back)), 0);
    check_same(*from, *back);
}

TEST_CASE("exact: code comes along when asked for, made by a role that is no superuser",
          "[pg][exact][security]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    run_script(*from, "every_code.sql");
    make_role("exact_app");
    PgConnection(*pg_test_conninfo()).exec("GRANT exact_owner, exact_reader, exact_writer TO exact_app");
    from->connect().exec("GRANT ALL ON SCHEMA app TO exact_owner");
    const auto to = make_pg_database("OWNER exact_app");
    check_exit(migrate(endpoint(*from), endpoint(*to, "exact_app"), {"--with-code"}), 0);
    check_equal(rows_of(*from), rows_of(*to));
    CHECK(to->connect().value("SELECT count(*) FROM app.mv") == "2");
    CHECK(to->connect().value("SELECT app.f(41)") == "42");
    CHECK(to->connect().value(
              "SELECT count(*) FROM pg_proc WHERE proowner = 10 AND oid >= 16384 AND pronamespace = "
              "'app'::regnamespace AND proname IN ('f', 'trg', 'proc', 'mysum')") == "0");
    auto without_owners = [](std::vector<std::string> statements) {
        std::erase_if(statements,
                      [](const std::string& one) { return one.find(" OWNER TO ") != std::string::npos; });
        return statements;
    };
    check_equal(without_owners(definitions_of(*from)), without_owners(definitions_of(*to)));
}

TEST_CASE("exact: a superuser's session makes no code of another superuser", "[pg][exact][security]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    run_script(*from, "every_code.sql");
    const auto to = make_pg_database();
    const CommandResult result = migrate(endpoint(*from), endpoint(*to), {"--with-code"});
    check_exit(result, 5);
    CHECK(result.out.find("function app.f: Code is never created by a superuser") != std::string::npos);
    CHECK(to->connect().value(
              "SELECT count(*) FROM pg_proc WHERE pronamespace = 'app'::regnamespace AND proname IN "
              "('f', 'trg', 'proc', 'mysum')") == "0");
    CHECK(to->connect().value("SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = "
                              "'app'::regnamespace") == "0");
    check_equal(rows_of(*from), rows_of(*to));
}

TEST_CASE("exact: a role that may create no schema stages under other names", "[pg][exact]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    run_script(*from, "every_type.sql");
    make_role("exact_limited");
    const auto to = make_pg_database();
    to->connect().exec(
        "CREATE SCHEMA app; GRANT CREATE, USAGE ON SCHEMA app, public TO exact_limited; CREATE EXTENSION "
        "hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube");
    const auto staged = [&] {
        return to->connect().value(
            "SELECT count(*) FROM (SELECT relname FROM pg_class UNION ALL SELECT typname FROM pg_type "
            "UNION ALL SELECT proname FROM pg_proc) named (name) WHERE name ~ '^_?_migrate_[0-9a-f]{6}'");
    };

    // It can be left there, seen under other names only, and dropped.
    const CommandResult waiting =
        migrate(endpoint(*from), endpoint(*to, "exact_limited"), {"--no-cutover", "--json"});
    INFO(waiting.out << waiting.err);
    CHECK(staged() != "0");
    CHECK(to->connect().value("SELECT to_regclass('public.t_num') IS NULL") == "t");
    const std::string id = json_of(waiting.out)["id"].GetString();
    const CommandResult dropped = run_cli({"abandon", id, "--to", endpoint(*to, "exact_limited")});
    check_exit(dropped, 0);
    CHECK(staged() == "0");
    CHECK(to->connect().value("SELECT count(*) FROM pg_class WHERE relname ~ '^_migrate'") == "0");
    CHECK(to->connect().value("SELECT to_regtype('app.floatrange') IS NULL") == "t");

    check_exit(migrate(endpoint(*from), endpoint(*to, "exact_limited")), 0);
    CHECK(staged() == "0");
    check_equal(rows_of(*from), rows_of(*to));
    CHECK(to->connect().value("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^_migrate'") == "0");
}

TEST_CASE("exact: a key longer than an index entry is told before, and left out by name", "[pg][exact]") {
    const auto to = make_pg_database();
    if (to == nullptr) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string path = directory.path("long.db");
    SqliteDatabase(path).exec(
        "CREATE TABLE page (id INTEGER PRIMARY KEY, url TEXT UNIQUE, body TEXT); CREATE INDEX by_body ON "
        "page (body); "
        "INSERT INTO page VALUES (1, hex(randomblob(3000)), 'short'), (2, 'short', 'b')");
    const CommandResult plan = run_cli({"migrate", "--from", path, "--to", endpoint(*to)});
    CHECK(plan.out.find("unique key url of page: Its longest values have 6000 bytes") != std::string::npos);
    CHECK(plan.out.find("by_body of page: Its longest") == std::string::npos);
    const CommandResult run = migrate(path, endpoint(*to));
    check_exit(run, 5);
    CHECK(run.out.find("unique key page_url_key of public.page") != std::string::npos);
    CHECK(to->connect().value("SELECT count(*) FROM page") == "2");
    CHECK(to->connect().value("SELECT count(*) FROM pg_indexes WHERE indexname = 'by_body'") == "1");
}

TEST_CASE("exact: too little disk space is refused where it can be seen, and said to be unknown where not",
          "[pg][exact]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec("CREATE TABLE t (id int)");
    make_role("exact_limited");
    const auto to = make_pg_database("OWNER exact_limited");
    const CommandResult seen = run_cli({"migrate", "--from", endpoint(*from), "--to", endpoint(*to)});
    CHECK(seen.out.find("disk has room") == std::string::npos);
    // This role may not ask where the data lie.
    const CommandResult unseen =
        run_cli({"migrate", "--from", endpoint(*from), "--to", endpoint(*to, "exact_limited")});
    CHECK(unseen.out.find("cannot be seen from here") != std::string::npos);
}

TEST_CASE("exact: active row-level security on the source is refused before anything is read",
          "[pg][exact][security]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    make_role("exact_reader");
    from->connect().exec(
        "CREATE TABLE secret (id int, who text); INSERT INTO secret VALUES (1, 'exact_reader'), (2, 'x'); "
        "ALTER TABLE secret "
        "ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON secret USING (who = CURRENT_USER); GRANT SELECT ON "
        "secret TO "
        "exact_reader");
    const TemporaryDirectory directory;
    const CommandResult result =
        migrate(endpoint(*from, "exact_reader"), "sqlite:" + directory.path("secret.db"));
    INFO(result.out << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.err.find("ow-level security") != std::string::npos);
    CHECK(result.err.find("public.secret") != std::string::npos);
    CHECK(result.err.find("BYPASSRLS") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(directory.path("secret.db")));
}

TEST_CASE("exact: rows that a foreign partition has elsewhere are not read; the table is refused by name",
          "[pg][exact]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; CREATE "
        "TABLE log (k int) "
        "PARTITION BY LIST (k); CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1); CREATE FOREIGN TABLE "
        "log_2 PARTITION "
        "OF log FOR VALUES IN (2) SERVER elsewhere; CREATE TABLE plain (id int); INSERT INTO plain VALUES "
        "(1)");
    const TemporaryDirectory directory;
    const CommandResult refused = migrate(endpoint(*from), "sqlite:" + directory.path("log.db"));
    require_one_error(refused, 3);
    CHECK(refused.err.find("public.log_2") != std::string::npos);
    const CommandResult rest = migrate(endpoint(*from), "sqlite:" + directory.path("rest.db"),
                                       {"--exclude", "log", "--skip", "privileges"});
    INFO(rest.out << rest.err);
    CHECK(SqliteDatabase(directory.path("rest.db")).value("SELECT count(*) FROM plain") == "1");
}

TEST_CASE("exact: owners and privileges can be left out on purpose", "[pg][exact]") {
    const auto from = make_objects();
    if (from == nullptr) {
        return;
    }
    const auto to = make_pg_database();
    const CommandResult result = migrate(endpoint(*from), endpoint(*to), {"--skip", "owners,privileges"});
    check_exit(result, 0);
    CHECK(result.out.find("3 owners: left out as asked") != std::string::npos);
    CHECK(to->connect().value("SELECT relowner::regrole FROM pg_class WHERE oid = 'app.pair'::regclass") !=
          "exact_owner");
}

}  // namespace migrate::test
