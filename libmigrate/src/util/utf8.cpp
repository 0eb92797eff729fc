#include "util/utf8.hpp"

#include <cstring>

namespace migrate::util {
namespace {

constexpr std::uint64_t k_high_bits = 0x8080808080808080ULL;

std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept {
    while (text.size() - at >= sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, sizeof(eight));
        if ((eight & k_high_bits) != 0) {
            break;
        }
        at += sizeof(eight);
    }
    if (at < text.size() && text.size() >= sizeof(std::uint64_t)) {
        // The last eight, some of them once more: mostly all that is left.
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + text.size() - sizeof(eight), sizeof(eight));
        if ((eight & k_high_bits) == 0 && text.size() - at < sizeof(eight)) {
            return text.size();
        }
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) {
        ++at;
    }
    return at;
}

constexpr bool is_continuation(unsigned char byte) noexcept {
    return (byte & 0xC0U) == 0x80;
}

/// What a lead byte says: how many bytes follow, its own bits, and the range its second byte must be in
/// (which is what rules out overlong forms, surrogates and codes past U+10FFFF).
struct Lead {
    std::size_t following = 0;
    std::uint32_t bits = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
};

constexpr Lead classify(unsigned char byte) noexcept {
    if (byte >= 0xC2 && byte <= 0xDF) {
        return {1, byte & 0x1FU, 0x80, 0xBF};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        return {2, byte & 0x0FU, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
                static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        return {3, byte & 0x07U, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
                static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
    }
    return {};
}

}  // namespace

Utf8Character decode_utf8(std::string_view text) noexcept {
    if (text.empty()) {
        return {};
    }
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) {
        return {first, 1};
    }
    const Lead lead = classify(first);
    if (lead.following == 0 || text.size() <= lead.following) {
        return {};
    }
    const auto second = static_cast<unsigned char>(text[1]);
    if (second < lead.low || second > lead.high) {
        return {};
    }
    std::uint32_t code = lead.bits << 6U | (second & 0x3FU);
    for (std::size_t i = 2; i <= lead.following; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (!is_continuation(byte)) {
            return {};
        }
        code = code << 6U | (byte & 0x3FU);
    }
    return {code, lead.following + 1};
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
    std::size_t at = skip_ascii(text, 0);
    while (at < text.size()) {
        const Utf8Character character = decode_utf8(text.substr(at));
        if (character.size == 0) {
            return at;
        }
        at += character.size;
        if (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) {
            at = skip_ascii(text, at);
        }
    }
    return at;
}

bool is_valid_utf8(std::string_view text) noexcept {
    return find_invalid_utf8(text) == text.size();
}

void append_utf8(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
        return;
    }
    if (code < 0x800) {
        out.push_back(static_cast<char>(0xC0U | code >> 6U));
    } else {
        if (code < 0x10000) {
            out.push_back(static_cast<char>(0xE0U | code >> 12U));
        } else {
            out.push_back(static_cast<char>(0xF0U | code >> 18U));
            out.push_back(static_cast<char>(0x80U | (code >> 12U & 0x3FU)));
        }
        out.push_back(static_cast<char>(0x80U | (code >> 6U & 0x3FU)));
    }
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
}

std::size_t count_utf8(std::string_view text) noexcept {
    std::size_t count = 0;
    for (const char c : text) {
        count += is_continuation(static_cast<unsigned char>(c)) ? 0U : 1U;
    }
    return count;
}

}  // namespace migrate::util
