#include <algorithm>

#include <catch2/catch.hpp>

#include "migrator/session_fit.hpp"

using namespace migrate;

namespace {

constexpr ServerSides k_from{true, false, false};
constexpr ServerSides k_to{false, true, false};
constexpr ServerSides k_two_servers{true, true, false};
constexpr ServerSides k_one_server{true, true, true};

/// The most sessions that one server has to bear at any time of a run.
unsigned sessions(const Workers& workers, const ServerSides& sides, SessionUse use) {
    const unsigned source = sides.from ? sessions_of_source(workers) : 0;
    const unsigned target = sides.to ? sessions_of_target(workers, use) : 0;
    return sides.one_server ? source + target : std::max(source, target);
}

}  // namespace

TEST_CASE("session fit: the least that is needed", "[sessions]") {
    CHECK(least_sessions({}, SessionUse::run) == 0);
    CHECK(least_sessions(k_from, SessionUse::run) == 2);
    CHECK(least_sessions(k_to, SessionUse::run) == 3);
    CHECK(least_sessions(k_two_servers, SessionUse::run) == 3);
    CHECK(least_sessions(k_one_server, SessionUse::run) == 5);
    CHECK(least_sessions(k_from, SessionUse::comparison) == 2);
    CHECK(least_sessions(k_one_server, SessionUse::comparison) == 4);
}

TEST_CASE("session fit: with the least, one works at each", "[sessions]") {
    CHECK(fit_to_sessions(3, {8, 8, 8}, k_two_servers, SessionUse::run) == Workers{2, 2, 1});
    CHECK(fit_to_sessions(5, {8, 8, 8}, k_one_server, SessionUse::run) == Workers{1, 2, 1});
    CHECK(fit_to_sessions(4, {8, 8, 8}, k_one_server, SessionUse::comparison).readers == 1);
    CHECK(fit_to_sessions(4, {8, 8, 8}, k_one_server, SessionUse::comparison).read_back == 1);
}

TEST_CASE("session fit: a side that opens no sessions is not fitted", "[sessions]") {
    const Workers from = fit_to_sessions(2, {8, 8, 8}, k_from, SessionUse::run);
    CHECK(from == Workers{1, 8, 8});
    const Workers to = fit_to_sessions(3, {8, 8, 8}, k_to, SessionUse::run);
    CHECK(to == Workers{8, 2, 1});
}

TEST_CASE("session fit: never more than allowed, none without work, none more than wanted", "[sessions]") {
    for (const ServerSides& sides : {k_from, k_to, k_two_servers, k_one_server}) {
        for (const SessionUse use : {SessionUse::run, SessionUse::comparison}) {
            for (unsigned most = least_sessions(sides, use); most < 40; ++most) {
                for (unsigned wanted = 1; wanted < 20; ++wanted) {
                    const Workers workers = fit_to_sessions(most, {wanted, wanted, wanted}, sides, use);
                    CHECK(sessions(workers, sides, use) <= most);
                    CHECK(workers.readers >= 1);
                    CHECK(workers.writers >= 1);
                    CHECK(workers.read_back >= 1);
                    CHECK(workers.readers <= wanted);
                    CHECK(workers.writers <= wanted);
                    CHECK(workers.read_back <= wanted);
                }
            }
        }
    }
}

TEST_CASE("session fit: what is allowed is used", "[sessions]") {
    CHECK(fit_to_sessions(9, {4, 4, 4}, k_two_servers, SessionUse::run) == Workers{4, 4, 4});
    const Workers shared = fit_to_sessions(8, {8, 8, 8}, k_one_server, SessionUse::run);
    CHECK(sessions(shared, k_one_server, SessionUse::run) == 8);
    CHECK(fit_to_sessions(100, {8, 8, 8}, k_one_server, SessionUse::run) == Workers{8, 8, 8});
}
