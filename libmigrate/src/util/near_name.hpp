#pragma once

#include <span>
#include <string>
#include <string_view>

namespace migrate::util {

/// "did you mean X?" for the candidate nearest to a misspelled name; empty where none is near enough to be
/// meant. Control characters are escaped.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace migrate::util
