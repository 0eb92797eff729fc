#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

/// Big-endian integers in byte buffers, as PostgreSQL's wire and the canonical row bytes have them.
namespace migrate::util {

[[nodiscard]] constexpr std::uint16_t swap_bytes(std::uint16_t v) noexcept {
    return __builtin_bswap16(v);
}
[[nodiscard]] constexpr std::uint32_t swap_bytes(std::uint32_t v) noexcept {
    return __builtin_bswap32(v);
}
[[nodiscard]] constexpr std::uint64_t swap_bytes(std::uint64_t v) noexcept {
    return __builtin_bswap64(v);
}

/// Writes the integer at `to`, which has sizeof(value) bytes of room.
template <std::integral T>
void store_big(char* to, T value) noexcept {
    auto bits = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (sizeof(T) > 1 && std::endian::native == std::endian::little) {
        bits = swap_bytes(bits);
    }
    std::memcpy(to, &bits, sizeof(bits));
}

template <std::integral T>
[[nodiscard]] T load_big(const char* from) noexcept {
    std::make_unsigned_t<T> bits{};
    std::memcpy(&bits, from, sizeof(bits));
    if constexpr (sizeof(T) > 1 && std::endian::native == std::endian::little) {
        bits = swap_bytes(bits);
    }
    return static_cast<T>(bits);
}

template <std::integral T>
void append_big(std::string& out, T value) {
    char bytes[sizeof(T)];
    store_big(bytes, value);
    out.append(bytes, sizeof(T));
}

}  // namespace migrate::util
