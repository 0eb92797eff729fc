#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace migrate::util {

/// Every byte but ASCII letters, digits, '-', '_', '.', '~' and those in `also_kept` becomes %XX
/// (upper-case).
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view also_kept = {});

/// Nullopt where a '%' is not followed by two hexadecimal digits. '+' stays '+'.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace migrate::util
