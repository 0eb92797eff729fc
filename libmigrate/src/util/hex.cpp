#include "util/hex.hpp"

#include <cstddef>

namespace migrate::util {

void append_hex(std::string_view bytes, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    std::size_t at = out.size();
    out.resize(at + bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out[at++] = digits[byte >> 4U];
        out[at++] = digits[byte & 15U];
    }
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    append_hex(bytes, out);
    return out;
}

bool read_hex(std::string_view text, std::string& out) {
    if (text.size() % 2 != 0) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return true;
}

}  // namespace migrate::util
