#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migrate::mapping {

/// A decimal number of at most 38 digits, for arithmetic that is exact or says that it cannot be. Values are
/// exchanged in numeric_send form (see LogicalType).
struct ExactDecimal {
    __int128 unscaled = 0;
    int scale = 0;  ///< Digits after the point, from 0.
};

/// Nullopt for NaN, infinities, and numbers of more digits than fit.
std::optional<ExactDecimal> read_exact(std::string_view numeric);
/// Appends numeric_send form.
void append_exact(const ExactDecimal& value, std::string& numeric);

// Nullopt where the exact result does not fit; of a quotient also where it has no end, or b is 0.
std::optional<ExactDecimal> add(const ExactDecimal& a, const ExactDecimal& b);
std::optional<ExactDecimal> subtract(const ExactDecimal& a, const ExactDecimal& b);
std::optional<ExactDecimal> multiply(const ExactDecimal& a, const ExactDecimal& b);
std::optional<ExactDecimal> divide(const ExactDecimal& a, const ExactDecimal& b);
/// The quotient at the scale given, half away from zero. Requires: scale from 0 to 38, b not 0.
std::optional<ExactDecimal> divide_rounded(const ExactDecimal& a, const ExactDecimal& b, int scale);
/// With the sign of a. Requires: b not 0.
std::optional<ExactDecimal> remainder(const ExactDecimal& a, const ExactDecimal& b);

enum class Rounding : std::uint8_t { half_away, toward_zero, down, up };
/// At the scale given, from 0 to 38.
std::optional<ExactDecimal> rescale(const ExactDecimal& value, int scale, Rounding rounding);

/// Of any two decimals in numeric_send form, however long: negative, 0 or positive. NaN is equal to itself
/// and above all else.
int compare_decimals(std::string_view a, std::string_view b) noexcept;

}  // namespace migrate::mapping
