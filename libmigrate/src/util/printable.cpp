#include "util/printable.hpp"

#include <charconv>
#include <cstdint>

#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::util {
namespace {

/// Characters that could move the cursor, break the line or show what follows in another order.
constexpr bool is_unsafe(std::uint32_t code) noexcept {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xFEFF;
}

void append_escape(std::uint32_t code, std::string& out) {
    switch (code) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof(digits), code, 16).ptr;
    out += "\\u{";
    out.append(digits, end);
    out += '}';
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character character = decode_utf8(text);
        if (character.size == 0) {
            out += "\\x";
            append_hex(text.substr(0, 1), out);
            text.remove_prefix(1);
            continue;
        }
        if (is_unsafe(character.code)) {
            append_escape(character.code, out);
        } else {
            out += text.substr(0, character.size);
        }
        text.remove_prefix(character.size);
    }
    return out;
}

}  // namespace migrate::util
