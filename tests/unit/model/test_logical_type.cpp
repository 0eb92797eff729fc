#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/logical_type.hpp>

using namespace migrate;

namespace {

std::string reread(std::string_view text) {
    const auto type = parse_logical_type(text);
    return type ? to_string(*type) : "none";
}

}  // namespace

TEST_CASE("logical type: every kind's name comes back", "[type]") {
    for (int i = 0; i <= static_cast<int>(TypeKind::opaque); ++i) {
        const auto kind = static_cast<TypeKind>(i);
        CAPTURE(to_string(kind));
        CHECK(parse_type_kind(to_string(kind)) == kind);
        const auto type = parse_logical_type(to_string(kind));
        REQUIRE(type);
        CHECK(*type == LogicalType(kind));
    }
    CHECK_FALSE(parse_type_kind("nothing"));
}

TEST_CASE("logical type: what is written is read as the same type", "[type]") {
    std::vector<LogicalType> types = {LogicalType::decimal(12, 2), LogicalType::decimal(3, -2),
                                      LogicalType::decimal(3, 5), LogicalType::text(40)};
    LogicalType fixed = LogicalType::text(3);
    fixed.fixed_length = true;
    types.push_back(fixed);
    LogicalType bits(TypeKind::bit_string);
    bits.limit = 8;
    types.push_back(bits);
    LogicalType trimmed(TypeKind::decimal);
    trimmed.trimmed = true;
    types.push_back(trimmed);
    bits.fixed_length = true;
    types.push_back(bits);
    LogicalType time(TypeKind::timestamp_tz);
    time.precision = 3;
    types.push_back(time);
    LogicalType array(TypeKind::array);
    array.element = std::make_shared<const LogicalType>(LogicalType::decimal(12, 2));
    types.push_back(array);
    for (const char* const name : {"mood", "public.mood", "My \"Mood\", (old)", "a b"}) {
        LogicalType mood(TypeKind::enumeration);
        mood.native_name = name;
        types.push_back(mood);
        LogicalType range(TypeKind::range);
        range.native_name = name;
        range.element = std::make_shared<const LogicalType>(TypeKind::timestamp_tz);
        types.push_back(range);
        LogicalType opaque(TypeKind::opaque);
        opaque.native_name = name;
        types.push_back(opaque);
    }
    for (const LogicalType& type : types) {
        CAPTURE(to_string(type));
        const auto back = parse_logical_type(to_string(type));
        REQUIRE(back);
        CHECK(*back == type);
    }
}

TEST_CASE("logical type: SQL's usual spellings are read", "[type]") {
    CHECK(reread("BIGINT") == "int64");
    CHECK(reread("numeric ( 12 , 2 )") == "decimal(12,2)");
    CHECK(reread("numeric(12)") == "decimal(12,0)");
    CHECK(reread("character varying(255)") == "text(255)");
    CHECK(reread("char(3)") == "char(3)");
    CHECK(reread("char") == "char(1)");
    CHECK(reread("double  precision") == "float64");
    CHECK(reread("timestamp(3) with time zone") == "timestamp_tz(3)");
    CHECK(reread("timestamptz") == "timestamp_tz");
    CHECK(reread("time without time zone") == "time");
    CHECK(reread("integer[]") == "array(int32)");
    CHECK(reread("numeric(12,2)[]") == "array(decimal(12,2))");
    CHECK(reread("bit varying(5)") == "bit_string(5)");
    CHECK(reread("range(int32)") == "range(int32)");
    for (const char* const text :
         {"", "nothing", "int64(3)", "decimal(x)", "decimal(0,0)", "text(-1)", "text(", "timestamp(7)",
          "array(nothing)", "decimal(1,2,3)", "opaque(\"x)"}) {
        CAPTURE(text);
        CHECK(reread(text) == "none");
    }
}
