#include <catch2/catch.hpp>

#include "support/pg.hpp"

namespace migrate::test {

std::unique_ptr<PgDatabase> make_pg_database(const std::string& options) {
    if (!pg_test_conninfo()) {
        WARN("skipped: MIGRATE_TEST_PG does not name a PostgreSQL cluster");
        return nullptr;
    }
    return std::make_unique<PgDatabase>(options);
}

}  // namespace migrate::test
