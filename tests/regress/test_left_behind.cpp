#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// What describes or uses something that is skipped, excluded or named anew was run all the same, and ended
/// in the server's own error; or was lost without a word.
namespace migrate::test {
namespace {

constexpr const char* k_role = "migrate_left_behind";

/// Owned by a role that is no superuser, so that its code may travel.
class Databases {
  public:
    explicit Databases(const std::string& sql) {
        PgConnection(*pg_test_conninfo())
            .exec(
                std::string("DO $$ BEGIN CREATE ROLE ") + k_role +
                " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; WHEN unique_violation THEN NULL; END $$");
        prepare(m_from);
        prepare(m_to);
        PgConnection(m_from.conninfo() + " user=" + k_role).exec(sql);
    }

    [[nodiscard]] CommandResult migrate(const std::vector<std::string>& more) const {
        return run(endpoint(m_from), endpoint(m_to), more);
    }
    [[nodiscard]] CommandResult over_sqlite(const std::vector<std::string>& more) const {
        const std::string file = "sqlite:" + m_directory.path("between.db");
        run(endpoint(m_from), file, {});
        return run(file, endpoint(m_to), more);
    }
    [[nodiscard]] PgConnection target() const { return m_to.connect(); }

  private:
    static void prepare(const PgDatabase& database) {
        database.connect().exec(std::string("GRANT ALL ON SCHEMA public TO ") + k_role +
                                "; GRANT CREATE ON DATABASE \"" + database.name() + "\" TO " + k_role);
    }
    static std::string endpoint(const PgDatabase& database) {
        return "pg:" + database.conninfo() + " user=" + k_role;
    }
    static CommandResult run(const std::string& from, const std::string& to,
                             const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"migrate", "--execute", "--source-backup", "never", "--from", from,
                                           "--to",    to};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cli(arguments);
    }

    PgDatabase m_from;
    PgDatabase m_to;
    TemporaryDirectory m_directory;
};

void check_no_server_error(const CommandResult& result) {
    CHECK_THAT(result.out + result.err, !Catch::Contains("SQLSTATE"));
}

constexpr const char* k_described = R"(
    CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL CONSTRAINT pos CHECK (n > 0), gone int);
    CREATE TABLE p (id int PRIMARY KEY, t_id int CONSTRAINT p_t REFERENCES t (id));
    CREATE INDEX t_n ON t (n);
    CREATE INDEX t_n1 ON t ((n + 1));
    CREATE UNIQUE INDEX t_unique ON t (id, n);
    ALTER INDEX t_n1 ALTER COLUMN 1 SET STATISTICS 55;
    ALTER TABLE t REPLICA IDENTITY USING INDEX t_unique;
    ALTER TABLE t CLUSTER ON t_n;
    CREATE STATISTICS t_st ON id, n FROM t;
    ALTER STATISTICS t_st SET STATISTICS 77;
    ALTER TABLE t ADD CONSTRAINT t_ex EXCLUDE USING btree (id WITH =);
    CREATE SEQUENCE sq OWNED BY t.gone;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION g(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION g(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
    ALTER TABLE t DISABLE TRIGGER tr;
    CREATE POLICY pol ON t USING (n > 1);
    CREATE VIEW v AS SELECT id FROM t;
    CREATE TYPE mood AS ENUM ('a', 'b');
    CREATE TABLE m (m mood DEFAULT 'a', n int, CONSTRAINT m_not_b CHECK (m <> 'b'), CONSTRAINT m_g CHECK (g(n) > 0));
    CREATE INDEX m_gi ON m (g(n));
    COMMENT ON INDEX t_n IS 'index';
    COMMENT ON INDEX m_gi IS 'index by code';
    COMMENT ON CONSTRAINT m_g ON m IS 'check by code';
    COMMENT ON CONSTRAINT m_not_b ON m IS 'check of an enum';
    COMMENT ON CONSTRAINT pos ON t IS 'check';
    COMMENT ON CONSTRAINT p_t ON p IS 'foreign key';
    COMMENT ON CONSTRAINT t_ex ON t IS 'exclusion';
    COMMENT ON CONSTRAINT t_pkey ON t IS 'primary key';
    COMMENT ON STATISTICS t_st IS 'statistics';
    COMMENT ON TRIGGER tr ON t IS 'trigger';
    COMMENT ON POLICY pol ON t IS 'policy';
    COMMENT ON FUNCTION f() IS 'function';
    COMMENT ON FUNCTION g(text) IS 'one of two';
    COMMENT ON SEQUENCE sq IS 'sequence';
    COMMENT ON VIEW v IS 'view';
    COMMENT ON COLUMN v.id IS 'column of a view';
    COMMENT ON TYPE mood IS 'enum')";

/// How many comments there are in the schema, those on tables and columns aside.
std::string comments_in(PgConnection connection) {
    return connection.value(
        "SELECT count(*) FROM pg_description d WHERE d.objoid >= 16384 AND (pg_identify_object(d.classoid, "
        "d.objoid, "
        "d.objsubid)).type NOT IN ('table', 'table column', 'schema') AND (pg_identify_object(d.classoid, "
        "d.objoid, "
        "d.objsubid)).identity !~ '_migrate'");
}

}  // namespace

TEST_CASE("regress: what describes a skipped object goes with it", "[regress][postgresql][skip]") {
    if (!make_pg_database()) {
        return;
    }
    const Databases whole(k_described);
    const CommandResult all = whole.migrate({"--with-code"});
    INFO(all.out << all.err);
    REQUIRE(all.exit_code == 0);
    CHECK(comments_in(whole.target()) == "17");
    for (const std::string kind : {"indexes", "checks", "foreign-keys", "statistics", "triggers", "policies",
                                   "functions", "sequences", "views", "enums", "exclusion-constraints"}) {
        const Databases databases(k_described);
        const CommandResult result = databases.migrate({"--with-code", "--skip", kind});
        INFO(kind << ": " << result.out << result.err);
        check_no_server_error(result);
        // The column of a type that is skipped has another one.
        CHECK(result.exit_code == (kind == "enums" ? 5 : 0));
        CHECK(comments_in(databases.target()) != "17");
    }
}

TEST_CASE("regress: what speaks of an excluded table is left out as asked", "[regress][postgresql][skip]") {
    if (!make_pg_database()) {
        return;
    }
    const std::string sql = R"(
        CREATE TABLE a (id int PRIMARY KEY);
        CREATE TABLE b (id int PRIMARY KEY);
        COMMENT ON CONSTRAINT a_pkey ON a IS 'of a';
        CREATE VIEW va AS SELECT id FROM a;
        CREATE VIEW vva AS SELECT id FROM va;
        CREATE VIEW vb AS SELECT id FROM b;
        CREATE RULE r AS ON INSERT TO b DO ALSO SELECT id FROM a;
        CREATE POLICY p ON b USING (EXISTS (SELECT FROM a)))";
    const Databases databases(sql);
    const CommandResult result = databases.migrate({"--with-code", "--exclude", "a"});
    INFO(result.out << result.err);
    check_no_server_error(result);
    CHECK(result.exit_code == 0);
    for (const char* name :
         {"view public.va:", "view public.vva:", "rule public.r on b:", "policy public.p on b:"}) {
        CHECK_THAT(result.out + result.err, Catch::Contains(name));
    }
    CHECK(databases.target().value(
              "SELECT string_agg(viewname, ',') FROM pg_views WHERE schemaname = 'public'") == "vb");

    const Databases back(sql);
    const CommandResult over = back.over_sqlite({"--with-code", "--exclude", "a"});
    INFO(over.out << over.err);
    check_no_server_error(over);
    CHECK(over.exit_code == 0);
}

TEST_CASE("regress: a view or function that speaks of a renamed table is listed in the plan",
          "[regress][postgresql][names]") {
    if (!make_pg_database()) {
        return;
    }
    const std::string sql = R"(
        CREATE TABLE "Album" (id int PRIMARY KEY, title text, CONSTRAINT one EXCLUDE USING btree (id WITH =));
        CREATE TABLE track (id int PRIMARY KEY, "albumId" int);
        CREATE TABLE plain (id int PRIMARY KEY);
        CREATE VIEW va AS SELECT title FROM "Album";
        CREATE VIEW vva AS SELECT title FROM va;
        CREATE VIEW vt AS SELECT "albumId" FROM track;
        CREATE VIEW vp AS SELECT id FROM plain;
        CREATE FUNCTION fa() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "Album"';
        CREATE FUNCTION fp() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM plain';
        CREATE STATISTICS sa ON id, title FROM "Album";
        CREATE POLICY pa ON "Album" USING (id > 1))";
    const std::vector<std::string> listed{"view public.va:",
                                          "view public.vva:",
                                          "view public.vt:",
                                          "function public.fa:",
                                          "statistics public.sa",
                                          "policy public.pa",
                                          "exclusion constraint public.one"};
    const auto check = [&](const CommandResult& result, PgConnection target) {
        INFO(result.out << result.err);
        check_no_server_error(result);
        CHECK(result.exit_code == 5);
        for (const std::string& name : listed) {
            CHECK_THAT(result.out + result.err, Catch::Contains(name));
        }
        CHECK(target.value("SELECT string_agg(viewname, ',') FROM pg_views WHERE schemaname = 'public'") ==
              "vp");
        CHECK(target.value("SELECT fp()") == "0");
    };
    const Databases databases(sql);
    check(databases.migrate({"--with-code", "--names", "snake"}), databases.target());
    const Databases back(sql);
    check(back.over_sqlite({"--with-code", "--names", "snake"}), back.target());
}

TEST_CASE("regress: names that need quotes get their owners, comments and privileges back",
          "[regress][postgresql]") {
    if (!make_pg_database()) {
        return;
    }
    const std::string sql = R"(
        CREATE TABLE "My T" (id int PRIMARY KEY, n int);
        CREATE INDEX "My I" ON "My T" (n);
        COMMENT ON INDEX "My I" IS 'index';
        COMMENT ON CONSTRAINT "My T_pkey" ON "My T" IS 'key';
        CREATE SEQUENCE "My S";
        COMMENT ON SEQUENCE "My S" IS 'sequence';
        CREATE TYPE "My E" AS ENUM ('a');
        COMMENT ON TYPE "My E" IS 'enum';
        GRANT SELECT (n) ON "My T" TO PUBLIC;
        CREATE SCHEMA "My C"
            CREATE TABLE "T" (id int PRIMARY KEY);
        COMMENT ON INDEX "My C"."T_pkey" IS 'elsewhere')";
    const auto check = [](const CommandResult& result, PgConnection target, int exit_code) {
        INFO(result.out << result.err);
        check_no_server_error(result);
        CHECK_THAT(result.out + result.err, !Catch::Contains("renamed tables"));
        CHECK(result.exit_code == exit_code);
        const auto comments = comments_in(std::move(target));
        CHECK(comments == "5");
    };
    const Databases databases(sql);
    check(databases.migrate({}), databases.target(), 0);
    CHECK(databases.target().value(
              "SELECT attacl::text FROM pg_attribute WHERE attrelid = '\"My T\"'::regclass AND "
              "attname = 'n'") == "{=r/migrate_left_behind}");
    const Databases back(sql);
    check(back.over_sqlite({}), back.target(), 0);
}

TEST_CASE("regress: what is skipped on the way back does not come back from the record",
          "[regress][postgresql][skip]") {
    if (!make_pg_database()) {
        return;
    }
    const Databases databases(R"(
        CREATE TABLE p (id int, n int, PRIMARY KEY (id, n));
        CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0),
                        FOREIGN KEY (id, n) REFERENCES p (id, n) ON DELETE SET NULL (n));
        CREATE INDEX ti ON t (n);
        COMMENT ON COLUMN t.n IS 'n')");
    const CommandResult result = databases.over_sqlite(
        {"--skip", "indexes", "--skip", "checks", "--skip", "comments", "--skip", "foreign-keys"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(databases.target().value("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'") == "2");
    CHECK(databases.target().value(
              "SELECT count(*) FROM pg_constraint WHERE contype IN ('c', 'f') AND conrelid = "
              "'t'::regclass") == "0");
    CHECK(databases.target().value("SELECT count(*) FROM pg_description WHERE objoid = 't'::regclass") ==
          "0");
}

}  // namespace migrate::test
