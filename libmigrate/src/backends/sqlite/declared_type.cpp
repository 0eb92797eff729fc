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

}  // namespace migrate::backends::sqlite
