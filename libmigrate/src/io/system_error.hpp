#pragma once

#include <string>

namespace migrate::io {

/// Throws the Error that says "cannot WHAT PATH: reason", its code chosen by `error` (an errno value).
[[noreturn]] void throw_system_error(const std::string& what, const std::string& path, int error);

}  // namespace migrate::io
