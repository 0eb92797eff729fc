#pragma once

#include <chrono>
#include <string>

namespace migrate::util {

/// "2024-02-29T12:34:56.000001Z".
[[nodiscard]] std::string iso_utc(std::chrono::system_clock::time_point time);

/// "20240229T123456Z", for file names.
[[nodiscard]] std::string compact_utc(std::chrono::system_clock::time_point time);

}  // namespace migrate::util
