#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/rollback_fixture.hpp"

/// A rollback that is right must also find that it is: what a migration itself had made before its cutover,
/// or used up in what it tried first, is not what was there before.
namespace migrate::test {
namespace {

/// One PostgreSQL target and whoever migrates into it.
class Target {
  public:
    explicit Target(const std::string& user = {}) {
        m_endpoint = "pg:" + m_database.conninfo() + (user.empty() ? "" : " user=" + user);
    }

    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments) const {
        CommandOptions options;
        options.environment["XDG_STATE_HOME"] = m_directory.path("state");
        return run_cli(arguments, options);
    }
    void migrate(const std::string& source) const {
        const CommandResult result =
            run({"migrate", "--execute", "--source-backup", "never", "--from", source, "--to", m_endpoint});
        INFO(result.out << result.err);
        REQUIRE((result.exit_code == 0 || result.exit_code == 5));
    }
    [[nodiscard]] std::string id() const {
        const std::string key = "\"id\": \"";
        const std::string history = run({"history", "--json"}).out;
        const std::size_t at = history.find(key);
        REQUIRE(at != std::string::npos);
        return history.substr(at + key.size(), 12);
    }
    [[nodiscard]] CommandResult roll_back(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"rollback", id(), "--to", m_endpoint, "--execute"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
    [[nodiscard]] PgConnection connect() const { return m_database.connect(); }

    /// Schemas, relations, constraints, types and functions but for the tool's own record.
    [[nodiscard]] std::string names() const {
        return connect().value(
            "WITH n AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ "
            "'^(pg_|information_schema|_migrate)'), found AS (SELECT 'schema ' || nspname AS what FROM n "
            "UNION "
            "ALL SELECT 'relation ' || nspname || '.' || relname FROM pg_class JOIN n ON n.oid = "
            "relnamespace "
            "WHERE relname !~ '^_migrate' UNION ALL SELECT 'constraint ' || conname FROM pg_constraint JOIN "
            "n "
            "ON n.oid = connamespace WHERE conname !~ '^_migrate' UNION ALL SELECT 'type ' || nspname || '.' "
            "|| typname FROM pg_type JOIN n ON n.oid = typnamespace WHERE typname !~ '^_+migrate' UNION ALL "
            "SELECT 'function ' || nspname || '.' || proname FROM pg_proc JOIN n ON n.oid = pronamespace) "
            "SELECT string_agg(what, ', ' ORDER BY what) FROM found");
    }

  private:
    TemporaryDirectory m_directory;
    PgDatabase m_database;
    std::string m_endpoint;
};

void check_undone(const Target& target, const std::string& before) {
    const CommandResult back = target.roll_back();
    INFO(back.out << back.err);
    CHECK(back.exit_code == 0);
    CHECK(target.names() == before);
}

/// Tables of the source's names; a row that comes in is written down by a trigger, under a number of a
/// sequence that the table owns and one that only the function knows of.
constexpr const char* k_audited =
    "CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, born int);"
    "CREATE TABLE book (id bigint PRIMARY KEY, author bigint NOT NULL REFERENCES author (id), title text);"
    "CREATE TABLE event (id bigint PRIMARY KEY, what text);"
    "CREATE SCHEMA audits; CREATE SEQUENCE audits.counter; CREATE SEQUENCE public.visits START 7;"
    "CREATE TABLE audit (id bigserial PRIMARY KEY, name text, number bigint);"
    "CREATE TABLE audits.entry (id bigserial PRIMARY KEY, name text);"
    "INSERT INTO audit (name) VALUES ('before'); SELECT nextval('audits.counter'), nextval('audits.counter');"
    "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.audit (name, number)"
    " VALUES (NEW.name, nextval(''audits.counter'')); INSERT INTO audits.entry (name) VALUES (NEW.name || "
    "nextval(''public.visits'')); RETURN NEW; END';"
    "CREATE TRIGGER author_seen AFTER INSERT ON author FOR EACH ROW EXECUTE FUNCTION see();";

}  // namespace

TEST_CASE("rollback proofs: staged among what is there, by a role that may create no schema",
          "[fault][rollback][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    PgConnection(*pg_test_conninfo())
        .exec(
            "DO $$ BEGIN CREATE ROLE migrate_rollback_plain LOGIN; EXCEPTION WHEN duplicate_object THEN "
            "NULL; "
            "WHEN unique_violation THEN NULL; END $$");
    const TemporaryDirectory directory;
    const Target target("migrate_rollback_plain");
    target.connect().exec("GRANT ALL ON SCHEMA public TO migrate_rollback_plain");
    const std::string before = target.names();
    target.migrate(make_rollback_source(directory));
    REQUIRE(target.connect().value("SELECT to_regnamespace('_migrate') IS NULL") == "t");
    REQUIRE(target.connect().value("SELECT count(*) FROM author") == "40");
    check_undone(target, before);
}

TEST_CASE("rollback proofs: range types, which are made in their place", "[fault][rollback][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const PgDatabase source;
    source.connect().exec(
        "CREATE TYPE span AS RANGE (subtype = float8); CREATE SCHEMA shapes; CREATE TYPE shapes.wide AS "
        "RANGE "
        "(subtype = numeric); CREATE TABLE measured (id int PRIMARY KEY, at span, wide shapes.wide); INSERT "
        "INTO measured VALUES (1, '[1,2)', '[3,4]')");
    const Target target;
    const std::string before = target.names();
    target.migrate("pg:" + source.conninfo());
    REQUIRE(target.connect().value("SELECT at::text FROM measured") == "[1,2)");
    SECTION("whole") {
        check_undone(target, before);
    }
    SECTION("staged again first") {
        const CommandResult back = target.roll_back({"--to-checkpoint", "8"});
        INFO(back.out << back.err);
        REQUIRE(back.exit_code == 0);
        const CommandResult on = target.run({"resume", target.id()});
        INFO(on.out << on.err);
        REQUIRE((on.exit_code == 0 || on.exit_code == 5));
        check_undone(target, before);
    }
}

TEST_CASE("rollback proofs: sequences that the target's own code takes numbers of",
          "[fault][rollback][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string source = make_rollback_source(directory);
    const RollbackMode mode{
        "audited", "postgresql", k_audited, {"--on-existing", "load", "--on-conflict", "stop"}, ""};
    const RollbackTrial trial(source, mode);
    const Contents before = trial.contents();
    REQUIRE_FALSE(trial.migrate(""));
    const std::vector<std::string> rollback{"rollback", trial.id(), "--to", trial.endpoint(), "--execute"};
    SECTION("at once") {}
    SECTION("killed before its commit, which leaves sequences where they were") {
        const Contents after = trial.contents();
        REQUIRE(trial.run(rollback, "rollback-commit").signal != 0);
        CHECK(difference_of(after, trial.contents()) == "");
    }
    const CommandResult back = trial.run(rollback);
    INFO(back.out << back.err);
    CHECK(back.exit_code == 0);
    CHECK(difference_of(before, trial.contents()) == "");
}

TEST_CASE("rollback proofs: what others have made since is not staged with a table",
          "[fault][rollback][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::string made =
        GENERATE(as<std::string>(), "CREATE VIEW theirs AS SELECT name FROM author",
                 "CREATE TABLE theirs (id bigint REFERENCES author (id))",
                 "CREATE INDEX theirs ON author (born)", "CREATE STATISTICS theirs ON id, born FROM author",
                 "CREATE RULE theirs AS ON DELETE TO author DO INSTEAD NOTHING",
                 "ALTER TABLE author ENABLE ROW LEVEL SECURITY");
    CAPTURE(made);
    const TemporaryDirectory directory;
    const std::string source = make_rollback_source(directory);
    const RollbackMode mode{"replaced",
                            "postgresql",
                            "CREATE TABLE author (id bigint PRIMARY KEY, name text, born int); CREATE VIEW "
                            "authors AS SELECT id, name FROM author",
                            {"--on-existing", "replace"},
                            ""};
    const RollbackTrial trial(source, mode);
    REQUIRE_FALSE(trial.migrate(""));
    trial.execute(made);
    const Contents after = trial.contents();
    const CommandResult back =
        trial.run({"rollback", trial.id(), "--to", trial.endpoint(), "--to-checkpoint", "8", "--execute"});
    INFO(back.out << back.err);
    CHECK(back.exit_code == 3);
    CHECK_THAT(back.err, Catch::Contains("by others since"));
    CHECK(difference_of(after, trial.contents()) == "");
}

}  // namespace migrate::test
