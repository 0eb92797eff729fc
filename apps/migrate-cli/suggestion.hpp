#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace migrate::cli {

/// The candidate nearest to a misspelled word, or none where nothing is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean X?" for it, with a prefix before X ("--"); empty where nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates,
                         std::string_view prefix = {});

}  // namespace migrate::cli
