#include <memory>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <migrate/error.hpp>
#include <migrate/soci.hpp>

#include "backend/endpoint_identity.hpp"
#include "session/borrowed.hpp"
#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

using session::borrowed_capacity;
using session::SessionLease;

ErrorCode code_of(const Endpoint& endpoint) {
    try {
        const SessionLease lease(endpoint);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("borrowed: a host's session says where it is connected", "[session][soci]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("host's file.db");
    soci::session host(soci::sqlite3, "dbname=\"" + path + "\"");
    host << "CREATE TABLE t (a)";
    const Endpoint endpoint = endpoint_from(host);
    CHECK(endpoint.engine == "sqlite");
    CHECK(endpoint.location == path);
    CHECK(endpoint.display() == "sqlite:" + path + " (the application's session)");

    soci::session memory(soci::sqlite3, ":memory:");
    CHECK(endpoint_from(memory).location.empty());
    CHECK_FALSE(backend::same_place(endpoint, endpoint_from(memory)));
    CHECK(backend::same_place(endpoint, endpoint));
}

TEST_CASE("borrowed: a session that cannot be lent is refused", "[session][soci]") {
    soci::session closed;
    try {
        static_cast<void>(endpoint_from(closed));
        FAIL("a session without a connection was lent");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::usage);
        CHECK_FALSE(error.facts().next_step.empty());
    }
}

TEST_CASE("borrowed: a session serves one part at a time and stays open", "[session][soci]") {
    soci::session host(soci::sqlite3, ":memory:");
    const Endpoint endpoint = endpoint_from(host);
    CHECK(borrowed_capacity(endpoint) == 1);
    CHECK(borrowed_capacity(Endpoint()) == 0);
    {
        const SessionLease lease(endpoint);
        CHECK(&lease.session() == &host);
        CHECK(code_of(endpoint) == ErrorCode::locked);
        const Endpoint copy = endpoint;
        CHECK(code_of(copy) == ErrorCode::locked);
    }
    std::optional<SessionLease> again;
    CHECK_NOTHROW(again.emplace(endpoint));
    int one = 0;
    host << "SELECT 1", soci::into(one);
    CHECK(one == 1);
}

TEST_CASE("borrowed: an endpoint of another engine than its session is refused", "[session][soci]") {
    soci::session host(soci::sqlite3, ":memory:");
    Endpoint endpoint = endpoint_from(host);
    endpoint.engine = "postgresql";
    CHECK(code_of(endpoint) == ErrorCode::usage);
}

TEST_CASE("borrowed: a pool lends as many sessions as it was told", "[session][soci]") {
    soci::connection_pool pool(3);
    for (std::size_t i = 0; i < 3; ++i) {
        pool.at(i).open(soci::sqlite3, ":memory:");
    }
    const Endpoint endpoint = endpoint_from(pool, 2);
    CHECK(borrowed_capacity(endpoint) == 2);
    {
        const SessionLease first(endpoint);
        const SessionLease second(endpoint);
        CHECK(&first.session() != &second.session());
        CHECK(code_of(endpoint) == ErrorCode::locked);
        std::size_t position = 0;
        CHECK(pool.try_lease(position, 0));
        pool.give_back(position);
    }
    CHECK(code_of(endpoint) == ErrorCode::internal);
    CHECK_THROWS_AS(endpoint_from(pool, 0), Error);
}

}  // namespace migrate
