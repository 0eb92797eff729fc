#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "model/expression_parser.hpp"

/// What the fuzzers (tests/fuzz) brought to light, made small.
using namespace migrate;

TEST_CASE("regress: a dollar-quoted text with a NUL is refused as any other text with one",
          "[regress][fuzz]") {
    using namespace std::string_literals;
    CHECK_FALSE(model::parse_expression("$$a\0b$$"s, Dialect::postgresql));
    CHECK(model::parse_expression("$$ab$$"s, Dialect::postgresql));
}

TEST_CASE("regress: a host in a URI with colons outside brackets is refused", "[regress][fuzz]") {
    CHECK_THROWS_AS(backend::parse_server_uri("//a:b:5432/db"), Error);
    CHECK_THROWS_AS(backend::parse_server_uri("//::1/db"), Error);
    CHECK(backend::parse_server_uri("//[::1]:5432/db").at("host") == "::1");
}

TEST_CASE("regress: a host with colons and other odd characters is shown so that it reads back",
          "[regress][fuzz]") {
    for (const std::string host : {"fe80::1%eth0", "a:b]c", "a:b,c@d/e", "x]y"}) {
        const backend::Settings settings{{"host", host}};
        const std::string shown = backend::render_server_uri(settings, {});
        INFO(shown);
        if (host.find(',') == std::string::npos) {
            CHECK(backend::parse_server_uri(shown.substr(shown.find(':') + 1)) == settings);
        }
    }
}
