#pragma once

#include <cstdint>

namespace migrate::util {

/// Rounds towards minus infinity. Requires: b > 0.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace migrate::util
