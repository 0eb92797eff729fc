#include "mapping/exact_decimal.hpp"

#include <algorithm>
#include <cstdint>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::mapping {
namespace {

using Wide = __int128;

constexpr std::size_t k_header = 8;
constexpr int k_most_digits = 38;

// Source: PostgreSQL's numeric_send, as in model/decimal_text.cpp.
struct Numeric {
    int groups = 0;
    int weight = 0;
    int sign = 0;  ///< −1, 0, 1; ±2 infinities; 3 NaN.
    int scale = 0;
    std::string_view bytes;

    explicit Numeric(std::string_view numeric) noexcept : bytes(numeric) {
        if (numeric.size() < k_header) {
            return;
        }
        groups = std::min<int>(util::load_big<std::uint16_t>(numeric.data()),
                               static_cast<int>((numeric.size() - k_header) / 2));
        weight = util::load_big<std::int16_t>(numeric.data() + 2);
        scale = util::load_big<std::uint16_t>(numeric.data() + 6);
        switch (util::load_big<std::uint16_t>(numeric.data() + 4)) {
            case 0xC000:
                sign = 3;
                break;
            case 0xD000:
                sign = 2;
                break;
            case 0xF000:
                sign = -2;
                break;
            case 0x4000:
                sign = groups == 0 ? 0 : -1;
                break;
            default:
                sign = groups == 0 ? 0 : 1;
        }
    }
    /// The group that stands for 10000 to the power given.
    [[nodiscard]] int at(int power) const noexcept {
        const int index = weight - power;
        return index < 0 || index >= groups
                   ? 0
                   : util::load_big<std::uint16_t>(bytes.data() + k_header +
                                                   2 * static_cast<std::size_t>(index));
    }
};

bool fits(Wide value) {
    // 10^38 − 1 is below 2^127.
    constexpr Wide k_limit = static_cast<Wide>(10'000'000'000'000'000'000ULL) * 10'000'000'000'000'000'000ULL;
    return value < k_limit && value > -k_limit;
}

std::optional<Wide> times(Wide a, Wide b) {
    Wide out = 0;
    if (__builtin_mul_overflow(a, b, &out) || !fits(out)) {
        return std::nullopt;
    }
    return out;
}

std::optional<Wide> power_of_ten(int exponent) {
    if (exponent > k_most_digits) {
        return std::nullopt;
    }
    Wide out = 1;
    for (int i = 0; i < exponent; ++i) {
        out *= 10;
    }
    return out;
}

std::optional<Wide> shifted(Wide value, int exponent) {
    if (value == 0) {
        return value;
    }
    const auto power = power_of_ten(exponent);
    return power ? times(value, *power) : std::nullopt;
}

Wide rounded_quotient(Wide a, Wide b, Rounding rounding) {
    const Wide whole = a / b;
    const Wide rest = a % b;
    if (rest == 0) {
        return whole;
    }
    const bool negative = (rest < 0) != (b < 0);
    switch (rounding) {
        case Rounding::toward_zero:
            return whole;
        case Rounding::down:
            return negative ? whole - 1 : whole;
        case Rounding::up:
            return negative ? whole : whole + 1;
        case Rounding::half_away:
            break;
    }
    const Wide size = rest < 0 ? -rest : rest;
    const Wide divisor = b < 0 ? -b : b;
    if (size >= divisor - size) {
        return negative ? whole - 1 : whole + 1;
    }
    return whole;
}

struct Aligned {
    Wide a;
    Wide b;
    int scale;
};

std::optional<Aligned> align(const ExactDecimal& a, const ExactDecimal& b) {
    const int scale = std::max(a.scale, b.scale);
    const auto left = shifted(a.unscaled, scale - a.scale);
    const auto right = shifted(b.unscaled, scale - b.scale);
    if (!left || !right) {
        return std::nullopt;
    }
    return Aligned{*left, *right, scale};
}

std::optional<ExactDecimal> checked(Wide unscaled, int scale) {
    return fits(unscaled) && scale <= k_most_digits ? std::optional(ExactDecimal{unscaled, scale})
                                                    : std::nullopt;
}

}  // namespace

std::optional<ExactDecimal> read_exact(std::string_view numeric) {
    const Numeric n(numeric);
    if (n.sign > 1 || n.sign < -1 || n.scale > k_most_digits) {
        return std::nullopt;
    }
    Wide value = 0;
    for (int i = 0; i < n.groups; ++i) {
        const auto next = times(value, 10'000);
        if (!next) {
            return std::nullopt;
        }
        value = *next + n.at(n.weight - i);
    }
    int exponent = 4 * (n.weight - n.groups + 1) + n.scale;
    for (; exponent < 0 && value != 0; ++exponent) {
        value /= 10;  // zeros past the scale
    }
    const auto unscaled = shifted(value, std::max(exponent, 0));
    if (!unscaled) {
        return std::nullopt;
    }
    return checked(n.sign < 0 ? -*unscaled : *unscaled, n.scale);
}

void append_exact(const ExactDecimal& value, std::string& numeric) {
    std::string digits;
    const bool negative = value.unscaled < 0;
    for (Wide left = negative ? -value.unscaled : value.unscaled; left != 0; left /= 10) {
        digits += static_cast<char>('0' + static_cast<int>(left % 10));
    }
    while (digits.size() <= static_cast<std::size_t>(value.scale)) {
        digits += '0';
    }
    if (value.scale > 0) {
        digits.insert(static_cast<std::size_t>(value.scale), 1, '.');
    }
    if (negative) {
        digits += '-';
    }
    std::reverse(digits.begin(), digits.end());
    model::read_decimal(digits, numeric);
}

std::optional<ExactDecimal> add(const ExactDecimal& a, const ExactDecimal& b) {
    const auto both = align(a, b);
    return both ? checked(both->a + both->b, both->scale) : std::nullopt;
}

std::optional<ExactDecimal> subtract(const ExactDecimal& a, const ExactDecimal& b) {
    return add(a, {-b.unscaled, b.scale});
}

std::optional<ExactDecimal> multiply(const ExactDecimal& a, const ExactDecimal& b) {
    const auto product = times(a.unscaled, b.unscaled);
    return product ? checked(*product, a.scale + b.scale) : std::nullopt;
}

std::optional<ExactDecimal> divide(const ExactDecimal& a, const ExactDecimal& b) {
    if (b.unscaled == 0) {
        return std::nullopt;
    }
    int scale = a.scale - b.scale;
    std::optional<Wide> dividend = a.unscaled;
    if (scale < 0) {
        dividend = shifted(*dividend, -scale);
        scale = 0;
    }
    while (dividend && *dividend % b.unscaled != 0) {
        dividend = shifted(*dividend, 1);
        ++scale;
    }
    return dividend ? checked(*dividend / b.unscaled, scale) : std::nullopt;
}

std::optional<ExactDecimal> divide_rounded(const ExactDecimal& a, const ExactDecimal& b, int scale) {
    const int exponent = scale + b.scale - a.scale;
    const auto dividend = shifted(a.unscaled, std::max(exponent, 0));
    const auto divisor = shifted(b.unscaled, std::max(-exponent, 0));
    if (!dividend || !divisor) {
        return std::nullopt;
    }
    return checked(rounded_quotient(*dividend, *divisor, Rounding::half_away), scale);
}

std::optional<ExactDecimal> remainder(const ExactDecimal& a, const ExactDecimal& b) {
    const auto both = align(a, b);
    return both ? checked(both->a % both->b, both->scale) : std::nullopt;
}

std::optional<ExactDecimal> rescale(const ExactDecimal& value, int scale, Rounding rounding) {
    if (scale >= value.scale) {
        const auto unscaled = shifted(value.unscaled, scale - value.scale);
        return unscaled ? checked(*unscaled, scale) : std::nullopt;
    }
    return checked(rounded_quotient(value.unscaled, *power_of_ten(value.scale - scale), rounding), scale);
}

int compare_decimals(std::string_view a, std::string_view b) noexcept {
    const Numeric left(a);
    const Numeric right(b);
    if (left.sign != right.sign) {
        return left.sign < right.sign ? -1 : 1;
    }
    if (left.sign > 1 || left.sign < -1 || left.sign == 0) {
        return 0;
    }
    const int top = std::max(left.weight, right.weight);
    const int bottom = std::min(left.weight - left.groups, right.weight - right.groups) + 1;
    for (int power = top; power >= bottom; --power) {
        if (left.at(power) != right.at(power)) {
            return (left.at(power) < right.at(power)) == (left.sign > 0) ? -1 : 1;
        }
    }
    return 0;
}

}  // namespace migrate::mapping
