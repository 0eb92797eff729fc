#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/type_name.hpp"

using migrate::backends::sqlite::Affinity;
using migrate::backends::sqlite::affinity_of;
using migrate::backends::sqlite::read_type_name;

TEST_CASE("sqlite types: the affinity follows SQLite's rules in their order", "[sqlite][types]") {
    const std::vector<std::pair<std::string_view, Affinity>> table = {
        {"INTEGER", Affinity::integer},
        {"intege", Affinity::integer},
        {"FLOATING POINT", Affinity::integer},
        {"CHARINT", Affinity::integer},
        {"VARCHAR(255)", Affinity::text},
        {"native character(70)", Affinity::text},
        {"CLOB", Affinity::text},
        {"BLOB SUB_TYPE TEXT", Affinity::text},
        {"BLOB", Affinity::blob},
        {"", Affinity::blob},
        {"REAL", Affinity::real},
        {"DOUBLE PRECISION", Affinity::real},
        {"float8", Affinity::real},
        {"DECIMAL(10,5)", Affinity::numeric},
        {"BOOLEAN", Affinity::numeric},
        {"DATETIME", Affinity::numeric},
        {"STRING", Affinity::numeric},
        {"ANY", Affinity::numeric},
        {"INTERGER", Affinity::integer},
        {"NUMBER(9,0)", Affinity::numeric},
        {"BLOBREAL", Affinity::blob},
    };
    for (const auto& [declared, affinity] : table) {
        CAPTURE(declared);
        CHECK(affinity_of(declared) == affinity);
    }
    CHECK(affinity_of("ANY", true) == Affinity::blob);
}

TEST_CASE("sqlite types: name and arguments are taken apart", "[sqlite][types]") {
    const auto varchar = read_type_name("VARCHAR ( 255 )");
    CHECK(varchar.name == "VARCHAR");
    CHECK(varchar.first_argument == 255);
    CHECK_FALSE(varchar.second_argument);
    const auto decimal = read_type_name("decimal( +10 , -2 )");
    CHECK(decimal.name == "DECIMAL");
    CHECK(decimal.first_argument == 10);
    CHECK(decimal.second_argument == -2);
    CHECK(read_type_name("unsigned\t big  int").name == "UNSIGNED BIG INT");
    CHECK(read_type_name("CHARACTER (20) VARYING").name == "CHARACTER VARYING");
    CHECK_FALSE(read_type_name("numeric(1e9)").first_argument);
    CHECK_FALSE(read_type_name("odd(").first_argument);
    CHECK_FALSE(read_type_name("varchar(99999999999999999999)").first_argument);
}
