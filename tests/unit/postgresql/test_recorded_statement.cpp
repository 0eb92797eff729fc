#include <string>

#include <catch2/catch.hpp>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/recorded_statement.hpp"

/// Definitions out of a file that anybody can write, which a superuser's session may be given.
namespace migrate::test {
namespace {

namespace property = backends::postgresql::property;

SchemaObject said_of(const std::string& kind, const std::string& what, const std::string& sql) {
    SchemaObject object;
    object.kind = kind;
    object.name = {"public", "something of t"};
    object.table = what == "table" ? "t" : "";
    object.native_sql = sql;
    object.properties[property::k_about_kind] = what;
    object.properties[property::k_about] = "t";
    return object;
}

bool is_taken(const std::string& kind, const std::string& sql, const std::string& what = "table") {
    return backends::postgresql::is_statement_of_kind(said_of(kind, what, sql));
}

}  // namespace

TEST_CASE("recorded statements: what describes a thing as the catalog does is taken", "[postgresql]") {
    CHECK(is_taken("owner", "ALTER TABLE public.t OWNER TO somebody"));
    CHECK(is_taken("owner", "ALTER TABLE public.t OWNER TO \"Some Body\""));
    CHECK(is_taken("owner", "ALTER FUNCTION public.t(integer,text) OWNER TO somebody", "function"));
    CHECK(is_taken("owner", "ALTER MATERIALIZED VIEW public.t OWNER TO somebody", "materialized view"));
    CHECK(is_taken("privilege", "GRANT SELECT ON TABLE public.t TO PUBLIC"));
    CHECK(is_taken("privilege", "GRANT UPDATE (a) ON TABLE public.t TO somebody WITH GRANT OPTION"));
    CHECK(is_taken("privilege", "REVOKE EXECUTE ON FUNCTION public.t(integer) FROM PUBLIC", "function"));
    CHECK(is_taken("privilege", "GRANT USAGE ON SCHEMA t TO somebody", "schema"));
    CHECK(is_taken("comment", "COMMENT ON TABLE public.t IS 'x; -- ON y'"));
    CHECK(is_taken("comment", "COMMENT ON CONSTRAINT t_pkey ON public.t IS 'x'"));
    CHECK(is_taken("comment", "COMMENT ON COLUMN public.t.a IS 'x'", "view"));
    CHECK(is_taken("setting", "ALTER TABLE ONLY public.t ALTER COLUMN a SET STATISTICS 5"));
    CHECK(is_taken("setting", "ALTER TABLE public.t SET (fillfactor=70, autovacuum_enabled=false)"));
    CHECK(is_taken("setting", "ALTER TABLE ONLY public.t REPLICA IDENTITY FULL"));
    CHECK(is_taken("setting", "ALTER TABLE ONLY public.t DISABLE TRIGGER a"));
    CHECK(is_taken("setting", "ALTER TABLE public.t ENABLE REPLICA RULE a"));
    CHECK(is_taken("setting", "ALTER SEQUENCE public.s OWNED BY public.t.a"));
    CHECK(is_taken("comment", "COMMENT ON INDEX public.t IS 'x'"));
    CHECK(is_taken("setting", "ALTER INDEX public.t_a ALTER COLUMN 1 SET STATISTICS 5"));
    CHECK(is_taken("setting", "ALTER DOMAIN public.t ADD CONSTRAINT c CHECK ((VALUE > 0)) NOT VALID",
                   "domain"));
}

TEST_CASE("recorded statements: what says anything else, or of anything else, is not taken", "[postgresql]") {
    for (const char* sql : {"ALTER ROLE mallory SUPERUSER -- OWNER TO ", "ALTER ROLE t OWNER TO mallory",
                            "ALTER TABLE public.keep OWNER TO mallory", "ALTER DATABASE t OWNER TO mallory",
                            "ALTER TABLE public.t ADD COLUMN a text DEFAULT 'x' /* OWNER TO x */",
                            "ALTER TABLE public.t OWNER TO a, DROP COLUMN b",
                            "ALTER TABLE public.t OWNER TO a; ALTER ROLE mallory SUPERUSER",
                            "ALTER TABLE public.t RENAME TO \"x OWNER TO y\""}) {
        CAPTURE(sql);
        CHECK_FALSE(is_taken("owner", sql));
    }
    for (const char* sql :
         {"GRANT pg_execute_server_program TO mallory -- ON t", "GRANT pg_read_all_data TO \"a ON t\"",
          "GRANT SELECT ON TABLE public.keep TO PUBLIC", "GRANT postgres TO mallory /* ON TABLE public.t */",
          "GRANT ALL ON DATABASE t TO mallory", "GRANT SET ON PARAMETER t TO mallory"}) {
        CAPTURE(sql);
        CHECK_FALSE(is_taken("privilege", sql));
    }
    for (const char* sql :
         {"ALTER TABLE public.keep DROP COLUMN secret", "ALTER TABLE public.t DROP COLUMN secret",
          "ALTER TABLE public.t ADD COLUMN x text DEFAULT pg_read_file('/etc/hostname')",
          "ALTER TABLE public.keep SET (fillfactor=10)", "ALTER TABLE public.t RENAME TO x",
          "ALTER TABLE public.t SET SCHEMA x", "ALTER TABLE public.t ALTER COLUMN a TYPE text",
          "ALTER TABLE public.t REPLICA IDENTITY FULL, DROP COLUMN a", "ALTER SYSTEM SET a = 1",
          "ALTER SEQUENCE public.t OWNED BY public.keep.a", "ALTER TABLE public.t OWNER TO x",
          "ALTER TABLE public.t INHERIT public.x"}) {
        CAPTURE(sql);
        CHECK_FALSE(is_taken("setting", sql));
    }
    CHECK_FALSE(is_taken("comment", "COMMENT ON ROLE t IS 'x'"));
    CHECK_FALSE(is_taken("comment", "COMMENT ON TABLE public.keep IS 'x'"));
    CHECK_FALSE(is_taken("comment", "COMMENT ON TABLE public.t IS 'x'; DROP TABLE public.t"));
    // One that calls itself a view and a description at once is neither.
    CHECK_FALSE(is_taken("view", "ALTER TABLE public.t SET (fillfactor=70)"));
}

}  // namespace migrate::test
