#include <string>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What is at the target under the name of something that the migration could not make there is another's:
/// neither the migration nor its rollback touches it.
namespace migrate::test {
namespace {

constexpr const char* k_code_of_postgresql =
    "SELECT string_agg(d, E'\\n' ORDER BY d) FROM ("
    "SELECT 'view ' || c.relname || ' ' || pg_get_viewdef(c.oid) || ' ' || coalesce(c.relacl::text, '') || "
    "coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c WHERE c.relkind = 'v' AND "
    "c.relnamespace = 'public'::regnamespace UNION ALL "
    "SELECT 'routine ' || p.oid::regprocedure || ' ' || p.prosrc || ' ' || coalesce(p.proacl::text, '') || "
    "coalesce(obj_description(p.oid, 'pg_proc'), '') FROM pg_proc p WHERE p.pronamespace = "
    "'public'::regnamespace UNION ALL SELECT 'operator ' || o.oid::regoperator FROM pg_operator o WHERE "
    "o.oprnamespace = 'public'::regnamespace) AS all_code (d)";

std::string id_of(const CommandResult& run) {
    INFO(run.out << run.err);
    REQUIRE((run.exit_code == 0 || run.exit_code == 5));
    return json_of(run.out)["id"].GetString();
}

void require_undone(const std::string& id, const std::string& to) {
    const CommandResult undone = run_cli({"rollback", id, "--to", to, "--execute"});
    INFO(undone.out << undone.err);
    REQUIRE(undone.exit_code == 0);
}

}  // namespace

TEST_CASE("same names: a view that was there outlives a rollback", "[fault][rollback]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x');"
        "CREATE TABLE u (id INTEGER PRIMARY KEY);"
        "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT id FROM u;");
    if (pg_test_conninfo()) {
        const PgDatabase database;
        PgConnection server = database.connect();
        server.exec(
            "CREATE TABLE other (id int); CREATE VIEW v AS SELECT id FROM other; COMMENT ON VIEW v IS "
            "'theirs'");
        const std::string before = server.value(k_code_of_postgresql);
        const std::string to = "pg:" + database.conninfo();
        const std::string id = id_of(run_cli({"migrate", "--from", from, "--to", to, "--execute", "--json"}));
        CHECK(server.value("SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relname IN ('v', 'w')") ==
              "2");
        require_undone(id, to);
        CHECK(server.value(k_code_of_postgresql) == before);
    }
    const std::string to = directory.path("to.db");
    SqliteDatabase(to).exec("CREATE TABLE other (id INTEGER); CREATE VIEW v AS SELECT id FROM other");
    const CommandResult run =
        run_cli({"migrate", "--from", from, "--to", to, "--with-code", "--execute", "--json"});
    INFO(run.out << run.err);
    if (run.exit_code == 0 || run.exit_code == 5) {
        require_undone(json_of(run.out)["id"].GetString(), to);
    }
    CHECK(SqliteDatabase(to).value("SELECT group_concat(sql, ';') FROM sqlite_schema WHERE name NOT LIKE "
                                   "'\\_migrate%' ESCAPE '\\' AND sql IS NOT NULL AND name NOT LIKE "
                                   "'sqlite%'") ==
          "CREATE TABLE other (id INTEGER);CREATE VIEW v AS SELECT id FROM other");
}

TEST_CASE("same names: of functions that share a name a rollback takes those of the migration",
          "[fault][rollback]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const PgDatabase from;
    from.connect().exec(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);"
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION f(int) "
        "TO "
        "PUBLIC; COMMENT ON FUNCTION f(int) IS 'ours';"
        "CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2';"
        "CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 3';"
        "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);"
        "CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = f);"
        "CREATE ROLE migrate_code_owner; ALTER FUNCTION f(int) OWNER TO migrate_code_owner; ALTER FUNCTION "
        "f(text) OWNER TO migrate_code_owner; ALTER FUNCTION f(int, int) OWNER TO migrate_code_owner; ALTER "
        "AGGREGATE total(int) OWNER TO migrate_code_owner; ALTER OPERATOR ### (int, int) OWNER TO "
        "migrate_code_owner");
    const PgDatabase target;
    PgConnection server = target.connect();
    server.exec(
        "GRANT CREATE ON SCHEMA public TO migrate_code_owner; CREATE FUNCTION f(a int) RETURNS int "
        "LANGUAGE sql AS 'SELECT 9'; REVOKE ALL ON FUNCTION f(int) FROM PUBLIC");
    const std::string before = server.value(k_code_of_postgresql);
    const std::string to = "pg:" + target.conninfo();
    const std::string id = id_of(run_cli(
        {"migrate", "--from", "pg:" + from.conninfo(), "--to", to, "--with-code", "--execute", "--json"}));
    CHECK(server.value("SELECT f(1)") == "9");
    CHECK(server.value("SELECT f('a'::text) * 10 + f(1, 1)") == "23");
    CHECK(server.value("SELECT coalesce(obj_description('f(int)'::regprocedure), 'none')") == "none");
    CHECK(server.value("SELECT proacl IS NULL OR proacl::text LIKE '{=%' FROM pg_proc WHERE oid = "
                       "'f(int)'::regprocedure") == "f");
    CHECK(server.value("SELECT count(*) FROM pg_operator WHERE oprname = '###'") == "1");
    require_undone(id, to);
    CHECK(server.value(k_code_of_postgresql) == before);
    server.exec("DROP OWNED BY migrate_code_owner");
    from.connect().exec("DROP OWNED BY migrate_code_owner CASCADE; DROP ROLE migrate_code_owner");
}

TEST_CASE("same names: what was made keeps what is said of it, and calls nothing of others",
          "[fault][rollback]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const PgDatabase from;
    from.connect().exec(
        "DROP ROLE IF EXISTS migrate_names_owner; CREATE ROLE migrate_names_owner; GRANT CREATE ON SCHEMA "
        "public "
        "TO migrate_names_owner; SET ROLE migrate_names_owner;"
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);"
        "CREATE VIEW x AS SELECT id FROM t; COMMENT ON VIEW x IS 'our view'; GRANT SELECT ON x TO PUBLIC;"
        "CREATE FUNCTION x(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION y(a text) RETURNS int LANGUAGE sql AS 'SELECT 2'; COMMENT ON FUNCTION y(text) IS "
        "'ours';"
        "CREATE FUNCTION y(a int) RETURNS int LANGUAGE sql AS 'SELECT 3'; COMMENT ON FUNCTION y(int) IS "
        "'ours';"
        "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER calls_tf BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf()");
    const PgDatabase target;
    PgConnection server = target.connect();
    server.exec(
        "GRANT CREATE ON SCHEMA public TO migrate_names_owner;"
        "CREATE FUNCTION x(a int) RETURNS int LANGUAGE sql AS 'SELECT 9';"
        "CREATE FUNCTION y(a int) RETURNS int LANGUAGE sql AS 'SELECT 9';"
        "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
    const std::string before = server.value(k_code_of_postgresql);
    const std::string to = "pg:" + target.conninfo();
    const CommandResult run = run_cli(
        {"migrate", "--from", "pg:" + from.conninfo(), "--to", to, "--with-code", "--execute", "--json"});
    const std::string id = id_of(run);
    CHECK(server.value("SELECT obj_description('x'::regclass)") == "our view");
    CHECK(server.value("SELECT has_table_privilege('public', 'x', 'SELECT')") == "t");
    CHECK(server.value("SELECT obj_description('y(text)'::regprocedure)") == "ours");
    CHECK(server.value("SELECT coalesce(obj_description('y(int)'::regprocedure), 'none')") == "none");
    CHECK(server.value("SELECT count(*) FROM pg_trigger WHERE tgname = 'calls_tf'") == "0");
    CHECK_THAT(run.out, Catch::Contains("calls_tf"));
    require_undone(id, to);
    CHECK(server.value(k_code_of_postgresql) == before);
    server.exec("DROP OWNED BY migrate_names_owner");
    from.connect().exec("DROP OWNED BY migrate_names_owner CASCADE; DROP ROLE migrate_names_owner");
}

}  // namespace migrate::test
