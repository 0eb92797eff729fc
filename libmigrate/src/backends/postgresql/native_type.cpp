#include "backends/postgresql/native_type.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

namespace migrate::backends::postgresql {
namespace {

constexpr std::int32_t k_header = 4;  ///< VARHDRSZ, which length modifiers count.

struct SimpleType {
    TypeOid oid;
    TypeKind kind;
};

constexpr std::array k_simple{
    SimpleType{TypeOid::boolean, TypeKind::boolean},   SimpleType{TypeOid::int2, TypeKind::int16},
    SimpleType{TypeOid::int4, TypeKind::int32},        SimpleType{TypeOid::int8, TypeKind::int64},
    SimpleType{TypeOid::float4, TypeKind::float32},    SimpleType{TypeOid::float8, TypeKind::float64},
    SimpleType{TypeOid::text, TypeKind::text},         SimpleType{TypeOid::bytea, TypeKind::bytes},
    SimpleType{TypeOid::date, TypeKind::date},         SimpleType{TypeOid::uuid, TypeKind::uuid},
    SimpleType{TypeOid::json, TypeKind::json},         SimpleType{TypeOid::jsonb, TypeKind::jsonb},
    SimpleType{TypeOid::inet, TypeKind::inet},         SimpleType{TypeOid::cidr, TypeKind::cidr},
    SimpleType{TypeOid::macaddr, TypeKind::macaddr},   SimpleType{TypeOid::oid, TypeKind::int64},
    SimpleType{TypeOid::interval, TypeKind::interval},
};

std::optional<TypeKind> simple_kind(const PhysicalType& type) {
    for (const SimpleType& simple : k_simple) {
        if (type.is(simple.oid)) {
            return simple.kind;
        }
    }
    return std::nullopt;
}

LogicalType with_precision(TypeKind kind, std::int32_t modifier) {
    LogicalType type(kind);
    type.precision = modifier;
    return type;
}

LogicalType decimal_of(std::int32_t modifier) {
    if (modifier < k_header) {
        return LogicalType::decimal(-1, -1);
    }
    const std::int32_t packed = modifier - k_header;
    // Since version 15 the scale is an 11-bit signed number.
    const std::int32_t scale = ((packed & 0x7FF) ^ 0x400) - 0x400;
    // One below zero rounds before the point, which the hub type has no words for: the column's own spelling
    // has.
    return scale < 0 ? LogicalType::decimal(-1, -1) : LogicalType::decimal((packed >> 16) & 0xFFFF, scale);
}

LogicalType text_of(std::int64_t limit, bool fixed_length) {
    LogicalType type = limit >= 0 ? LogicalType::text(limit) : LogicalType(TypeKind::text);
    type.fixed_length = fixed_length;
    return type;
}

LogicalType with_element(TypeKind kind, const PhysicalType& type) {
    LogicalType logical(kind);
    PhysicalType element;
    element.oid = type.element_oid;
    element.modifier = type.element_modifier;
    element.spelling = type.element;
    logical.element = std::make_shared<const LogicalType>(logical_type_of(element));
    if (element.is(TypeOid::money)) {
        // The text of the array spells amounts with the currency's sign.
        LogicalType money(TypeKind::opaque);
        money.native_name = element.spelling;
        logical.element = std::make_shared<const LogicalType>(std::move(money));
    }
    if (kind == TypeKind::range) {
        logical.native_name = type.spelling;
    }
    return logical;
}

std::optional<LogicalType> parametrised(const PhysicalType& type) {
    switch (static_cast<TypeOid>(type.oid)) {
        case TypeOid::numeric:
            return decimal_of(type.modifier);
        case TypeOid::money:
            return LogicalType::decimal(-1, 2);
        case TypeOid::varchar:
            return text_of(type.modifier < k_header ? -1 : type.modifier - k_header, false);
        case TypeOid::bpchar:
            return text_of(type.modifier < k_header ? -1 : type.modifier - k_header,
                           type.modifier >= k_header);
        case TypeOid::name:
            return LogicalType(TypeKind::text);
        case TypeOid::time:
            return with_precision(TypeKind::time, type.modifier);
        case TypeOid::timetz:
            return with_precision(TypeKind::time_tz, type.modifier);
        case TypeOid::timestamp:
            return with_precision(TypeKind::timestamp, type.modifier);
        case TypeOid::timestamptz:
            return with_precision(TypeKind::timestamp_tz, type.modifier);
        case TypeOid::bit:
        case TypeOid::varbit: {
            LogicalType bits(TypeKind::bit_string);
            bits.limit = type.modifier;
            bits.fixed_length = type.is(TypeOid::bit);
            return bits;
        }
        default:
            return std::nullopt;
    }
}

std::string with_digits(const char* before, int digits, const char* after = "") {
    return digits < 0 ? fmt::format("{}{}", before, after) : fmt::format("{}({}){}", before, digits, after);
}

std::string text_spelling(const LogicalType& type) {
    // PostgreSQL's limits: 10,485,760 characters.
    constexpr std::int64_t k_longest = 10'485'760;
    if (type.limit < 1 || type.limit > k_longest) {
        return "text";
    }
    return fmt::format("{}({})", type.fixed_length ? "character" : "character varying", type.limit);
}

std::string bit_spelling(const LogicalType& type) {
    const char* name = type.fixed_length ? "bit" : "bit varying";
    return type.limit < 1 ? std::string(type.fixed_length ? "bit(1)" : name)
                          : fmt::format("{}({})", name, type.limit);
}

std::string decimal_spelling(const LogicalType& type) {
    constexpr int k_most_digits = 1000;
    if (type.precision < 1 || type.precision > k_most_digits) {
        return "numeric";
    }
    return type.scale < 0 ? "numeric" : fmt::format("numeric({},{})", type.precision, type.scale);
}

}  // namespace

LogicalType logical_type_of(const PhysicalType& type) {
    if (type.category == 'a') {
        return with_element(TypeKind::array, type);
    }
    if (type.category == 'r') {
        return with_element(TypeKind::range, type);
    }
    if (type.category == 'e') {
        LogicalType labels(TypeKind::enumeration);
        labels.labels = type.labels;
        labels.native_name = type.spelling;
        return labels;
    }
    if (const auto kind = simple_kind(type)) {
        return {*kind};
    }
    if (auto logical = parametrised(type)) {
        return *logical;
    }
    LogicalType opaque(TypeKind::opaque);
    opaque.native_name = type.spelling;
    return opaque;
}

std::string native_type_of(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::boolean:
            return "boolean";
        case TypeKind::int16:
            return "smallint";
        case TypeKind::int32:
            return "integer";
        case TypeKind::int64:
            return "bigint";
        case TypeKind::float32:
            return "real";
        case TypeKind::float64:
            return "double precision";
        case TypeKind::decimal:
            return decimal_spelling(type);
        case TypeKind::text:
            return text_spelling(type);
        case TypeKind::bytes:
            return "bytea";
        case TypeKind::date:
            return "date";
        case TypeKind::time:
            return with_digits("time", type.precision, " without time zone");
        case TypeKind::time_tz:
            return with_digits("time", type.precision, " with time zone");
        case TypeKind::timestamp:
            return with_digits("timestamp", type.precision, " without time zone");
        case TypeKind::timestamp_tz:
            return with_digits("timestamp", type.precision, " with time zone");
        case TypeKind::interval:
            return "interval";
        case TypeKind::uuid:
            return "uuid";
        case TypeKind::json:
        case TypeKind::variant:
            return "json";
        case TypeKind::jsonb:
            return "jsonb";
        case TypeKind::array:
            return (type.element ? native_type_of(*type.element) : "text") + "[]";
        case TypeKind::inet:
            return "inet";
        case TypeKind::cidr:
            return "cidr";
        case TypeKind::macaddr:
            return "macaddr";
        case TypeKind::bit_string:
            return bit_spelling(type);
        case TypeKind::enumeration:
        case TypeKind::range:
        case TypeKind::opaque:
            return type.native_name.empty() ? "text" : type.native_name;
    }
    return "text";
}

}  // namespace migrate::backends::postgresql
