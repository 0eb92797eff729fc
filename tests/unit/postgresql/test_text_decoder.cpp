#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/postgresql/text_decoder.hpp"
#include "model/value_text.hpp"

/// COPY's text format, by hand: what the server writes is compared with its binary format in the e2e tests.
namespace migrate::backends::postgresql {
namespace {

ColumnDecoding column_of(TypeKind kind) {
    ColumnDecoding column;
    column.type = kind;
    column.name = "c";
    column.form = ColumnDecoding::Form::raw;
    return column;
}

/// The value as the library spells it; "NULL" for NULL.
std::string decoded(TypeKind kind, const std::string& field) {
    RowBatch batch;
    batch.reset({kind});
    TextDecoder({column_of(kind)}).decode(field + "\n", batch);
    if (batch.columns[0].is_null(0)) {
        return "NULL";
    }
    std::string text;
    model::append_text(batch.columns[0], 0, kind, text);
    return text;
}

std::string interval(const std::string& text) {
    std::string bytes;
    if (!read_postgres_interval(text, bytes)) {
        return "no interval";
    }
    std::string out;
    model::append_interval(bytes, out);
    return out;
}

}  // namespace

TEST_CASE("postgresql text: fields are taken apart and their escapes resolved", "[postgresql][forensic]") {
    CHECK(decoded(TypeKind::text, R"(a\tb\\c\nd\r\b\f\ve)") == "a\tb\\c\nd\r\b\f\ve");
    CHECK(decoded(TypeKind::text, "\\N") == "NULL");
    CHECK(decoded(TypeKind::text, R"(\\N)") == "\\N");
    CHECK(decoded(TypeKind::text, "").empty());
    RowBatch batch;
    batch.reset({TypeKind::text, TypeKind::int32, TypeKind::text});
    TextDecoder decoder({column_of(TypeKind::text), column_of(TypeKind::int32), column_of(TypeKind::text)});
    decoder.decode("\t-7\t\\N\n", batch);
    REQUIRE(batch.row_count() == 1);
    CHECK(batch.columns[0].bytes(0).empty());
    CHECK(batch.columns[1].fixed(0) == -7);
    CHECK(batch.columns[2].is_null(0));
    for (const char* const damaged : {"a\t1\n", "a\t1\tb\tc\n", "a\t1\tb", "a\t1\tb\\\n"}) {
        CAPTURE(damaged);
        RowBatch other;
        other.reset({TypeKind::text, TypeKind::int32, TypeKind::text});
        CHECK_THROWS_AS(decoder.decode(damaged, other), Error);
    }
}

TEST_CASE("postgresql text: values are read as the server spells them", "[postgresql][forensic]") {
    CHECK(decoded(TypeKind::boolean, "t") == "true");
    CHECK(decoded(TypeKind::boolean, "f") == "false");
    CHECK(decoded(TypeKind::int64, "-9223372036854775808") == "-9223372036854775808");
    CHECK(decoded(TypeKind::float64, "1e-307") == "1e-307");
    CHECK(decoded(TypeKind::float64, "-0") == "-0");
    CHECK(decoded(TypeKind::float64, "NaN") == "NaN");
    CHECK(decoded(TypeKind::float32, "-Infinity") == "-Infinity");
    CHECK(decoded(TypeKind::decimal, "10.10") == "10.10");
    CHECK(decoded(TypeKind::bytes, R"(\\x00ff10)") == "AP8Q");
    CHECK(decoded(TypeKind::bytes, R"(\\x)").empty());
    CHECK(decoded(TypeKind::date, "0044-03-15 BC") == "0044-03-15 BC");
    CHECK(decoded(TypeKind::timestamp, "2024-02-29 12:34:56.5") == "2024-02-29T12:34:56.500000");
    CHECK(decoded(TypeKind::timestamp_tz, "0044-03-15 12:00:00+00 BC") == "0044-03-15T12:00:00.000000Z BC");
    CHECK(decoded(TypeKind::timestamp_tz, "infinity") == "infinity");
    CHECK(decoded(TypeKind::time_tz, "12:34:56.000001+05:30") == "12:34:56.000001+05:30");
    CHECK(decoded(TypeKind::uuid, "00112233-4455-6677-8899-aabbccddeeff") ==
          "00112233-4455-6677-8899-aabbccddeeff");
    for (const auto& [kind, field] :
         std::vector<std::pair<TypeKind, std::string>>{{TypeKind::boolean, "true"},
                                                       {TypeKind::int16, "40000"},
                                                       {TypeKind::int32, "1 "},
                                                       {TypeKind::float64, "1x"},
                                                       {TypeKind::bytes, "00"},
                                                       {TypeKind::uuid, "0"}}) {
        CAPTURE(field);
        CHECK_THROWS_AS(decoded(kind, field), Error);
    }
}

TEST_CASE("postgresql text: intervals of every sign", "[postgresql][forensic]") {
    CHECK(interval("00:00:00") == "PT0S");
    CHECK(interval("1 year 2 mons -3 days +04:05:06.000007") == "P1Y2M-3DT4H5M6.000007S");
    CHECK(interval("-1 years -2 mons +3 days -04:05:06.5") == "P-1Y-2M3DT-4H-5M-6.5S");
    CHECK(interval("1 mon") == "P1M");
    CHECK(interval("-1 days") == "P-1D");
    std::string least;
    REQUIRE(read_postgres_interval("-2562047788:00:54.775808", least));
    std::string bytes;
    REQUIRE(model::read_interval("PT-2562047788H-54.775808S", bytes));
    CHECK(least == bytes);
    for (const char* const text :
         {"", "1", "1 week", "04:05", "1:2:3", "04:05:06.0000001", "04:05:06x", "04:05:06 1 day", "x days"}) {
        CAPTURE(text);
        CHECK(interval(text) == "no interval");
    }
}

}  // namespace migrate::backends::postgresql
