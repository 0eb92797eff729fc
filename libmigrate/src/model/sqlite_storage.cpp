#include "model/sqlite_storage.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "util/ascii.hpp"

namespace migrate::model {

namespace {

SqliteStorage storage_of_time(const std::string& format) {
    if (format == "epoch_s" || format == "epoch_ms" || format == "epoch_us") {
        return SqliteStorage::integer;
    }
    return format == "epoch_real" || format == "julian" ? SqliteStorage::real : SqliteStorage::text;
}

SqliteStorage storage_of_number(TypeKind kind, const std::string& format) {
    if (format == "text") {
        return SqliteStorage::text;
    }
    if (kind == TypeKind::decimal) {
        return format == "number" ? SqliteStorage::number
               : format == "real" ? SqliteStorage::real
                                  : SqliteStorage::text;
    }
    const bool floating = kind == TypeKind::float32 || kind == TypeKind::float64;
    const bool real = floating ? format != "integer" : format == "real";
    return real ? SqliteStorage::real : SqliteStorage::integer;
}

struct Scanned {
    std::string digits;  ///< Significant ones.
    int exponent = 0;    ///< Of ten, for the digits read as an integer.
};

// Digits, point and exponent of a literal that is known to be a number.
Scanned scan(std::string_view literal) {
    Scanned out;
    bool fraction = false;
    std::size_t at = 0;
    for (; at < literal.size() && util::to_lower(literal[at]) != 'e'; ++at) {
        if (literal[at] == '.') {
            fraction = true;
        } else if (util::is_digit(literal[at])) {
            out.digits.push_back(literal[at]);
            out.exponent -= fraction ? 1 : 0;
        }
    }
    if (at < literal.size()) {
        int exponent = 0;
        const std::size_t sign = literal[at + 1] == '+' ? 2 : 1;
        std::from_chars(literal.data() + at + sign, literal.data() + literal.size(), exponent);
        out.exponent += exponent;
    }
    out.digits.erase(0, std::min(out.digits.find_first_not_of('0'), out.digits.size()));
    while (!out.digits.empty() && out.digits.back() == '0') {
        out.digits.pop_back();
        ++out.exponent;
    }
    return out;
}

}  // namespace

Affinity affinity_of(std::string_view declared, bool strict) {
    const std::string text = util::lower_ascii(declared);
    const auto has = [&text](std::string_view part) { return text.find(part) != std::string::npos; };
    if (has("int")) {
        return Affinity::integer;
    }
    if (has("char") || has("clob") || has("text")) {
        return Affinity::text;
    }
    if (has("blob") || text.empty() || (strict && text == "any")) {
        return Affinity::blob;
    }
    return has("real") || has("floa") || has("doub") ? Affinity::real : Affinity::numeric;
}

SqliteStorage sqlite_storage_of(const Column& column) {
    switch (column.type.kind) {
        case TypeKind::boolean:
            return column.format.empty() ? SqliteStorage::integer : SqliteStorage::text;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
        case TypeKind::float32:
        case TypeKind::float64:
        case TypeKind::decimal:
            return storage_of_number(column.type.kind, column.format);
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return storage_of_time(column.format);
        case TypeKind::bytes:
            return column.format.empty() ? SqliteStorage::blob : SqliteStorage::text;
        case TypeKind::uuid:
            return column.format == "blob" ? SqliteStorage::blob : SqliteStorage::text;
        case TypeKind::json:
        case TypeKind::jsonb:
            return column.format.empty() ? SqliteStorage::text : SqliteStorage::any;
        case TypeKind::variant:
            return SqliteStorage::any;
        default:
            return SqliteStorage::text;
    }
}

bool looks_numeric(std::string_view text) {
    text = util::trim(text);
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    std::size_t digits = 0;
    const auto run = [&] {
        for (; at < text.size() && util::is_digit(text[at]); ++at) {
            ++digits;
        }
    };
    run();
    if (at < text.size() && text[at] == '.') {
        ++at;
        run();
    }
    if (digits > 0 && at < text.size() && util::to_lower(text[at]) == 'e') {
        at += at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+') ? 2 : 1;
        const std::size_t before = digits;
        run();
        return digits > before && at == text.size();
    }
    return digits > 0 && at == text.size();
}

bool is_portable_real(std::string_view literal) {
    const Scanned scanned = scan(literal);
    if (scanned.digits.empty()) {
        return true;
    }
    if (scanned.digits.size() > 15 || scanned.exponent > 22 || scanned.exponent < -22) {
        return false;
    }
    double correct = 0;
    const std::string text = scanned.digits + "e" + std::to_string(scanned.exponent);
    std::from_chars(text.data(), text.data() + text.size(), correct);
    long double scale = 1;
    for (int i = 0; i < std::abs(scanned.exponent); ++i) {
        scale *= 10;
    }
    std::int64_t integer = 0;
    std::from_chars(scanned.digits.data(), scanned.digits.data() + scanned.digits.size(), integer);
    const auto significand = static_cast<long double>(integer);
    const auto scaled = static_cast<double>(scanned.exponent < 0 ? significand / scale : significand * scale);
    return scaled == correct;
}

}  // namespace migrate::model
