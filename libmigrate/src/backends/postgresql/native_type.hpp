#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/logical_type.hpp>

namespace migrate::backends::postgresql {

/// Object ids of built-in types, which are the same on every server.
enum class TypeOid : std::uint32_t {
    boolean = 16,
    bytea = 17,
    name = 19,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    oid = 26,
    json = 114,
    float4 = 700,
    float8 = 701,
    money = 790,
    macaddr = 829,
    inet = 869,
    cidr = 650,
    bpchar = 1042,
    varchar = 1043,
    date = 1082,
    time = 1083,
    timestamp = 1114,
    timestamptz = 1184,
    interval = 1186,
    timetz = 1266,
    bit = 1560,
    varbit = 1562,
    numeric = 1700,
    uuid = 2950,
    jsonb = 3802,
};

/// A column's type as the server holds it, domains followed down to what they are made of.
struct PhysicalType {
    std::uint32_t oid = 0;  ///< Of the base type.
    std::int32_t modifier = -1;
    char category = 'b';              ///< pg_type.typtype: b, c, e, m, r; 'a' for arrays.
    std::string output;               ///< Its output function, qualified and quoted.
    std::string spelling;             ///< format_type of the base type.
    std::vector<std::string> labels;  ///< Of an enum, in order.
    std::string element;              ///< format_type of an array's element or a range's bound.
    std::uint32_t element_oid = 0;
    std::int32_t element_modifier = -1;

    [[nodiscard]] bool is(TypeOid type) const noexcept { return oid == static_cast<std::uint32_t>(type); }
};

/// The hub type of a PostgreSQL type.
LogicalType logical_type_of(const PhysicalType& type);

/// How PostgreSQL spells the type that holds a hub type's values. Variants live in json, opaque types
/// become text unless they are of this engine.
std::string native_type_of(const LogicalType& type);

}  // namespace migrate::backends::postgresql
