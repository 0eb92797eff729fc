#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Numbers as people read them.
namespace migrate::util {

/// "4,329,701".
[[nodiscard]] std::string human_count(std::uint64_t count);
/// "1 row points", "4,329,701 rows point".
[[nodiscard]] std::string human_rows(std::uint64_t count, const std::string& one, const std::string& many);
/// "734.2 MB"; powers of 1000.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "0.42 s", "3 min 12 s".
[[nodiscard]] std::string human_duration(std::chrono::milliseconds duration);

}  // namespace migrate::util
