#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <migrate/endpoint_adapter.hpp>
#include <migrate/error.hpp>
#include <migrate/migrator.hpp>
#include <migrate/soci.hpp>
#include <migrate/sqlite_adapter.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

/// Every setting that the server knows of the session.
std::string settings_of(soci::session& session) {
    std::string settings;
    session << "SELECT string_agg(name || '=' || setting, E'\\n' ORDER BY name) FROM pg_settings",
        soci::into(settings);
    return settings;
}

void fill(soci::session& session) {
    session << "SET search_path = public, pg_catalog";
    session << "SET TimeZone = 'Asia/Tokyo'";
    session << "CREATE TABLE note (id integer PRIMARY KEY, at timestamptz)";
    session << "INSERT INTO note VALUES (1, '2024-01-01 09:00+09'), (2, NULL)";
}

}  // namespace

TEST_CASE("borrowed: a PostgreSQL session is read and left as it was", "[session][soci][postgresql]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    const test::TemporaryDirectory directory;
    soci::session host(soci::postgresql, database->conninfo());
    fill(host);
    const std::string before = settings_of(host);

    const Endpoint endpoint = endpoint_from(host);
    CHECK(endpoint.location.find("dbname=" + database->name()) != std::string::npos);
    EndpointAdapter adapter(endpoint);
    SqliteAdapter target(directory.path("out.db"));
    CHECK(target.import_data(*adapter.export_data()).tables.at(0).committed == 2);
    CHECK(settings_of(host) == before);
    host << "INSERT INTO note VALUES (3, NULL)";

    {
        soci::transaction own(host);
        host << "DELETE FROM note";
        try {
            static_cast<void>(adapter.export_data());
            FAIL("rows that may be rolled back were read");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::refused);
        }
        own.rollback();
    }
    CHECK(settings_of(host) == before);
    int count = 0;
    host << "SELECT count(*) FROM note", soci::into(count);
    CHECK(count == 3);
}

TEST_CASE("borrowed: a whole migration runs over lent PostgreSQL sessions", "[session][soci][postgresql]") {
    const auto from = test::make_pg_database();
    const auto to = test::make_pg_database();
    if (from == nullptr || to == nullptr) {
        return;
    }
    soci::connection_pool pool(2);
    pool.at(0).open(soci::postgresql, from->conninfo());
    pool.at(1).open(soci::postgresql, from->conninfo());
    fill(pool.at(0));
    soci::session target(soci::postgresql, to->conninfo());
    const std::string before = settings_of(pool.at(0));
    const std::string target_before = settings_of(target);

    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const auto plan = migrator.plan_migration({endpoint_from(pool, 2)}, {endpoint_from(target)});
    const auto result = migrator.execute_migration(plan);
    CAPTURE(render_text(result));
    CHECK(result.exit_code() == 0);
    CHECK(settings_of(pool.at(0)) == before);
    CHECK(settings_of(target) == target_before);
    int count = 0;
    target << "SELECT count(*) FROM public.note", soci::into(count);
    CHECK(count == 2);
}

}  // namespace migrate
