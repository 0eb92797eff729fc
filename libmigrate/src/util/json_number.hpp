#pragma once

#include <string_view>

namespace migrate::util {

/// The whole text is one JSON number (RFC 8259 §6); of any size.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;

}  // namespace migrate::util
