#include "bench/micro/sample.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <stdexcept>

#include "model/value_text.hpp"

namespace migrate::bench {
namespace {

using backends::postgresql::PhysicalType;
using backends::postgresql::TypeOid;
using Random = std::mt19937_64;

std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

template <class... Values>
std::string printed(const char* format, Values... values) {
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string date_text(Random& random) {
    return printed("%04d-%02d-%02d", static_cast<int>(between(random, 1970, 2030)),
                   static_cast<int>(between(random, 1, 12)), static_cast<int>(between(random, 1, 28)));
}

std::string time_text(Random& random) {
    return printed("%02d:%02d:%02d.%06d", static_cast<int>(between(random, 0, 23)),
                   static_cast<int>(between(random, 0, 59)), static_cast<int>(between(random, 0, 59)),
                   static_cast<int>(between(random, 0, 999'999)));
}

std::string words(Random& random, std::int64_t count) {
    static constexpr std::array k_words{"carefully", "final", "deposits", "sleep",
                                        "quickly",   "among", "the",      "café"};
    std::string text;
    for (std::int64_t i = 0; i < count; ++i) {
        text += (i == 0 ? "" : " ") + std::string(k_words[random() % k_words.size()]);
    }
    return text;
}

std::string uuid_text(Random& random) {
    return printed("%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(random()),
                   static_cast<unsigned>(random() & 0xFFFFU), static_cast<unsigned>(random() & 0xFFFU),
                   static_cast<unsigned>(random() & 0xFFFU),
                   static_cast<unsigned long long>(random() & 0xFFFFFFFFFFFFULL));
}

std::string json_text(Random& random) {
    return printed(R"({"id": %lld, "tags": ["a", "b"], "ok": true})",
                   static_cast<long long>(between(random, 0, 999'999)));
}

/// A value of the kind as model::append_from_text reads it.
std::string text_of(TypeKind kind, Random& random) {
    switch (kind) {
        case TypeKind::boolean:
            return random() % 2 == 0 ? "true" : "false";
        case TypeKind::int16:
            return std::to_string(between(random, -30'000, 30'000));
        case TypeKind::int32:
            return std::to_string(between(random, -2'000'000'000, 2'000'000'000));
        case TypeKind::int64:
            return std::to_string(between(random, 0, 9'000'000'000'000));
        case TypeKind::float32:
        case TypeKind::float64:
            return std::to_string(between(random, -1'000'000, 1'000'000)) + ".25";
        case TypeKind::decimal:
            return printed("%lld.%02d", static_cast<long long>(between(random, 0, 9'999'999)),
                           static_cast<int>(between(random, 0, 99)));
        case TypeKind::date:
            return date_text(random);
        case TypeKind::time:
            return time_text(random);
        case TypeKind::time_tz:
            return time_text(random) + "+05:30";
        case TypeKind::timestamp:
            return date_text(random) + "T" + time_text(random);
        case TypeKind::timestamp_tz:
            return date_text(random) + "T" + time_text(random) + "Z";
        case TypeKind::interval:
            return printed("P%dY%dM%dDT4H5M6.000007S", static_cast<int>(between(random, 1, 9)),
                           static_cast<int>(between(random, 1, 11)),
                           static_cast<int>(between(random, 1, 30)));
        case TypeKind::uuid:
            return uuid_text(random);
        case TypeKind::json:
        case TypeKind::jsonb:
            return json_text(random);
        case TypeKind::array:
            return printed("{%d,%d,NULL}", static_cast<int>(between(random, 0, 999)),
                           static_cast<int>(between(random, 0, 999)));
        case TypeKind::inet:
            return printed("10.1.%d.%d", static_cast<int>(between(random, 0, 255)),
                           static_cast<int>(between(random, 0, 255)));
        default:
            return words(random, between(random, 2, 8));
    }
}

void append(ColumnVector& column, const LogicalType& type, Random& random) {
    if (type.kind == TypeKind::bytes) {
        column.append_bytes(words(random, 4));
    } else if (type.kind == TypeKind::variant) {
        column.append_bytes("t" + words(random, 3));
    } else if (!model::append_from_text(column, type, text_of(type.kind, random))) {
        throw std::logic_error("a sample value of " + to_string(type) + " is none");
    }
}

SampleKind kind_of(std::string_view name, const LogicalType& type, TypeOid oid) {
    PhysicalType physical;
    physical.oid = static_cast<std::uint32_t>(oid);
    return {name, type, physical};
}

LogicalType array_of_integers() {
    LogicalType type(TypeKind::array);
    type.element = std::make_shared<const LogicalType>(TypeKind::int32);
    return type;
}

std::vector<SampleKind> make_kinds() {
    std::vector<SampleKind> kinds{
        kind_of("boolean", TypeKind::boolean, TypeOid::boolean),
        kind_of("int16", TypeKind::int16, TypeOid::int2),
        kind_of("int32", TypeKind::int32, TypeOid::int4),
        kind_of("int64", TypeKind::int64, TypeOid::int8),
        kind_of("float32", TypeKind::float32, TypeOid::float4),
        kind_of("float64", TypeKind::float64, TypeOid::float8),
        kind_of("decimal", LogicalType::decimal(12, 2), TypeOid::numeric),
        kind_of("text", TypeKind::text, TypeOid::text),
        kind_of("bytes", TypeKind::bytes, TypeOid::bytea),
        kind_of("date", TypeKind::date, TypeOid::date),
        kind_of("time", TypeKind::time, TypeOid::time),
        kind_of("time_tz", TypeKind::time_tz, TypeOid::timetz),
        kind_of("timestamp", TypeKind::timestamp, TypeOid::timestamp),
        kind_of("timestamp_tz", TypeKind::timestamp_tz, TypeOid::timestamptz),
        kind_of("interval", TypeKind::interval, TypeOid::interval),
        kind_of("uuid", TypeKind::uuid, TypeOid::uuid),
        kind_of("json", TypeKind::json, TypeOid::json),
        kind_of("jsonb", TypeKind::jsonb, TypeOid::jsonb),
        kind_of("variant", TypeKind::variant, TypeOid::json),
        kind_of("inet", TypeKind::inet, TypeOid::inet),
    };
    SampleKind array{"array", array_of_integers(), {}};
    array.physical.category = 'a';
    array.physical.element = "integer";
    kinds.push_back(std::move(array));
    return kinds;
}

}  // namespace

const std::vector<SampleKind>& sample_kinds() {
    static const std::vector<SampleKind> kinds = make_kinds();
    return kinds;
}

RowBatch sample_of(const SampleKind& kind) {
    Random random(7);
    RowBatch batch;
    batch.reset({kind.type.kind});
    for (std::size_t row = 0; row < k_rows; ++row) {
        if (row % 8 == 7) {
            batch.columns[0].append_null();
        } else {
            append(batch.columns[0], kind.type, random);
        }
    }
    return batch;
}

std::vector<LogicalType> types_of_sample_rows() {
    return {
        TypeKind::int64, TypeKind::int64,     TypeKind::int32, TypeKind::float64, LogicalType::decimal(12, 2),
        TypeKind::date,  TypeKind::timestamp, TypeKind::text,  TypeKind::text};
}

RowBatch sample_rows() {
    Random random(11);
    const std::vector<LogicalType> types = types_of_sample_rows();
    std::vector<TypeKind> kinds;
    for (const LogicalType& type : types) {
        kinds.push_back(type.kind);
    }
    RowBatch batch;
    batch.reset(kinds);
    for (std::size_t row = 0; row < k_rows; ++row) {
        for (std::size_t column = 0; column < types.size(); ++column) {
            append(batch.columns[column], types[column], random);
        }
    }
    return batch;
}

std::string naive_text(const ColumnVector& column, std::size_t row, const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return std::to_string(column.fixed(row));
        case TypeKind::float32:
            return printed("%.9g", static_cast<double>(column.float32(row)));
        case TypeKind::float64:
            return printed("%.17g", column.float64(row));
        default: {
            std::string text;
            model::append_text(column, row, type, text);
            return text;
        }
    }
}

}  // namespace migrate::bench
