#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "model/array_cast.hpp"
#include "support/pg.hpp"

namespace migrate::test {

TEST_CASE("array casts: they stand at the elements", "[expression]") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"((v)::text = ANY ((ARRAY['a'::character varying, 'b, (c'::character varying])::text[]))",
         "((v)::text = ANY (ARRAY[('a'::character varying)::text, ('b, (c'::character varying)::text]))"},
        {"(n = ANY ((ARRAY[1, f(2, 3)])::numeric(10,2)[]))",
         "(n = ANY (ARRAY[(1)::numeric(10,2), (f(2, 3))::numeric(10,2)]))"},
        {"(ARRAY[ARRAY[1, 2], ARRAY[3, 4]])::bigint[]",
         "ARRAY[ARRAY[(1)::bigint, (2)::bigint], ARRAY[(3)::bigint, (4)::bigint]]"},
        {"(ARRAY['a'])::\"my type\"[] || (ARRAY[E'it\\'s'])::text[]",
         "ARRAY[('a')::\"my type\"] || ARRAY[(E'it\\'s')::text]"},
        {"(x = 'y (ARRAY[1])::text[]')", "(x = 'y (ARRAY[1])::text[]')"},
        {"(ARRAY[1, 2])[1]", "(ARRAY[1, 2])[1]"},
        {"(ARRAY[1, 2", "(ARRAY[1, 2"},
        {"(ARRAY['a'])::text", "(ARRAY['a'])::text"},
        {"", ""},
    };
    for (const auto& [printed, settled] : cases) {
        CHECK(model::settle_array_casts(printed) == settled);
        CHECK(model::settle_array_casts(settled) == settled);
    }
}

TEST_CASE("array casts: PostgreSQL prints what it has read back in the same way",
          "[expression][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const auto database = make_pg_database();
    auto server = database->connect();
    server.exec("CREATE TABLE t (v varchar, n bigint, d numeric(10,2))");
    const std::vector<std::string> conditions = {"v IN ('a', 'b, c', 'it''s')",
                                                 "v NOT IN ('a', '\\', '')",
                                                 "n IN (1, 2)",
                                                 "v = ANY ('{a,b}')",
                                                 "v = ANY (ARRAY['a', NULL])",
                                                 "d = ANY (ARRAY[1, 2]::int[])",
                                                 "d IN (1, 2.5)",
                                                 "v IN ('a', lower('B'))"};
    for (const std::string& condition : conditions) {
        CAPTURE(condition);
        const auto printed = [&](const std::string& written) {
            server.exec("ALTER TABLE t DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (" + written +
                        ")");
            return server.value(
                "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'c'");
        };
        const std::string first = printed(condition);
        const std::string second = printed(first);
        CHECK(model::settle_array_casts(first) == second);
    }
}

}  // namespace migrate::test
