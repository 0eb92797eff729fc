#include <string>

#include <catch2/catch.hpp>

#include "mapping/conversion.hpp"
#include "model/value_text.hpp"

namespace {

using namespace migrate;
using mapping::Transform;

/// One value, as text in the first type, said in the second; "REJECTED" where it cannot be.
std::string said_as(const LogicalType& from, const LogicalType& to, const std::string& text) {
    RowBatch batch;
    batch.reset({from.kind});
    REQUIRE(model::append_from_text(batch.columns[0], from, text));
    Transform({from}, {to}, {"c"}).apply(batch);
    if (batch.row_count() == 0) {
        REQUIRE(batch.rejects.size() == 1);
        return "REJECTED";
    }
    std::string out;
    model::append_text(batch.columns[0], 0, to, out);
    return out;
}

}  // namespace

TEST_CASE("conversion: integers become every number that holds them exactly, and nothing else", "[mapping]") {
    CHECK(said_as(TypeKind::int64, TypeKind::boolean, "1") == "true");
    CHECK(said_as(TypeKind::int64, TypeKind::boolean, "2") == "REJECTED");
    CHECK(said_as(TypeKind::int64, TypeKind::int16, "32767") == "32767");
    CHECK(said_as(TypeKind::int64, TypeKind::int16, "32768") == "REJECTED");
    CHECK(said_as(TypeKind::int64, TypeKind::int32, "-2147483649") == "REJECTED");
    CHECK(said_as(TypeKind::int64, TypeKind::float64, "9007199254740992") == "9007199254740992");
    CHECK(said_as(TypeKind::int64, TypeKind::float64, "9007199254740993") == "REJECTED");
    CHECK(said_as(TypeKind::int64, LogicalType::decimal(12, 2), "12") == "12.00");
    CHECK(said_as(TypeKind::boolean, TypeKind::int64, "true") == "1");
    CHECK(said_as(TypeKind::boolean, TypeKind::text, "true") == "true");
}

TEST_CASE("conversion: a float or decimal becomes an integer only when it is one", "[mapping]") {
    CHECK(said_as(TypeKind::float64, TypeKind::int64, "42") == "42");
    CHECK(said_as(TypeKind::float64, TypeKind::int64, "42.5") == "REJECTED");
    CHECK(said_as(TypeKind::float64, TypeKind::int64, "-0") == "REJECTED");
    CHECK(said_as(TypeKind::float64, TypeKind::int64, "NaN") == "REJECTED");
    CHECK(said_as(TypeKind::decimal, TypeKind::int64, "10.00") == "10");
    CHECK(said_as(TypeKind::decimal, TypeKind::int64, "10.01") == "REJECTED");
    CHECK(said_as(TypeKind::float64, TypeKind::float32, "0.5") == "0.5");
    CHECK(said_as(TypeKind::float64, TypeKind::float32, "0.1") == "REJECTED");
}

TEST_CASE("conversion: a float takes the number that it is printed as, and none that only rounds to it",
          "[mapping]") {
    for (const LogicalType& from : {LogicalType(TypeKind::decimal), LogicalType(TypeKind::text)}) {
        INFO(to_string(from));
        CHECK(said_as(from, TypeKind::float64, "1.00000000000000000001") == "REJECTED");
        CHECK(said_as(from, TypeKind::float64, "9007199254740993") == "REJECTED");
        CHECK(said_as(from, TypeKind::float64, "12345678901234567890123") == "REJECTED");
        CHECK(said_as(from, TypeKind::float64, "0.1000000000000000055") == "REJECTED");
        CHECK(said_as(from, TypeKind::float64, "0.10") == "0.1");
        CHECK(said_as(from, TypeKind::float64, "-12.50") == "-12.5");
        CHECK(said_as(from, TypeKind::float64, "0.00") == "0");
        CHECK(said_as(from, TypeKind::float64, "9007199254740992") == "9007199254740992");
        CHECK(said_as(from, TypeKind::float64, "100000000000000000000000") == "1e+23");
        CHECK(said_as(from, TypeKind::float64, "NaN") == "NaN");
        CHECK(said_as(from, TypeKind::float32, "0.1") == "0.1");
        CHECK(said_as(from, TypeKind::float32, "16777217") == "REJECTED");
    }
    CHECK(said_as(TypeKind::text, TypeKind::float64, "-0") == "-0");
    CHECK(said_as(TypeKind::int64, TypeKind::float32, "16777217") == "REJECTED");
    CHECK(said_as(TypeKind::int64, TypeKind::float32, "16777216") == "16777216");
}

TEST_CASE("conversion: text becomes a decimal only where the decimal says it again", "[mapping]") {
    for (const char* const text : {"007", "1.", ".5", "-0", "-0.00", "+1", " 1", "-007"}) {
        INFO(text);
        CHECK(said_as(TypeKind::text, TypeKind::decimal, text) == "REJECTED");
    }
    CHECK(said_as(TypeKind::text, TypeKind::decimal, "10.10") == "10.10");
    CHECK(said_as(TypeKind::text, TypeKind::decimal, "-0.5") == "-0.5");
    CHECK(said_as(TypeKind::text, LogicalType::decimal(12, 2), "1.5") == "1.50");
    CHECK(said_as(TypeKind::text, TypeKind::decimal, "NaN") == "NaN");
    CHECK(said_as(TypeKind::float64, TypeKind::decimal, "1e+20") == "100000000000000000000");
}

TEST_CASE("conversion: what becomes a trimmed decimal is the same number without zeros at its end",
          "[mapping][decimal]") {
    LogicalType trimmed(TypeKind::decimal);
    trimmed.trimmed = true;
    for (const LogicalType& from : {LogicalType(TypeKind::decimal), LogicalType(TypeKind::text), trimmed}) {
        INFO(to_string(from));
        CHECK(said_as(from, trimmed, "5.00") == "5");
        CHECK(said_as(from, trimmed, "-10.10") == "-10.1");
        CHECK(said_as(from, trimmed, "100") == "100");
        CHECK(said_as(from, trimmed, "NaN") == "NaN");
    }
    CHECK(said_as(LogicalType::decimal(5, 2), trimmed, "2.50") == "2.5");
    CHECK(said_as(TypeKind::int64, trimmed, "100") == "100");
    CHECK(said_as(TypeKind::float64, trimmed, "2.5") == "2.5");
    CHECK(said_as(trimmed, LogicalType::decimal(5, 2), "2.5") == "2.50");
}

TEST_CASE("conversion: JSON whose objects have two members of one name is no jsonb", "[mapping]") {
    CHECK(said_as(TypeKind::text, TypeKind::jsonb, R"({"b":1,"a":1.0})") == R"({"a": 1.0, "b": 1})");
    for (const TypeKind from : {TypeKind::text, TypeKind::json}) {
        CHECK(said_as(from, TypeKind::jsonb, R"({"b":1,"a":1.0,"b":2})") == "REJECTED");
        CHECK(said_as(from, TypeKind::jsonb, R"([{"x":{"a":1,"\u0061":1}}])") == "REJECTED");
    }
    RowBatch batch;
    batch.reset({TypeKind::text});
    batch.columns[0].append_bytes(R"({"b":1,"b":2})");
    Transform({TypeKind::text}, {TypeKind::jsonb}, {"c"}).apply(batch);
    REQUIRE(batch.rejects.size() == 1);
    CHECK(batch.rejects[0].reason.find("two members of one name") != std::string::npos);
}

TEST_CASE("conversion: text is read strictly as what it is to become", "[mapping]") {
    CHECK(said_as(TypeKind::text, TypeKind::int64, "42") == "42");
    CHECK(said_as(TypeKind::text, TypeKind::int64, "042") == "REJECTED");
    CHECK(said_as(TypeKind::text, TypeKind::uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11") ==
          "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    CHECK(said_as(TypeKind::text, TypeKind::date, "2024-02-30") == "REJECTED");
    CHECK(said_as(TypeKind::text, TypeKind::bytes, "ab") == "YWI=");
}

TEST_CASE("conversion: only the rows that do not fit are taken out, NULLs stay", "[mapping]") {
    RowBatch batch;
    batch.reset({TypeKind::int64, TypeKind::text});
    for (const std::int64_t value : {1, 7, 0}) {
        batch.columns[0].append_fixed(value);
        batch.columns[1].append_bytes("row " + std::to_string(value));
    }
    batch.columns[0].append_null();
    batch.columns[1].append_null();
    batch.first_ordinal = 100;
    Transform({TypeKind::int64, TypeKind::text}, {TypeKind::boolean, TypeKind::text}, {"flag", "word"})
        .apply(batch);
    REQUIRE(batch.row_count() == 3);
    CHECK(batch.columns[1].bytes(1) == "row 0");
    CHECK(batch.columns[0].is_null(2));
    REQUIRE(batch.rejects.size() == 1);
    CHECK(batch.rejects[0].ordinal == 101);
    CHECK(batch.rejects[0].column == "flag");
    CHECK(batch.rejects[0].reason.find("7") == std::string::npos);
}

TEST_CASE("conversion: the comparison type holds what both sides hold", "[mapping]") {
    const auto kind = [](TypeKind a, TypeKind b) { return mapping::comparison_type(a, b)->kind; };
    CHECK(kind(TypeKind::int64, TypeKind::boolean) == TypeKind::int64);
    CHECK(kind(TypeKind::int64, TypeKind::decimal) == TypeKind::decimal);
    CHECK(kind(TypeKind::decimal, TypeKind::float64) == TypeKind::float64);
    CHECK(kind(TypeKind::decimal, TypeKind::float32) == TypeKind::float32);
    CHECK(kind(TypeKind::int64, TypeKind::float32) == TypeKind::float64);
    CHECK(kind(TypeKind::text, TypeKind::timestamp) == TypeKind::timestamp);
    CHECK(kind(TypeKind::variant, TypeKind::text) == TypeKind::text);
    CHECK_FALSE(mapping::comparison_type(TypeKind::date, TypeKind::interval).has_value());
}
