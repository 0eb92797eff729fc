#pragma once

#include <cstddef>
#include <string>

namespace migrate::util {

/// The name itself, or as much of it as leaves room for a hash of the whole: the same name always becomes the
/// same, and two long names that begin alike stay apart. Cut between UTF-8 characters. max_bytes 0 = no
/// limit; else at least 16.
[[nodiscard]] std::string fit_name(const std::string& name, std::size_t max_bytes);

}  // namespace migrate::util
