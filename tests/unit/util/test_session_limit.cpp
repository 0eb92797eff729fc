#include <memory>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "util/session_limit.hpp"

using migrate::Error;
using migrate::ErrorCode;
using migrate::util::SessionLimit;

TEST_CASE("session limit: no more are open than that, and nobody waits", "[sessions]") {
    const auto limit = std::make_shared<SessionLimit>(2);
    SessionLimit::Lease first(limit);
    {
        const SessionLimit::Lease second(limit);
        CHECK(limit->open() == 2);
        try {
            const SessionLimit::Lease third(limit);
            FAIL("a third session was opened");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::resource);
            CHECK_FALSE(error.facts().next_step.empty());
        }
        CHECK(limit->open() == 2);
    }
    CHECK(limit->open() == 1);
    const SessionLimit::Lease again(limit);
    limit->set_most(3);
    const SessionLimit::Lease one_more(limit);
    CHECK(limit->open() == 3);
}

TEST_CASE("session limit: none limits nothing", "[sessions]") {
    const SessionLimit::Lease first(nullptr);
    const SessionLimit::Lease second(nullptr);
    SUCCEED();
}
