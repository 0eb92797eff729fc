#include "mapping/cast.hpp"

#include <array>
#include <limits>
#include <string_view>

#include "mapping/jsonb_text.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"

namespace migrate::mapping {
namespace {

constexpr std::int64_t k_day = 86'400'000'000;
constexpr std::int64_t k_last_day = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t k_first_day = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t k_last_instant = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t k_first_instant = std::numeric_limits<std::int64_t>::min();

bool is_moment(TypeKind kind) {
    return kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz;
}

bool is_text(TypeKind kind) {
    return kind == TypeKind::text || kind == TypeKind::enumeration || kind == TypeKind::opaque;
}

bool is_json(TypeKind kind) {
    return kind == TypeKind::json || kind == TypeKind::jsonb;
}

bool word_to_boolean(std::string_view text, ColumnVector& out) {
    constexpr std::array<std::string_view, 6> k_true{"true", "t", "yes", "y", "on", "1"};
    constexpr std::array<std::string_view, 6> k_false{"false", "f", "no", "n", "off", "0"};
    for (std::size_t i = 0; i < k_true.size(); ++i) {
        if (util::equals_ignore_case(text, k_true[i]) || util::equals_ignore_case(text, k_false[i])) {
            out.append_fixed(util::equals_ignore_case(text, k_true[i]) ? 1 : 0);
            return true;
        }
    }
    return false;
}

bool date_to_moment(std::int64_t day, ColumnVector& out) {
    if (day == k_last_day || day == k_first_day) {
        out.append_fixed(day == k_last_day ? k_last_instant : k_first_instant);
        return true;
    }
    // The range of PostgreSQL's timestamps is narrower than that of its dates.
    if (day > k_last_instant / k_day || day < k_first_instant / k_day) {
        return false;
    }
    out.append_fixed(day * k_day);
    return true;
}

bool moment_to_date(std::int64_t instant, ColumnVector& out) {
    if (instant == k_last_instant || instant == k_first_instant) {
        out.append_fixed(instant == k_last_instant ? k_last_day : k_first_day);
        return true;
    }
    if (instant % k_day != 0) {
        return false;
    }
    out.append_fixed(instant / k_day);
    return true;
}

bool json_to_array(std::string_view json, const LogicalType& to, ColumnVector& out, std::string& scratch) {
    scratch.clear();
    const LogicalType element = to.element ? *to.element : LogicalType(TypeKind::text);
    if (!model::array_from_json(json, element, scratch)) {
        return false;
    }
    out.append_bytes(scratch);
    return true;
}

bool to_normal_json(std::string_view json, ColumnVector& out, std::string& scratch) {
    scratch.clear();
    if (!append_jsonb_text(json, scratch)) {
        return false;
    }
    out.append_bytes(scratch);
    return true;
}

std::optional<bool> bytes_and_uuids(const ColumnVector& in, std::size_t row, const LogicalType& from,
                                    const LogicalType& to, ColumnVector& out) {
    if (from.kind == TypeKind::bytes && to.kind == TypeKind::uuid) {
        if (in.bytes(row).size() != 16) {
            return false;
        }
        out.append_bytes(in.bytes(row));
        return true;
    }
    if (from.kind == TypeKind::uuid && to.kind == TypeKind::bytes) {
        out.append_bytes(in.bytes(row));
        return true;
    }
    return std::nullopt;
}

}  // namespace

std::optional<bool> cast_value(const ColumnVector& in, std::size_t row, const LogicalType& from,
                               const LogicalType& to, ColumnVector& out, std::string& scratch) {
    if (is_text(from.kind) && to.kind == TypeKind::boolean) {
        return word_to_boolean(in.bytes(row), out);
    }
    if (is_moment(from.kind) && is_moment(to.kind)) {
        out.append_fixed(in.fixed(row));
        return true;
    }
    if (from.kind == TypeKind::date && is_moment(to.kind)) {
        return date_to_moment(in.fixed(row), out);
    }
    if (is_moment(from.kind) && to.kind == TypeKind::date) {
        return moment_to_date(in.fixed(row), out);
    }
    if (to.kind == TypeKind::array && (is_json(from.kind) || is_text(from.kind))) {
        const std::string_view text = util::trim(in.bytes(row));
        // "[1:2]={…}" is PostgreSQL's own spelling of an array with bounds.
        if (is_json(from.kind) || (text.starts_with('[') && !text.ends_with('}'))) {
            return json_to_array(text, to, out, scratch);
        }
        return std::nullopt;
    }
    if (to.kind == TypeKind::jsonb && (from.kind == TypeKind::json || is_text(from.kind))) {
        return to_normal_json(in.bytes(row), out, scratch);
    }
    return bytes_and_uuids(in, row, from, to, out);
}

}  // namespace migrate::mapping
