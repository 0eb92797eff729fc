#pragma once

#include <string>

namespace migrate::cli {

/// Throws: Error{usage}, always.
[[noreturn]] void usage_error(const std::string& message, const std::string& next_step = {});

}  // namespace migrate::cli
