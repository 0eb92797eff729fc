#include "support/canonical_json.hpp"

#include <cstdint>
#include <stdexcept>

namespace migrate::test {

namespace {

void append_code_point(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static constexpr std::uint32_t k_lead[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(k_lead[more] | (code >> (6U * static_cast<unsigned>(more))));
    for (int i = more - 1; i >= 0; --i) {
        out += static_cast<char>(0x80U | ((code >> (6U * static_cast<unsigned>(i))) & 0x3FU));
    }
}

std::uint32_t hex4(std::string_view text, std::size_t at) {
    return static_cast<std::uint32_t>(std::stoul(std::string(text.substr(at, 4)), nullptr, 16));
}

// After the opening quote; returns the index behind the closing one.
std::size_t append_string(std::string_view text, std::size_t at, std::string& out) {
    std::string value;
    while (text.at(at) != '"') {
        if (text[at] != '\\') {
            value += text[at++];
            continue;
        }
        const char escape = text.at(at + 1);
        at += 2;
        if (escape == 'u') {
            std::uint32_t code = hex4(text, at);
            at += 4;
            if (code >= 0xD800 && code < 0xDC00) {
                code = 0x10000 + ((code - 0xD800) << 10U) + (hex4(text, at + 2) - 0xDC00);
                at += 6;
            }
            append_code_point(code, value);
        } else {
            static constexpr std::string_view k_from = "bfnrt";
            static constexpr std::string_view k_to = "\b\f\n\r\t";
            const std::size_t known = k_from.find(escape);
            value += known == std::string_view::npos ? escape : k_to[known];
        }
    }
    // The length keeps strings apart from what stands around them.
    out += '"' + std::to_string(value.size()) + ':' + value;
    return at + 1;
}

}  // namespace

std::string canonical_json(std::string_view text, bool lines) {
    std::string out;
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    int depth = 0;
    while (at < text.size()) {
        const char c = text[at++];
        const bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        const bool has_ended = !out.empty() && (out.back() == '}' || out.back() == ']');
        // Values of a sequence end at their last bracket or, being none, at white space.
        if (lines && depth == 0 && !out.empty() && out.back() != '\n' && (is_space || has_ended)) {
            out += '\n';
        }
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        if (c == '"') {
            at = append_string(text, at, out);
        } else if (!is_space) {
            out += c;
        }
    }
    if (lines && out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

}  // namespace migrate::test
