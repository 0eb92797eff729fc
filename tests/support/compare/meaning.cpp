#include "support/compare/meaning.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace migrate::test {
namespace {

using Kind = Value::Kind;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

template <typename Float>
std::string shortest(Float value) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    return {text, end};
}

std::string float_meaning(const std::string& text, bool is_small) {
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
        return text;
    }
    if (text == "-zero") {
        return "-0";  // SQLite keeps it so: as a number it would lose its sign.
    }
    if (lower(text) == "inf" || lower(text) == "-inf") {
        return text[0] == '-' ? "-Infinity" : "Infinity";
    }
    char* end = nullptr;
    const std::string form =
        is_small ? shortest(std::strtof(text.c_str(), &end)) : shortest(std::strtod(text.c_str(), &end));
    return *end == '\0' && !text.empty() ? form : "no number " + text;
}

std::string boolean_meaning(const std::string& text) {
    const std::string word = lower(text);
    for (const char* const yes : {"1", "t", "true", "y", "yes", "on"}) {
        if (word == yes) {
            return "true";
        }
    }
    for (const char* const no : {"0", "f", "false", "n", "no", "off"}) {
        if (word == no) {
            return "false";
        }
    }
    return "no boolean " + text;
}

std::string bytes_meaning(const Value& value) {
    if (value.kind == Kind::server) {
        return value.text.substr(0, 2) == "\\x" ? value.text.substr(2) : "no bytes " + value.text;
    }
    return hex(value.kind == Kind::string ? decode_base64(value.text) : value.text);
}

std::string uuid_meaning(const Value& value) {
    if (value.kind == Kind::blob) {
        return hex(value.text);
    }
    std::string text = lower(value.text);
    text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
    return text;
}

/// The storage class with the value, as a column of SQLite without a type has it.
std::string variant_meaning(const Value& value) {
    switch (value.kind) {
        case Kind::integer:
            return "integer " + value.text;
        case Kind::real:
            return "real " + float_meaning(value.text, false);
        case Kind::number:
            return value.text.find_first_of(".eE") == std::string::npos
                       ? "integer " + value.text
                       : "real " + float_meaning(value.text, false);
        case Kind::blob:
            return "blob " + hex(value.text);
        default:
            return "text " + value.text;
    }
}

/// Without what the server's locale adds.
std::string money_meaning(std::string text) {
    std::erase_if(text, [](char c) { return c == '$' || c == ','; });
    return number_meaning(text);
}

std::string trimmed_right(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

bool is_json(const std::string& type) {
    return type == "json" || type == "jsonb";
}

bool is_moment(const std::string& type) {
    return type == "date" || type == "timestamp" || type == "timestamptz";
}

}  // namespace

std::string decode_base64(const std::string& text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) {
            break;
        }
        bits = bits << 6U | static_cast<unsigned>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
        }
    }
    return out;
}

std::string number_meaning(const std::string& text) {
    std::string digits;
    long exponent = 0;
    std::size_t at = text.find_first_of("+-") == 0 ? 1 : 0;
    bool fraction = false;
    for (; at < text.size() && (text[at] == '.' || (text[at] >= '0' && text[at] <= '9')); ++at) {
        if (text[at] == '.') {
            fraction = true;
            continue;
        }
        digits += text[at];
        exponent -= fraction ? 1 : 0;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        exponent += std::strtol(text.c_str() + at + 1, nullptr, 10);
        at = text.size();
    }
    if (digits.empty() || at != text.size()) {
        return "no number " + text;
    }
    digits.erase(0, digits.find_first_not_of('0'));
    while (!digits.empty() && digits.back() == '0') {
        digits.pop_back();
        ++exponent;
    }
    if (digits.empty()) {
        return "0";
    }
    constexpr long most_zeros = 30;
    const bool plain = exponent >= 0 && exponent <= most_zeros;
    digits += plain ? std::string(static_cast<std::size_t>(exponent), '0') : "e" + std::to_string(exponent);
    return (text[0] == '-' ? "-" : "") + digits;
}

std::string meaning(const Value& original, const std::string& type, const Reading& reading) {
    const Value value = unwrap(original);
    if (value.kind == Kind::null) {
        return "\x01NULL";
    }
    if (type == "bool") {
        return boolean_meaning(value.text);
    }
    if (type == "int2" || type == "int4" || type == "int8" || (type == "numeric" && !reading.keep_scale)) {
        const bool special = type == "numeric" && !value.text.empty() && value.text.find_first_of("NI") < 2;
        return special ? value.text : number_meaning(value.text);
    }
    if (type == "float4" || type == "float8") {
        return float_meaning(value.text, type == "float4");
    }
    if (type == "money") {
        return money_meaning(value.text);
    }
    if (type == "bytea") {
        return bytes_meaning(value);
    }
    if (is_moment(type)) {
        return moment_meaning(value, type == "date", reading.unit);
    }
    if (type == "time" || type == "timetz") {
        return clock_meaning(value.text);
    }
    if (type == "uuid") {
        return uuid_meaning(value);
    }
    if (is_json(type)) {
        return reading.variants ? variant_meaning(variant_of_json(value)) : json_meaning(value);
    }
    if (type == "variant") {
        return variant_meaning(value);
    }
    if (type == "bpchar") {
        return trimmed_right(value.text);
    }
    return type.starts_with('_') ? array_meaning(value, type == "_bool") : value.text;
}

Reading choose_reading(const std::vector<Value>& left, const std::vector<Value>& right,
                       const std::string& type) {
    Reading reading;
    const auto holds = [&](auto wanted) {
        const auto is_wanted = [&wanted](const Value& v) { return v.kind == Kind::null || wanted(v.kind); };
        return std::all_of(left.begin(), left.end(), is_wanted) &&
               std::all_of(right.begin(), right.end(), is_wanted);
    };
    reading.keep_scale = holds([](Kind kind) { return kind != Kind::integer && kind != Kind::real; });
    const auto meanings = [&](const std::vector<Value>& values) {
        std::vector<std::string> out;
        out.reserve(values.size());
        for (const Value& value : values) {
            out.push_back(meaning(value, type, reading));
        }
        std::sort(out.begin(), out.end());
        return out;
    };
    if (is_json(type)) {
        reading.variants = meanings(left) != meanings(right);
        return reading;
    }
    if (!is_moment(type)) {
        return reading;
    }
    for (const Reading::Unit unit : {Reading::Unit::seconds, Reading::Unit::milliseconds,
                                     Reading::Unit::microseconds, Reading::Unit::julian_days}) {
        reading.unit = unit;
        if (meanings(left) == meanings(right)) {
            return reading;
        }
    }
    reading.unit = Reading::Unit::seconds;
    return reading;
}

}  // namespace migrate::test
