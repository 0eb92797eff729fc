#pragma once

#include <array>
#include <cstdint>
#include <cstring>

/// Decimal digits into a buffer whose room the caller has seen to.
namespace migrate::util {

namespace detail {
constexpr std::array<char, 200> make_pairs() {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}
inline constexpr std::array<char, 200> k_pairs = make_pairs();
}  // namespace detail

/// The last two digits of the value.
inline char* put_two(char* to, std::uint64_t value) noexcept {
    std::memcpy(to, &detail::k_pairs[2 * (value % 100)], 2);
    return to + 2;
}

/// The last four digits of the value.
inline char* put_four(char* to, std::uint64_t value) noexcept {
    return put_two(put_two(to, value / 100), value);
}

/// The last six digits of the value.
inline char* put_six(char* to, std::uint64_t value) noexcept {
    return put_four(put_two(to, value / 10'000), value);
}

}  // namespace migrate::util
