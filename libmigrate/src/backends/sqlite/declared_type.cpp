#include "backends/sqlite/declared_type.hpp"

namespace migrate::backends::sqlite {

std::string declared_type_for(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::boolean:
            return "BOOLEAN";
        case TypeKind::int16:
            return "SMALLINT";
        case TypeKind::int32:
            return "INTEGER";
        case TypeKind::int64:
            return "BIGINT";
        case TypeKind::float32:
            return "FLOAT";
        case TypeKind::float64:
            return "DOUBLE";
        case TypeKind::text:
            if (type.limit > 0) {
                return (type.fixed_length ? "CHARACTER(" : "VARCHAR(") + std::to_string(type.limit) + ")";
            }
            return "TEXT";
        case TypeKind::bytes:
            return "BLOB";
        // Numeric affinity, which turns none of these spellings into a number.
        case TypeKind::date:
            return "DATE";
        case TypeKind::time:
            return "TIME";
        case TypeKind::timestamp:
            return "TIMESTAMP";
        case TypeKind::timestamp_tz:
            return "TIMESTAMPTZ";
        case TypeKind::uuid:
            return "UUID";
        // JSON alone would have numeric affinity, which turns the document 1.50 into 1.5.
        case TypeKind::json:
        case TypeKind::jsonb:
        case TypeKind::array:
            return "JSON TEXT";
        // No affinity: each value keeps its class.
        case TypeKind::variant:
            return "";
        default:
            return "TEXT";
    }
}

std::string spelled_as(TypeKind kind) {
    switch (kind) {
        case TypeKind::decimal:
            return "as text, which keeps every digit: compare and compute with CAST(… AS NUMERIC)";
        case TypeKind::array:
            return "as JSON text";
        case TypeKind::interval:
        case TypeKind::time_tz:
            return "as ISO 8601 text";
        case TypeKind::enumeration:
        case TypeKind::range:
        case TypeKind::inet:
        case TypeKind::cidr:
        case TypeKind::macaddr:
        case TypeKind::bit_string:
        case TypeKind::opaque:
            return "as text";
        default:
            return {};
    }
}

}  // namespace migrate::backends::sqlite
