#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <migrate/logical_type.hpp>

#include "util/ascii.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

/// In the order of TypeKind. Persisted in plans and provenance: do not change.
constexpr std::array<std::string_view, 27> k_names = {
    "boolean",  "int16",   "int32",      "int64", "float32", "float64",     "decimal",
    "text",     "bytes",   "date",       "time",  "time_tz", "timestamp",   "timestamp_tz",
    "interval", "uuid",    "json",       "jsonb", "array",   "enumeration", "inet",
    "cidr",     "macaddr", "bit_string", "range", "variant", "opaque"};
static_assert(k_names.size() == static_cast<std::size_t>(TypeKind::opaque) + 1);

void append_native_name(const std::string& name, std::string& out) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return util::is_letter(c) || util::is_digit(c) || c == '_' || c == '.';
    });
    if (plain) {
        out += name;
        return;
    }
    out += '"';
    for (const char c : name) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

std::string with_number(std::string_view name, std::int64_t number) {
    std::string out(name);
    if (number >= 0) {
        out += "(" + std::to_string(number) + ")";
    }
    return out;
}

std::string nested_name(const LogicalType& type) {
    std::string out(to_string(type.kind));
    if (type.element == nullptr && type.native_name.empty()) {
        return out;
    }
    out += '(';
    if (!type.native_name.empty()) {
        append_native_name(type.native_name, out);
    }
    if (type.element != nullptr) {
        out += type.native_name.empty() ? "" : ",";
        out += to_string(*type.element);
    }
    out += ')';
    return out;
}

}  // namespace

LogicalType LogicalType::decimal(int precision, int scale) {
    LogicalType type(TypeKind::decimal);
    type.precision = precision;
    type.scale = scale;
    return type;
}

LogicalType LogicalType::text(std::int64_t limit) {
    LogicalType type(TypeKind::text);
    type.limit = limit;
    return type;
}

bool operator==(const LogicalType& a, const LogicalType& b) {
    if (a.kind != b.kind || a.precision != b.precision || a.scale != b.scale || a.trimmed != b.trimmed ||
        a.limit != b.limit || a.fixed_length != b.fixed_length || a.labels != b.labels ||
        a.native_name != b.native_name) {
        return false;
    }
    if (a.element == nullptr || b.element == nullptr) {
        return a.element == b.element;
    }
    return *a.element == *b.element;
}

std::string_view to_string(TypeKind kind) noexcept {
    const auto index = static_cast<std::size_t>(kind);
    return index < k_names.size() ? k_names[index] : std::string_view{"opaque"};
}

std::optional<TypeKind> parse_type_kind(std::string_view name) noexcept {
    const auto found = std::find(k_names.begin(), k_names.end(), name);
    if (found == k_names.end()) {
        return std::nullopt;
    }
    return static_cast<TypeKind>(found - k_names.begin());
}

std::string to_string(const LogicalType& type) {
    switch (type.kind) {
        case TypeKind::decimal:
            if (type.precision < 0) {
                return type.trimmed ? "decimal(trimmed)" : "decimal";
            }
            return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
        case TypeKind::text:
            return with_number(type.fixed_length ? "char" : "text", type.limit);
        case TypeKind::bit_string:
            return with_number(type.fixed_length ? "bit" : "bit_string", type.limit);
        case TypeKind::time:
        case TypeKind::time_tz:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::interval:
            return with_number(to_string(type.kind), type.precision);
        case TypeKind::array:
        case TypeKind::enumeration:
        case TypeKind::range:
        case TypeKind::opaque:
            return nested_name(type);
        default:
            return std::string(to_string(type.kind));
    }
}

MIGRATE_NAMESPACE_END
