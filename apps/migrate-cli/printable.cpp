#include "printable.hpp"

#include <array>

#include <fmt/format.h>

namespace migrate::cli {

namespace {

/// One character of a UTF-8 text: its code point and bytes; code −1 and one byte where it is none.
struct Character {
    std::int32_t code = -1;
    std::size_t bytes = 1;
};

Character next_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) {
        return {};
    }
    std::int32_t code = lead & (0x7F >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) {
            return {};
        }
        code = (code << 6) | (byte & 0x3F);
    }
    constexpr std::array<std::int32_t, 5> k_least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < k_least[bytes] || code > 0x10FFFF || surrogate) {
        return {};
    }
    return {code, bytes};
}

/// C0, DEL, C1, line and paragraph separators, and the characters that reorder what follows.
bool is_control(std::int32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xFEFF;
}

std::string escaped(std::int32_t code) {
    switch (code) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            return code < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{{{:04x}}}", code);
    }
}

std::string escape(std::string_view text, bool keep_lines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character character = next_character(text);
        if (character.code < 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        } else if (is_control(character.code) && !(keep_lines && character.code == '\n')) {
            out += escaped(character.code);
        } else {
            out += text.substr(0, character.bytes);
        }
        text.remove_prefix(character.bytes);
    }
    return out;
}

/// Wide in East Asian terminals; combining marks take none. Ranges from Unicode's EastAsianWidth, coarse.
std::size_t width_of(std::int32_t code) {
    if ((code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200D)) {
        return 0;
    }
    const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                      (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                      (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                      (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
    return wide ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
    return escape(text, false);
}

std::string printable_lines(std::string_view text) {
    return escape(text, true);
}

std::string printable_json(std::string_view document) {
    std::string out;
    out.reserve(document.size());
    while (!document.empty()) {
        const Character character = next_character(document);
        if (character.code < 0) {
            out += "\\ufffd";
        } else if (character.code >= 0x7F && is_control(character.code)) {
            out += fmt::format("\\u{:04x}", character.code);
        } else {
            out += document.substr(0, character.bytes);
        }
        document.remove_prefix(character.bytes);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Character character = next_character(text);
        columns += width_of(character.code);
        text.remove_prefix(character.bytes);
    }
    return columns;
}

std::string fit(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) {
        return std::string(text);
    }
    std::string out;
    std::size_t used = 1;  // the ellipsis
    while (!text.empty()) {
        const Character character = next_character(text);
        used += width_of(character.code);
        if (used > columns) {
            break;
        }
        out += text.substr(0, character.bytes);
        text.remove_prefix(character.bytes);
    }
    return columns == 0 ? std::string() : out + "…";
}

std::string pad_right(std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(width < columns ? columns - width : 0, ' ') + std::string(text);
}

std::string human_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, ",");
    }
    return digits;
}

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> k_units{"kB", "MB", "GB", "TB", "PB"};
    if (bytes < 1000) {
        return fmt::format("{} B", bytes);
    }
    auto amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (amount >= 999.95 && unit + 1 < k_units.size()) {
        amount /= 1000;
        ++unit;
    }
    return fmt::format("{:.1f} {}", amount, k_units[unit]);
}

std::string human_time(std::chrono::milliseconds time) {
    const auto total = time.count();
    if (total < 1000) {
        return fmt::format("{} ms", total);
    }
    if (total < 10'000) {
        return fmt::format("{:.1f} s", static_cast<double>(total) / 1000);
    }
    const auto seconds = total / 1000;
    if (seconds < 60) {
        return fmt::format("{} s", seconds);
    }
    if (seconds < 3600) {
        return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
    }
    return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace migrate::cli
