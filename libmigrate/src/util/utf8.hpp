#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace migrate::util {

/// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing past U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// The offset of the first byte that is not part of well-formed UTF-8, or text.size().
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// One character at the start of a text. size 0 = the text does not start with well-formed UTF-8.
struct Utf8Character {
    std::uint32_t code = 0;
    std::size_t size = 0;
};
[[nodiscard]] Utf8Character decode_utf8(std::string_view text) noexcept;

/// Requires: a Unicode scalar value.
void append_utf8(std::uint32_t code, std::string& out);

/// Requires: well-formed UTF-8. Units: characters.
[[nodiscard]] std::size_t count_utf8(std::string_view text) noexcept;

}  // namespace migrate::util
