#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// Two lower-case digits for each byte.
void append_hex(std::string_view bytes, std::string& out);
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// Either case. False, with `out` unspecified, unless the text is an even number of hexadecimal digits.
bool read_hex(std::string_view text, std::string& out);

/// The value of a hexadecimal digit, or −1.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace migrate::util
