#include "backends/postgresql/variant_json.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::postgresql {
namespace {

void append_tagged(const char* tag, std::string_view bytes, std::string& out) {
    out += fmt::format("{{\"{}\":\"", tag);
    model::append_base64(bytes, out);
    out += "\"}";
}

void append_real(double value, std::string& out) {
    if (!std::isfinite(value)) {
        out += R"({"$real":")";
        model::append_float64(value, out);
        out += "\"}";
        return;
    }
    const std::size_t start = out.size();
    model::append_float64(value, out);
    // Without a point it would read back as an integer.
    if (out.find_first_of(".eE", start) == std::string::npos) {
        out += ".0";
    }
}

bool read_hex4(std::string_view& json, std::uint32_t& code) {
    if (json.size() < 4) {
        return false;
    }
    code = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = json[static_cast<std::size_t>(i)];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return false;
        }
        code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    json.remove_prefix(4);
    return true;
}

bool read_escape(std::string_view& json, std::string& out) {
    constexpr std::string_view k_letters = "\"\\/bfnrt";
    constexpr std::string_view k_meaning = "\"\\/\b\f\n\r\t";
    const char letter = json.front();
    json.remove_prefix(1);
    if (const auto at = k_letters.find(letter); at != std::string_view::npos) {
        out += k_meaning[at];
        return true;
    }
    std::uint32_t code = 0;
    if (letter != 'u' || !read_hex4(json, code)) {
        return false;
    }
    if (code >= 0xD800 && code < 0xDC00) {
        std::uint32_t low = 0;
        if (!json.starts_with("\\u")) {
            return false;
        }
        json.remove_prefix(2);
        if (!read_hex4(json, low) || low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    util::append_utf8(code, out);
    return true;
}

/// Takes a whole JSON string, quotes included, off the front.
bool read_string(std::string_view& json, std::string& out) {
    if (json.empty() || json.front() != '"') {
        return false;
    }
    json.remove_prefix(1);
    while (!json.empty() && json.front() != '"') {
        if (json.front() != '\\') {
            out += json.front();
            json.remove_prefix(1);
            continue;
        }
        json.remove_prefix(1);
        if (json.empty() || !read_escape(json, out)) {
            return false;
        }
    }
    if (json.empty()) {
        return false;
    }
    json.remove_prefix(1);
    return true;
}

void append_eight(char kind, std::uint64_t bits, ColumnVector& column) {
    char* room = column.append_room(9);
    room[0] = kind;
    util::store_big(room + 1, bits);
}

void append_text(char kind, std::string_view text, ColumnVector& column) {
    char* room = column.append_room(text.size() + 1);
    room[0] = kind;
    std::memcpy(room + 1, text.data(), text.size());
}

bool append_tagged_from(std::string_view json, ColumnVector& column) {
    std::string tag;
    std::string value;
    json.remove_prefix(1);
    if (!read_string(json, tag) || !json.starts_with(':')) {
        return false;
    }
    json.remove_prefix(1);
    if (!read_string(json, value) || json != "}") {
        return false;
    }
    if (tag == "$real") {
        double real = 0;
        if (!model::read_float64(value, real)) {
            return false;
        }
        append_eight('r', std::bit_cast<std::uint64_t>(real), column);
        return true;
    }
    std::string bytes;
    if ((tag != "$blob" && tag != "$text") || !model::read_base64(value, bytes)) {
        return false;
    }
    append_text(tag == "$blob" ? 'b' : 't', bytes, column);
    return true;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

bool append_text_from_json(std::string_view json, ColumnVector& column) {
    std::string text;
    if (!read_string(json, text) || !json.empty()) {
        return false;
    }
    column.append_bytes(text);
    return true;
}

void append_variant_json(std::string_view variant, std::string& out) {
    const std::string_view value = variant.substr(1);
    switch (variant.front()) {
        case 'i':
            fmt::format_to(std::back_inserter(out), "{}",
                           static_cast<std::int64_t>(util::load_big<std::uint64_t>(value.data())));
            break;
        case 'r':
            append_real(std::bit_cast<double>(util::load_big<std::uint64_t>(value.data())), out);
            break;
        case 't':
            if (util::is_valid_utf8(value)) {
                append_json_string(value, out);
            } else {
                append_tagged("$text", value, out);
            }
            break;
        default:
            append_tagged("$blob", value, out);
            break;
    }
}

bool append_variant_from_json(std::string_view json, ColumnVector& column) {
    if (json.empty()) {
        return false;
    }
    if (json.front() == '"') {
        std::string text;
        if (!read_string(json, text) || !json.empty()) {
            return false;
        }
        append_text('t', text, column);
        return true;
    }
    if (json.front() == '{') {
        return append_tagged_from(json, column);
    }
    std::int64_t integer = 0;
    if (model::read_int64(json, integer)) {
        append_eight('i', static_cast<std::uint64_t>(integer), column);
        return true;
    }
    double real = 0;
    if (json.find_first_of(".eE") == std::string_view::npos) {
        return false;
    }
    // What append_real added for the sake of the point is no part of the number's one spelling.
    if (!model::read_float64(json.ends_with(".0") ? json.substr(0, json.size() - 2) : json, real)) {
        return false;
    }
    append_eight('r', std::bit_cast<std::uint64_t>(real), column);
    return true;
}

}  // namespace migrate::backends::postgresql
