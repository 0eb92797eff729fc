#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "session/postgresql_session.hpp"
#include "support/pg.hpp"
#include "util/session_limit.hpp"

using namespace migrate;

namespace {

Endpoint endpoint_of(const test::PgDatabase& database) {
    Endpoint endpoint;
    endpoint.engine = "postgresql";
    endpoint.location = database.conninfo();
    return endpoint;
}

session::PostgresqlOptions counted(const std::shared_ptr<util::SessionLimit>& limit) {
    session::PostgresqlOptions options;
    options.application_name = "counted";
    options.limit = limit;
    return options;
}

}  // namespace

TEST_CASE("postgresql session: where sessions are counted, one that is closed has ended at the server too",
          "[postgresql][session][sessions]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    const auto limit = std::make_shared<util::SessionLimit>(1);
    test::PgConnection other = database->connect();
    for (int i = 0; i < 50; ++i) {
        {
            const session::PostgresqlSession open(endpoint_of(*database), counted(limit));
            CHECK(limit->open() == 1);
        }
        // Of this database: the cluster may be another test's too.
        CHECK(other.value(
                  "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted' AND datname = "
                  "current_database()") == "0");
        CHECK(limit->open() == 0);
    }
}

TEST_CASE("postgresql session: one more than may be open is an error, and gives back what it took",
          "[postgresql][session][sessions]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    const auto limit = std::make_shared<util::SessionLimit>(1);
    const session::PostgresqlSession first(endpoint_of(*database), counted(limit));
    CHECK_THROWS_AS(session::PostgresqlSession(endpoint_of(*database), counted(limit)), Error);
    CHECK(limit->open() == 1);
    Endpoint nowhere = endpoint_of(*database);
    nowhere.location += " dbname=no_such_database";
    limit->set_most(2);
    CHECK_THROWS_AS(session::PostgresqlSession(nowhere, counted(limit)), Error);
    CHECK(limit->open() == 1);
}
