#include "property/random_text.hpp"

#include <array>
#include <cstdio>

namespace migrate::property {
namespace {

std::string utf8(std::uint32_t code) {
    std::string out;
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | code >> 6U);
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
    return out;
}

std::string folded(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return text;
}

std::string swapped_case(std::string text) {
    for (char& c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        c = letter ? static_cast<char>(c ^ 32) : c;
    }
    return text;
}

std::string doubled(const std::string& text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out.append(c == quote ? 2 : 1, c);
    }
    return out + quote;
}

/// At most so many bytes, cut between characters.
std::string cut(std::string text, std::size_t bytes) {
    if (text.size() > bytes) {
        while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
            --bytes;
        }
        text.resize(bytes);
    }
    return text;
}

constexpr std::array k_reserved = {"select", "Table", "order",  "group",    "user",  "values",    "default",
                                   "index",  "rowid", "_id",    "id",       "check", "primary",   "all",
                                   "oid",    "ctid",  "xmin",   "tableoid", "null",  "true",      "limit",
                                   "key",    "desc",  "public", "_rowid_",  "value", "_parent_id"};

constexpr std::array k_odd_names = {"a\"b",   "a'b",   "line\nbreak", "tab\there", "a.b", "a b",  " lead",
                                    "trail ", "a;b--", "[x]",         "`y`",       "$1",  "%s",   ":p",
                                    "\\",     "a/b",   "..",          "ä",         "Ä",   "İ",    "ß",
                                    "名前",   "🦜",  "e\u0301",     "é",         "ｆ",  "*",    "?",
                                    "#",      "a%20b", "-",           "1",         "1e5", "\x7f", "\x01"};

}  // namespace

std::string literal(const std::string& text) {
    return doubled(text, '\'');
}

std::string in_double_quotes(const std::string& name) {
    return doubled(name, '"');
}

std::string hex_of(const std::string& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

std::string RandomText::character() {
    switch (m_random.between(0, 9)) {
        case 0:
            return utf8(static_cast<std::uint32_t>(m_random.between(0x01, 0x1F)));
        case 1:
            return utf8(static_cast<std::uint32_t>(m_random.between(0x80, 0x7FF)));
        case 2:
            return utf8(static_cast<std::uint32_t>(m_random.between(0x800, 0xD7FF)));
        case 3:
            return utf8(static_cast<std::uint32_t>(m_random.between(0xE000, 0xFFFF)));
        case 4:
            return utf8(static_cast<std::uint32_t>(m_random.between(0x10000, 0x10FFFF)));
        default:
            return utf8(static_cast<std::uint32_t>(m_random.between(0x20, 0x7E)));
    }
}

std::string RandomText::unicode(std::int64_t characters) {
    std::string out;
    for (std::int64_t i = 0; i < characters; ++i) {
        out += character();
    }
    return out;
}

std::string RandomText::word() {
    std::string out;
    for (std::int64_t i = m_random.between(1, 9); i > 0; --i) {
        out += static_cast<char>('a' + m_random.between(0, 25));
    }
    return out;
}

std::string RandomText::any_name() {
    switch (m_random.between(0, 9)) {
        case 0:
            return m_random.pick(k_reserved);
        case 1:
            return m_random.pick(k_odd_names);
        case 2:
            return unicode(m_random.between(1, 12));
        case 3:
            return m_random.chance(20)
                       ? unicode(m_random.between(40, 200))
                       : std::string(static_cast<std::size_t>(m_random.between(55, 70)), 'n') + word();
        case 4:
            return swapped_case(m_last);
        default:
            return word();
    }
}

std::string RandomText::quoted_name() {
    return quoted_name(1000);
}

std::string RandomText::quoted_name(std::size_t max_bytes) {
    for (;;) {
        const std::string name = cut(any_name(), max_bytes);
        if (!name.empty() && m_taken.insert(folded(name)).second) {
            m_last = name;
            return in_double_quotes(name);
        }
    }
}

std::string RandomText::uuid(bool upper) {
    std::string out = hex_of(m_random.bytes(16));
    for (const std::size_t at : {8U, 13U, 18U, 23U}) {
        out.insert(at, "-");
    }
    return upper ? swapped_case(out) : out;
}

std::string RandomText::date() {
    char text[32];
    std::snprintf(text, sizeof(text), "%04d-%02d-%02d", static_cast<int>(m_random.between(1, 9999)),
                  static_cast<int>(m_random.between(1, 12)), static_cast<int>(m_random.between(1, 28)));
    return text;
}

std::string RandomText::clock(int fraction_digits) {
    char text[32];
    std::snprintf(text, sizeof(text), "%02d:%02d:%02d", static_cast<int>(m_random.between(0, 23)),
                  static_cast<int>(m_random.between(0, 59)), static_cast<int>(m_random.between(0, 59)));
    return fraction_digits == 0 ? text : std::string(text) + "." + m_random.digits(fraction_digits);
}

std::string RandomText::integer(std::int64_t digits) {
    return (m_random.chance(40) ? "-" : "") + std::to_string(m_random.between(1, 9)) +
           m_random.digits(digits - 1);
}

std::string RandomText::json_string() {
    std::string out = "\"";
    for (const char c : m_random.chance(60) ? word() : unicode(m_random.between(0, 6))) {
        const bool control = static_cast<unsigned char>(c) < 0x20;
        char escape[8];
        std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
        out += control                 ? std::string(escape)
               : c == '"' || c == '\\' ? std::string("\\") + c
                                       : std::string(1, c);
    }
    return out + (m_random.chance(3) ? "\\u0000" : "") + (m_random.chance(3) ? "\\ud83e\\udd9c" : "") + "\"";
}

std::string RandomText::json_number() {
    constexpr std::array odd = {"0",
                                "-0",
                                "-0.0",
                                "1.0",
                                "1.50e3",
                                "1e400",
                                "1E-400",
                                "9007199254740993",
                                "18446744073709551616",
                                "9223372036854775807",
                                "-9223372036854775808",
                                "0.1",
                                "1e+2",
                                "123456789.123456789",
                                "5e-324",
                                "100",
                                "2.5"};
    return m_random.chance(50) ? m_random.pick(odd) : integer(m_random.between(1, 12));
}

std::string RandomText::json(int depth) {
    const auto kind = m_random.between(0, depth > 0 ? 7 : 4);
    std::string list;
    switch (kind) {
        case 0:
            return "null";
        case 1:
            return m_random.chance(50) ? "true" : "false";
        case 2:
            return json_number();
        case 3:
        case 4:
            return json_string();
        case 5:
        case 6:
            for (auto i = m_random.between(0, 3); i > 0; --i) {
                list += (list.empty() ? "" : ", ") + ("\"" + std::to_string(i) + word() + "\": ") +
                        json(depth - 1);
            }
            return "{" + list + "}";
        default:
            for (auto i = m_random.between(0, 3); i > 0; --i) {
                list += (list.empty() ? "" : ",") + json(depth - 1);
            }
            return "[" + list + "]";
    }
}

}  // namespace migrate::property
