#include "util/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace migrate::util {
namespace {

constexpr char k_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t k_not_a_digit = 0xFFFFFFFF;

constexpr std::array<std::uint32_t, 256> make_values() {
    std::array<std::uint32_t, 256> values{};
    values.fill(k_not_a_digit);
    for (std::uint32_t i = 0; i < 64; ++i) {
        values[static_cast<unsigned char>(k_alphabet[i])] = i;
    }
    return values;
}

constexpr std::array<std::uint32_t, 256> k_values = make_values();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

constexpr std::uint32_t value_at(std::string_view text, std::size_t index) {
    return k_values[byte_at(text, index)];
}

/// The last group, of two or three digits. The bits beyond the last byte must be zero, or two texts would
/// stand for the same bytes.
bool read_last_group(std::string_view digits, std::string& out) {
    if (digits.size() < 2) {
        return false;
    }
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::uint32_t value = value_at(digits, i);
        if (value == k_not_a_digit) {
            return false;
        }
        group |= value << (18 - 6 * i);
    }
    const std::size_t byte_count = digits.size() == 3 ? 2 : 1;
    if ((group & (0xFFFFFFU >> (8 * byte_count))) != 0) {
        return false;
    }
    for (std::size_t i = 0; i < byte_count; ++i) {
        out.push_back(static_cast<char>(group >> (16 - 8 * i)));
    }
    return true;
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
    std::size_t at = out.size();
    out.resize(at + (bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group =
            byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
        out[at++] = k_alphabet[group >> 18U];
        out[at++] = k_alphabet[group >> 12U & 63U];
        out[at++] = k_alphabet[group >> 6U & 63U];
        out[at++] = k_alphabet[group & 63U];
    }
    if (i == bytes.size()) {
        return;
    }
    const bool two_left = i + 2 == bytes.size();
    const std::uint32_t group = byte_at(bytes, i) << 16U | (two_left ? byte_at(bytes, i + 1) << 8U : 0U);
    out[at++] = k_alphabet[group >> 18U];
    out[at++] = k_alphabet[group >> 12U & 63U];
    out[at++] = two_left ? k_alphabet[group >> 6U & 63U] : '=';
    out[at] = '=';
}

bool read_base64(std::string_view text, std::string& out) {
    if (text.size() % 4 != 0) {
        return false;
    }
    std::size_t digits = text.size();
    while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') {
        --digits;
    }
    out.reserve(out.size() + digits / 4 * 3 + 2);
    std::size_t i = 0;
    for (; i + 4 <= digits; i += 4) {
        const std::uint32_t a = value_at(text, i);
        const std::uint32_t b = value_at(text, i + 1);
        const std::uint32_t c = value_at(text, i + 2);
        const std::uint32_t d = value_at(text, i + 3);
        if ((a | b | c | d) == k_not_a_digit) {
            return false;
        }
        const std::uint32_t group = a << 18U | b << 12U | c << 6U | d;
        out.push_back(static_cast<char>(group >> 16U));
        out.push_back(static_cast<char>(group >> 8U));
        out.push_back(static_cast<char>(group));
    }
    return i == digits || read_last_group(text.substr(i, digits - i), out);
}

}  // namespace migrate::util
