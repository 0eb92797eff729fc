#include <filesystem>

#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Into tables that are there: what was lost, changed or put aside in silence.
namespace migrate::test {

namespace {

/// The source that a test fills, and a target beside it.
class Existing {
  public:
    explicit Existing(const std::string& source_sql) { SqliteDatabase(source()).exec(source_sql); }

    [[nodiscard]] std::string source() const { return m_directory.path("source.db"); }
    [[nodiscard]] std::string path(const std::string& name) const { return m_directory.path(name); }

    CommandResult migrate(const std::string& to, const std::vector<std::string>& more) const {
        std::vector<std::string> arguments{"migrate",         "--from", "sqlite:" + source(), "--to", to,
                                           "--source-backup", "never",  "--execute"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
    CommandResult run(const std::vector<std::string>& arguments) const {
        CommandOptions options;
        options.environment["XDG_STATE_HOME"] = m_directory.path("state");
        return run_cli(arguments, options);
    }
    /// Of the newest migration into a PostgreSQL target.
    static std::string newest(PgConnection& pg) {
        return pg.value("SELECT id FROM _migrate.migration ORDER BY created_at DESC LIMIT 1");
    }

  private:
    TemporaryDirectory m_directory;
};

/// The migration's id in a result that was asked for as JSON.
std::string id_in(const std::string& json) {
    const std::size_t at = json.find("\"id\"");
    const std::size_t begin = at == std::string::npos ? at : json.find('"', json.find(':', at));
    REQUIRE(begin != std::string::npos);
    return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
}

}  // namespace

TEST_CASE("regress: decimals and text that a float would round are refused by name", "[regress][existing]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    const std::vector<std::string> lossy{"1.00000000000000000001", "9007199254740993",
                                         "12345678901234567890123", "0.1000000000000000055"};
    for (const std::string& value : lossy) {
        INFO(value);
        PgConnection pg = database->connect();
        pg.exec("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v double precision)");
        const Existing existing(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, '" + value + "')");
        const CommandResult result =
            existing.migrate("pg:" + database->conninfo(), {"--on-existing", "load"});
        INFO(result.out << result.err);
        CHECK(result.exit_code != 0);
        CHECK_THAT(result.out + result.err, Catch::Contains("v"));
        CHECK(pg.value("SELECT count(*) FROM t") == "0");
    }
}

TEST_CASE("regress: values for a column that the target computes are not discarded in silence",
          "[regress][existing]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec("CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)");
    const Existing existing(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, twice INTEGER); INSERT INTO t VALUES (1, 7)");
    SqliteDatabase(existing.path("target.db"))
        .exec("CREATE TABLE t (id INTEGER PRIMARY KEY, twice INTEGER GENERATED ALWAYS AS (id * 2) STORED)");
    for (const std::string& to : {"pg:" + database->conninfo(), "sqlite:" + existing.path("target.db")}) {
        INFO(to);
        const CommandResult refused = existing.migrate(to, {"--on-existing", "load"});
        INFO(refused.out << refused.err);
        CHECK(refused.exit_code != 0);
        CHECK_THAT(refused.out + refused.err, Catch::Contains("twice"));
        CHECK_THAT(refused.out + refused.err, Catch::Contains("--ignore-column"));
        CHECK(existing.migrate(to, {"--on-existing", "load", "--ignore-column", "t.twice"}).exit_code == 0);
    }
    CHECK(pg.value("SELECT twice FROM t") == "2");
    CHECK(SqliteDatabase(existing.path("target.db")).value("SELECT twice FROM t") == "2");
}

TEST_CASE("regress: JSON with two members of one name does not become a jsonb with one",
          "[regress][existing]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec("CREATE TABLE t (id int PRIMARY KEY, j jsonb)");
    const Existing existing(
        R"(CREATE TABLE t (id INTEGER PRIMARY KEY, j TEXT); INSERT INTO t VALUES (1, '{"b":1,"a":1.0,"b":2}'))");
    const CommandResult loaded = existing.migrate("pg:" + database->conninfo(), {"--on-existing", "load"});
    INFO(loaded.out << loaded.err);
    CHECK(loaded.exit_code != 0);
    CHECK_THAT(loaded.out + loaded.err, Catch::Contains("two members of one name"));
    CHECK(pg.value("SELECT count(*) FROM t") == "0");
}

TEST_CASE("regress: what was attached to a table between plan and cutover stops the cutover",
          "[regress][existing][postgresql]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    const std::string trigger =
        "CREATE OR REPLACE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v = "
        "upper(NEW.v); "
        "RETURN NEW; END $$; CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION shout()";
    const std::vector<std::string> changes{
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id > 0)", trigger,
        "ALTER TABLE t ADD COLUMN more int", "ALTER TABLE t ALTER v SET DEFAULT 'x'"};
    for (const char* const mode : {"replace", "load"}) {
        for (const std::string& change : changes) {
            INFO(mode << ": " << change);
            pg.exec("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int PRIMARY KEY, v text)");
            const Existing existing(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
            const std::string to = "pg:" + database->conninfo();
            const CommandResult staged = existing.migrate(to, {"--on-existing", mode, "--no-cutover"});
            INFO(staged.out << staged.err);
            const std::string id = Existing::newest(pg);
            pg.exec(change);
            const CommandResult cut = existing.run({"cutover", id, "--to", to});
            INFO(cut.out << cut.err);
            CHECK(cut.exit_code != 0);
            CHECK_THAT(cut.err, Catch::Contains("table public.t was changed since the plan was made"));
            CHECK(pg.value("SELECT count(*) FROM t") == "0");
            CHECK(existing.run({"abandon", id, "--to", to}).exit_code == 0);
        }
        pg.exec("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int PRIMARY KEY, v text)");
        const Existing existing(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
        const std::string to = "pg:" + database->conninfo();
        existing.migrate(to, {"--on-existing", mode, "--no-cutover"});
        CHECK(existing.run({"cutover", Existing::newest(pg), "--to", to}).exit_code == 0);
        CHECK(pg.value("SELECT v FROM t") == "a");
    }
}

TEST_CASE("regress: what was attached to a SQLite table between plan and cutover stops the cutover",
          "[regress][existing][sqlite]") {
    for (const char* const mode : {"replace", "load"}) {
        for (const char* const change :
             {"CREATE TRIGGER loud AFTER INSERT ON t BEGIN UPDATE t SET v = 'loud'; END",
              "ALTER TABLE t ADD COLUMN more TEXT", "CREATE UNIQUE INDEX t_v ON t (v)"}) {
            INFO(mode << ": " << change);
            const Existing existing(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
            const std::string target = existing.path("target.db");
            SqliteDatabase(target).exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
            const CommandResult staged =
                existing.migrate("sqlite:" + target, {"--on-existing", mode, "--no-cutover", "--json"});
            INFO(staged.out << staged.err);
            SqliteDatabase(target).exec(change);
            const std::string id = id_in(staged.out);
            const CommandResult cut = existing.run({"cutover", id, "--to", "sqlite:" + target});
            INFO(cut.out << cut.err);
            CHECK(cut.exit_code != 0);
            CHECK_THAT(cut.err, Catch::Contains("was changed since the plan was made"));
            CHECK(SqliteDatabase(target).value("SELECT count(*) FROM t") == "0");
        }
    }
}

TEST_CASE("regress: without the server's counters nothing that triggers could change is claimed to be undone",
          "[regress][existing][postgresql]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec(
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE log (id int); CREATE FUNCTION note() RETURNS "
        "trigger "
        "LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.log VALUES (NEW.id); RETURN NEW; END $$; "
        "CREATE TRIGGER noted AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION note()");
    pg.exec(
        "DO $$ BEGIN CREATE ROLE migrate_test_plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END "
        "$$");
    pg.exec(
        "GRANT CREATE ON SCHEMA public TO migrate_test_plain; ALTER TABLE t OWNER TO migrate_test_plain; "
        "ALTER TABLE log OWNER TO migrate_test_plain; GRANT "
        "CREATE ON "
        "DATABASE " +
        database->name() + " TO migrate_test_plain; ALTER DATABASE " + database->name() +
        " SET track_counts = off");
    const Existing existing("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::vector<std::string> load{"--on-existing", "load"};
    const CommandResult refused =
        existing.migrate("pg:" + database->conninfo() + " user=migrate_test_plain", load);
    INFO(refused.out << refused.err);
    CHECK(refused.exit_code != 0);
    CHECK_THAT(refused.out + refused.err, Catch::Contains("track_counts"));
    CHECK(pg.value("SELECT count(*) FROM log") == "0");

    // A superuser's session counts for itself, and what the trigger wrote is undone as well.
    const std::string to = "pg:" + database->conninfo();
    const CommandResult loaded = existing.migrate(to, load);
    INFO(loaded.out << loaded.err);
    REQUIRE(pg.value("SELECT count(*) FROM log") == "1");
    CHECK(existing.run({"rollback", Existing::newest(pg), "--to", to, "--execute"}).exit_code == 0);
    CHECK(pg.value("SELECT count(*) FROM log") == "0");
    pg.exec("REASSIGN OWNED BY migrate_test_plain TO CURRENT_USER; DROP OWNED BY migrate_test_plain");
}

TEST_CASE("regress: a merge finds keys by their index's operator, whatever the search path holds",
          "[regress][existing][postgresql]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    const Existing existing("CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT); INSERT INTO t VALUES ('A', 'new')");
    const std::string to = "pg:" + database->conninfo();
    const std::vector<std::string> overwrite{"--on-existing", "load", "--on-conflict", "overwrite"};
    const std::string quiet_trigger =
        "CREATE OR REPLACE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; "
        "CREATE TRIGGER quiet BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION quiet()";

    SECTION("an operator of somebody else's is not called") {
        pg.exec(
            "CREATE TABLE called (x int); CREATE FUNCTION trap(varchar, varchar) RETURNS bool LANGUAGE "
            "plpgsql AS "
            "$$ BEGIN INSERT INTO public.called VALUES (1); RETURN false; END $$; CREATE OPERATOR public.= "
            "(LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = trap); CREATE TABLE t (k varchar(9) PRIMARY "
            "KEY, "
            "v text); INSERT INTO t VALUES ('A', 'old'), ('B', 'stays');" +
            quiet_trigger);
        const CommandResult result = existing.migrate(to, overwrite);
        INFO(result.out << result.err);
        CHECK(pg.value("SELECT count(*) FROM called") == "0");
        CHECK(pg.value("SELECT string_agg(v, ',' ORDER BY v) FROM t") == "new,stays");
    }
    SECTION("citext keys are equal in any case of letters") {
        pg.exec(
            "CREATE EXTENSION citext; CREATE TABLE t (k citext PRIMARY KEY, v text); INSERT INTO t VALUES "
            "('a', "
            "'old'), ('b', 'stays')");
        const CommandResult result = existing.migrate(to, overwrite);
        INFO(result.out << result.err);
        CHECK(result.exit_code == 0);
        CHECK(pg.value("SELECT string_agg(v, ',' ORDER BY v) FROM t") == "new,stays");
        CHECK(existing.run({"rollback", Existing::newest(pg), "--to", to, "--execute"}).exit_code == 0);
        CHECK(pg.value("SELECT string_agg(k || v, ',' ORDER BY v) FROM t") == "aold,bstays");
    }
}

TEST_CASE("regress: a table is not replaced by one of another name", "[regress][existing]") {
    const Existing existing("CREATE TABLE user_s (id INTEGER PRIMARY KEY); INSERT INTO user_s VALUES (1)");
    const std::string target = existing.path("target.db");
    SqliteDatabase(target).exec("CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (42)");
    const CommandResult result = existing.migrate("sqlite:" + target, {"--on-existing", "replace"});
    INFO(result.out << result.err);
    CHECK(SqliteDatabase(target).value("SELECT id FROM users") == "42");
    CHECK(SqliteDatabase(target).value("SELECT id FROM user_s") == "1");
}

TEST_CASE("regress: two tables do not go into one because their names fold to one", "[regress][existing]") {
    const Existing existing(
        "CREATE TABLE order_items (id INTEGER PRIMARY KEY); CREATE TABLE orderitems (id INTEGER "
        "PRIMARY KEY)");
    const std::string target = existing.path("target.db");
    SqliteDatabase(target).exec("CREATE TABLE orderItems (id INTEGER PRIMARY KEY)");
    const CommandResult result = existing.migrate("sqlite:" + target, {"--on-existing", "load"});
    INFO(result.out << result.err);
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.out + result.err, Catch::Contains("order_items") && Catch::Contains("orderitems"));
}

TEST_CASE("regress: a database is known under another spelling of its server", "[regress][postgresql]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
    const std::string socket =
        pg.value("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)");
    const TemporaryDirectory directory;
    std::filesystem::create_directory_symlink(socket, directory.path("link"));
    const CommandResult result = run_cli({"migrate", "--from", "pg:" + database->conninfo(), "--to",
                                          "pg:" + database->conninfo() + " host=" + directory.path("link"),
                                          "--execute", "--on-existing", "replace"});
    INFO(result.out << result.err);
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.err, Catch::Contains("same place"));
    CHECK(pg.value("SELECT to_regnamespace('_migrate') IS NULL") == "t");
}

TEST_CASE("regress: what is only named as migrations' own tables are is not passed over in silence",
          "[regress][postgresql]") {
    const auto database = make_pg_database();
    if (!database) {
        return;
    }
    PgConnection pg = database->connect();
    pg.exec(
        "CREATE TABLE t (id int); CREATE TABLE _migrate_x (id int); CREATE SCHEMA _migrate_decade; CREATE "
        "TABLE "
        "_migrate_decade.t (id int)");
    const TemporaryDirectory directory;
    const CommandResult result = run_cli({"migrate", "--from", "pg:" + database->conninfo(), "--to",
                                          "sqlite:" + directory.path("target.db"), "--execute"});
    INFO(result.out << result.err);
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.out, Catch::Contains("_migrate_x") && Catch::Contains("_migrate_decade.t"));

    // What a migration has left there is known by its record.
    const auto second = make_pg_database();
    const std::string middle = "pg:" + second->conninfo();
    SqliteDatabase(directory.path("source.db"))
        .exec("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)");
    const std::string source = "sqlite:" + directory.path("source.db");
    REQUIRE(run_cli({"migrate", "--from", source, "--to", middle, "--execute"}).exit_code == 0);
    REQUIRE(run_cli({"migrate", "--from", source, "--to", middle, "--execute", "--on-existing", "replace"})
                .exit_code == 0);
    const CommandResult back =
        run_cli({"migrate", "--from", middle, "--to", "sqlite:" + directory.path("back.db"), "--execute"});
    INFO(back.out << back.err);
    CHECK(back.exit_code == 0);
}

TEST_CASE("regress: numbers that were drawn from a sequence after the plan are not drawn again",
          "[regress][postgresql]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (!from || !to) {
        return;
    }
    PgConnection pg = from->connect();
    pg.exec(
        "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY); INSERT INTO t DEFAULT VALUES; "
        "SELECT "
        "nextval('t_id_seq')");
    MigratorConfig config;
    CrossDatabaseMigrator migrator{config};
    Endpoint source;
    source.engine = "postgresql";
    source.location = from->conninfo();
    Endpoint target = source;
    target.location = to->conninfo();
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    const MigrationPlan plan = migrator.plan_migration({source}, {target}, options);
    pg.exec("SELECT nextval('t_id_seq'), nextval('t_id_seq')");
    const MigrationResult result = migrator.execute_migration(plan);
    CHECK(result.exit_code() == 0);
    CHECK(to->connect().value("SELECT nextval('t_id_seq')") == pg.value("SELECT nextval('t_id_seq')"));
}

}  // namespace migrate::test
