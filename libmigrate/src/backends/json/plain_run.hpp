#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace migrate::backends::json {

/// How many bytes from `at` on a JSON string can hold as they are, without anybody looking at them: all but a
/// quote, a backslash, a control character and the bytes of a multi-byte character.
inline std::size_t plain_run(const char* at, const char* end) {
    constexpr std::uint64_t k_ones = 0x0101010101010101U;
    constexpr std::uint64_t k_highs = 0x8080808080808080U;
    // A high bit in every byte that is zero. A borrow can mark bytes above a zero byte too, never below it,
    // so the lowest mark is right.
    const auto zero_bytes = [](std::uint64_t word) { return (word - k_ones) & ~word & k_highs; };
    const char* p = at;
    if constexpr (std::endian::native == std::endian::little) {
        for (; end - p >= 8; p += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, p, sizeof word);
            const std::uint64_t stops = (word & k_highs) | zero_bytes(word ^ (k_ones * '"')) |
                                        zero_bytes(word ^ (k_ones * '\\')) |
                                        ((word - k_ones * 0x20U) & ~word & k_highs);
            if (stops != 0) {
                return static_cast<std::size_t>(p - at) +
                       static_cast<std::size_t>(std::countr_zero(stops)) / 8;
            }
        }
    }
    for (; p != end; ++p) {
        const auto c = static_cast<unsigned char>(*p);
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            break;
        }
    }
    return static_cast<std::size_t>(p - at);
}

}  // namespace migrate::backends::json
