#pragma once

#include <cstddef>
#include <string>

namespace migrate::util {

/// Bytes from the system's random source. Throws: Error{resource} where there is none.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// Sixteen lower-case letters and digits (80 random bits) that can be typed, and used as a file name or
/// inside an SQL identifier. Starts with a letter; has none of i, l, o and u, which are easily misread.
[[nodiscard]] std::string random_id();

}  // namespace migrate::util
