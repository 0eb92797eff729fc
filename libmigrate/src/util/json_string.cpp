#include "util/json_string.hpp"

#include <cstddef>

#include "util/hex.hpp"

namespace migrate::util {
namespace {

constexpr char short_escape(char c) noexcept {
    switch (c) {
        case '"':
        case '\\':
            return c;
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return '\0';
    }
}

constexpr bool needs_escape(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape(text[i])) {
            continue;
        }
        out += text.substr(done, i - done);
        done = i + 1;
        if (const char letter = short_escape(text[i]); letter != '\0') {
            out += '\\';
            out += letter;
        } else {
            out += "\\u00";
            append_hex(text.substr(i, 1), out);
        }
    }
    out += text.substr(done);
    out += '"';
}

}  // namespace migrate::util
