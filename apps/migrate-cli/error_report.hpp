#pragma once

#include <string>

#include <migrate/error.hpp>

namespace migrate::cli {

/// "migrate-cli: what", "  where" and "  next: …", a line each.
std::string error_text(const Error& error);

/// The same for an end that is no exception.
std::string error_text(const std::string& what, const std::string& next_step);

}  // namespace migrate::cli
