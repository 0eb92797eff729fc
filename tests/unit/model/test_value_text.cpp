#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/random.hpp"

using namespace migrate;

namespace {

/// The value read from a text and written again, or "refused".
std::string again(const LogicalType& type, std::string_view text) {
    ColumnVector column(type.kind);
    if (!model::append_from_text(column, type, text)) {
        CHECK(column.size() == 0);
        return "refused";
    }
    std::string out;
    model::append_text(column, 0, type, out);
    return out;
}

}  // namespace

TEST_CASE("value text: each kind's spelling is read and written", "[value]") {
    const std::vector<std::pair<LogicalType, std::string>> rows = {
        {TypeKind::boolean, "true"},
        {TypeKind::int16, "-32768"},
        {TypeKind::int32, "2147483647"},
        {TypeKind::int64, "-9223372036854775808"},
        {TypeKind::float32, "0.1"},
        {TypeKind::float64, "-Infinity"},
        {TypeKind::decimal, "10.10"},
        {LogicalType::decimal(12, 2), "10.10"},
        {TypeKind::text, "a\tb"},
        {TypeKind::bytes, "AP8="},
        {TypeKind::date, "0044-03-15 BC"},
        {TypeKind::time, "24:00:00.000000"},
        {TypeKind::time_tz, "12:34:56.000001+05:30"},
        {TypeKind::timestamp, "2024-02-29T12:34:56.000001"},
        {TypeKind::timestamp_tz, "infinity"},
        {TypeKind::interval, "P1Y2M-3DT4H5M6.000007S"},
        {TypeKind::uuid, "00112233-4455-6677-8899-aabbccddeeff"},
        {TypeKind::json, "{ \"a\" : 1 }"},
        {TypeKind::inet, "192.168.0.1/24"},
        {TypeKind::opaque, "'a' & 'b'"},
    };
    for (const auto& [type, text] : rows) {
        CAPTURE(to_string(type), text);
        CHECK(again(type, text) == text);
    }
}

TEST_CASE("value text: what a type cannot hold is refused", "[value]") {
    LogicalType mood(TypeKind::enumeration);
    mood.labels = {"sad", "ok"};
    const std::vector<std::pair<LogicalType, std::string>> rows = {
        {TypeKind::boolean, "t"},
        {TypeKind::int16, "32768"},
        {TypeKind::int32, "-2147483649"},
        {TypeKind::float32, "1e39"},
        {TypeKind::float64, "inf"},
        {LogicalType::decimal(3, 2), "10"},
        {LogicalType::decimal(12, 2), "0.001"},
        {TypeKind::bytes, "AP8"},
        {TypeKind::timestamp_tz, "2024-02-29T12:34:56"},
        {TypeKind::uuid, "0011223344556677-8899-aabbccddeeff----"},
        {mood, "happy"},
    };
    for (const auto& [type, text] : rows) {
        CAPTURE(to_string(type), text);
        CHECK(again(type, text) == "refused");
    }
    CHECK(again(mood, "ok") == "ok");
    CHECK(again(LogicalType::decimal(12, 2), "10.1") == "10.10");
    CHECK(again(TypeKind::uuid, "00112233-4455-6677-8899-AABBCCDDEEFF") ==
          "00112233-4455-6677-8899-aabbccddeeff");
    CHECK(again(TypeKind::uuid, "00112233-4455-6677-8899-aabbccddeefg") == "refused");
    CHECK(again(TypeKind::uuid, "001122334455-6677-8899-aabbccddeeff-") == "refused");
}
