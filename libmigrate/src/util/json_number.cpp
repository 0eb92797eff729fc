#include "util/json_number.hpp"

#include <cstddef>

#include "util/ascii.hpp"

namespace migrate::util {
namespace {

std::size_t take_digits(std::string_view& text) noexcept {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        ++count;
    }
    text.remove_prefix(count);
    return count;
}

bool take(std::string_view& text, char c) noexcept {
    if (!text.starts_with(c)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

}  // namespace

bool is_json_number(std::string_view text) noexcept {
    take(text, '-');
    const bool leading_zero = text.starts_with('0');
    const std::size_t whole = take_digits(text);
    if (whole == 0 || (leading_zero && whole > 1)) {
        return false;
    }
    if (take(text, '.') && take_digits(text) == 0) {
        return false;
    }
    if (take(text, 'e') || take(text, 'E')) {
        if (!take(text, '+')) {
            take(text, '-');
        }
        if (take_digits(text) == 0) {
            return false;
        }
    }
    return text.empty();
}

}  // namespace migrate::util
