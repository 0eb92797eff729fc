#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The kinds of the hub type system. Persisted in plans and provenance by name (see to_string).
enum class TypeKind : std::uint8_t {
    boolean,
    int16,
    int32,
    int64,
    float32,
    float64,
    decimal,  ///< Exact, with its own scale per value; NaN and infinities included.
    text,
    bytes,
    date,
    time,
    time_tz,
    timestamp,     ///< Without zone.
    timestamp_tz,  ///< An instant.
    interval,
    uuid,
    json,   ///< JSON whose text is kept as it is.
    jsonb,  ///< JSON in PostgreSQL's normal form.
    array,
    enumeration,
    inet,
    cidr,
    macaddr,
    bit_string,
    range,
    variant,  ///< Integer, real, text or blob per value, as a SQLite column can be.
    opaque,   ///< A native type without an equal here; carried as its text.
};

/// How the values of a kind are held in a RowBatch.
enum class ValueLayout : std::uint8_t {
    fixed,     ///< One 64-bit slot.
    variable,  ///< A run of bytes.
};

/// One column's type in the hub through which every engine's native types are mapped. A plain value.
///
/// How each kind's values are held (slot = 64-bit slot of a fixed column, bytes = of a variable column);
/// the byte forms are PostgreSQL's binary COPY forms unless it says otherwise:
///   boolean slot 0 or 1 | int16, int32, int64 slot, sign-extended | float32 slot, IEEE bits in the low 32
///   float64 slot, IEEE bits | date slot, days since 2000-01-01 (INT32_MAX/MIN = ±infinity)
///   time slot, µs since midnight | timestamp, timestamp_tz slot, µs since 2000-01-01 (UTC), INT64_MAX/MIN =
///   ±infinity decimal bytes, numeric_send form | uuid 16 bytes | interval 16 bytes (µs, days, months)
///   time_tz 12 bytes (µs, seconds west) | text, json, enumeration: UTF-8 bytes | bytes: raw
///   jsonb: UTF-8 text as PostgreSQL prints it (no version byte)
///   array, range, inet, cidr, macaddr, bit_string, opaque: the UTF-8 text PostgreSQL's output function gives
///   variant: one class byte ('i','r','t','b'), then int64 big-endian, IEEE bits big-endian, text or raw
///   bytes
struct LogicalType {
    TypeKind kind = TypeKind::text;
    int precision = -1;               ///< decimal: digits; time/timestamp: fraction digits; −1 = unlimited.
    int scale = -1;                   ///< decimal: digits after the point; −1 = per value.
    bool trimmed = false;             ///< decimal without precision: no zeros end a fraction, 5.00 is 5.
    std::int64_t limit = -1;          ///< text: characters; bit_string: bits; −1 = none.
    bool fixed_length = false;        ///< char(n), bit(n) rather than varying.
    std::vector<std::string> labels;  ///< enumeration, in order.
    std::shared_ptr<const LogicalType> element;  ///< array, range.
    std::string native_name;                     ///< opaque, enumeration, range: the native type's name.

    LogicalType() = default;
    LogicalType(TypeKind k) : kind(k) {}  // NOLINT(google-explicit-constructor): a kind is a type
    static LogicalType decimal(int precision, int scale);
    static LogicalType text(std::int64_t limit);

    friend MIGRATE_EXPORT bool operator==(const LogicalType& a, const LogicalType& b);
};

[[nodiscard]] constexpr ValueLayout layout_of(TypeKind kind) noexcept {
    switch (kind) {
        case TypeKind::boolean:
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
        case TypeKind::float32:
        case TypeKind::float64:
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return ValueLayout::fixed;
        default:
            return ValueLayout::variable;
    }
}

/// The kind's stable spelling ("timestamp_tz").
MIGRATE_EXPORT std::string_view to_string(TypeKind kind) noexcept;
MIGRATE_EXPORT std::optional<TypeKind> parse_type_kind(std::string_view name) noexcept;

/// "decimal(12,2)", "text(40)", "array(int32)", "enumeration(mood)"; labels are not shown.
MIGRATE_EXPORT std::string to_string(const LogicalType& type);

/// Reads what to_string writes, and the usual SQL spellings of the kinds (bool, bigint, numeric(p,s),
/// timestamptz, varchar(n), …). Nullopt when it is none of them.
MIGRATE_EXPORT std::optional<LogicalType> parse_logical_type(std::string_view text);

MIGRATE_NAMESPACE_END
