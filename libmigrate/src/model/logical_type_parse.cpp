#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <migrate/logical_type.hpp>

#include "util/ascii.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

struct Spelling {
    std::string_view name;
    TypeKind kind;
    bool fixed_length = false;
};

/// Beside the kinds' own names.
constexpr std::array k_sql_spellings = {
    Spelling{"bool", TypeKind::boolean},
    Spelling{"smallint", TypeKind::int16},
    Spelling{"int2", TypeKind::int16},
    Spelling{"int", TypeKind::int32},
    Spelling{"integer", TypeKind::int32},
    Spelling{"int4", TypeKind::int32},
    Spelling{"bigint", TypeKind::int64},
    Spelling{"int8", TypeKind::int64},
    Spelling{"real", TypeKind::float32},
    Spelling{"float4", TypeKind::float32},
    Spelling{"float8", TypeKind::float64},
    Spelling{"float", TypeKind::float64},
    Spelling{"double", TypeKind::float64},
    Spelling{"double precision", TypeKind::float64},
    Spelling{"numeric", TypeKind::decimal},
    Spelling{"varchar", TypeKind::text},
    Spelling{"character varying", TypeKind::text},
    Spelling{"char", TypeKind::text, true},
    Spelling{"character", TypeKind::text, true},
    Spelling{"bytea", TypeKind::bytes},
    Spelling{"blob", TypeKind::bytes},
    Spelling{"time without time zone", TypeKind::time},
    Spelling{"timetz", TypeKind::time_tz},
    Spelling{"time with time zone", TypeKind::time_tz},
    Spelling{"timestamp without time zone", TypeKind::timestamp},
    Spelling{"timestamptz", TypeKind::timestamp_tz},
    Spelling{"timestamp with time zone", TypeKind::timestamp_tz},
    Spelling{"enum", TypeKind::enumeration},
    Spelling{"bit", TypeKind::bit_string, true},
    Spelling{"varbit", TypeKind::bit_string},
    Spelling{"bit varying", TypeKind::bit_string},
};

std::optional<LogicalType> named(std::string_view name) {
    if (const auto kind = parse_type_kind(name)) {
        return LogicalType(*kind);
    }
    const auto* const found = std::find_if(k_sql_spellings.begin(), k_sql_spellings.end(),
                                           [name](const Spelling& s) { return s.name == name; });
    if (found == k_sql_spellings.end()) {
        return std::nullopt;
    }
    LogicalType type(found->kind);
    type.fixed_length = found->fixed_length;
    return type;
}

/// A type's text taken apart: lower-case name with single blanks, what stands between the parentheses.
struct Parts {
    std::string name;
    std::optional<std::string_view> arguments;
};

std::optional<Parts> take_apart(std::string_view text) {
    Parts parts;
    std::string_view words = text;
    std::string_view rest;
    if (const std::size_t open = text.find('('); open != std::string_view::npos) {
        const std::size_t close = text.rfind(')');
        if (close == std::string_view::npos || close < open) {
            return std::nullopt;
        }
        words = text.substr(0, open);
        parts.arguments = util::trim(text.substr(open + 1, close - open - 1));
        rest = text.substr(close + 1);
    }
    // "timestamp(3) with time zone" has words on both sides.
    for (const std::string_view part : {words, rest}) {
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (!util::is_space(part[i])) {
                const bool new_word = i == 0 || util::is_space(part[i - 1]);
                if (new_word && !parts.name.empty()) {
                    parts.name += ' ';
                }
                parts.name += util::to_lower(part[i]);
            }
        }
    }
    return parts;
}

std::optional<int> read_small(std::string_view text) {
    text = util::trim(text);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool set_decimal(std::string_view arguments, LogicalType& type) {
    if (util::equals_ignore_case(arguments, "trimmed")) {
        type.trimmed = true;
        return true;
    }
    const std::size_t comma = arguments.find(',');
    const auto precision = read_small(arguments.substr(0, comma));
    const auto scale =
        comma == std::string_view::npos ? std::optional<int>(0) : read_small(arguments.substr(comma + 1));
    if (!precision || *precision < 1 || !scale) {
        return false;
    }
    type.precision = *precision;
    type.scale = *scale;
    return true;
}

/// Reads a native name, quoted or plain, at the start of `text` and takes it off.
std::optional<std::string> take_native_name(std::string_view& text) {
    std::string name;
    if (text.empty() || text.front() != '"') {
        const std::size_t length = std::min(text.find(','), text.size());
        name = util::trim(text.substr(0, length));
        text.remove_prefix(length);
        return name;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '"') {
            name += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
            name += '"';
            ++i;
        } else {
            text.remove_prefix(i + 1);
            return name;
        }
    }
    return std::nullopt;
}

bool set_element(std::string_view text, LogicalType& type) {
    auto element = parse_logical_type(text);
    if (!element) {
        return false;
    }
    type.element = std::make_shared<const LogicalType>(std::move(*element));
    return true;
}

bool set_nested(std::string_view arguments, LogicalType& type) {
    if (type.kind == TypeKind::array) {
        return set_element(arguments, type);
    }
    // "range(int32)" has an element alone; "range(int4range,int32)" a name before it.
    if (type.kind == TypeKind::range && arguments.find(',') == std::string_view::npos &&
        set_element(arguments, type)) {
        return true;
    }
    auto name = take_native_name(arguments);
    if (!name) {
        return false;
    }
    type.native_name = std::move(*name);
    arguments = util::trim(arguments);
    if (arguments.empty()) {
        return true;
    }
    return type.kind == TypeKind::range && arguments.front() == ',' && set_element(arguments.substr(1), type);
}

bool set_arguments(std::string_view arguments, LogicalType& type) {
    switch (type.kind) {
        case TypeKind::decimal:
            return set_decimal(arguments, type);
        case TypeKind::text:
        case TypeKind::bit_string: {
            const auto limit = read_small(arguments);
            type.limit = limit.value_or(-1);
            return limit && *limit >= 0;
        }
        case TypeKind::time:
        case TypeKind::time_tz:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::interval: {
            const auto digits = read_small(arguments);
            type.precision = digits.value_or(-1);
            return digits && *digits >= 0 && *digits <= 6;
        }
        case TypeKind::array:
        case TypeKind::enumeration:
        case TypeKind::range:
        case TypeKind::opaque:
            return set_nested(arguments, type);
        default:
            return false;
    }
}

}  // namespace

std::optional<LogicalType> parse_logical_type(std::string_view text) {
    text = util::trim(text);
    if (text.ends_with("[]")) {
        LogicalType array(TypeKind::array);
        if (!set_element(text.substr(0, text.size() - 2), array)) {
            return std::nullopt;
        }
        return array;
    }
    const auto parts = take_apart(text);
    if (!parts) {
        return std::nullopt;
    }
    auto type = named(parts->name);
    if (!type) {
        return std::nullopt;
    }
    if (!parts->arguments) {
        // What SQL's char and bit mean without a length; a text without one is spelled "text".
        if (type->fixed_length) {
            type->limit = 1;
        }
        return type;
    }
    if (!set_arguments(*parts->arguments, *type)) {
        return std::nullopt;
    }
    return type;
}

MIGRATE_NAMESPACE_END
