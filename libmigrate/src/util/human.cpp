#include "util/human.hpp"

#include <array>
#include <cstdio>

namespace migrate::util {

std::string human_count(std::uint64_t count) {
    const std::string digits = std::to_string(count);
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) {
            out += ',';
        }
        out += digits[i];
    }
    return out;
}

std::string human_rows(std::uint64_t count, const std::string& one, const std::string& many) {
    return human_count(count) + (count == 1 ? " row " + one : " rows " + many);
}

std::string human_bytes(std::uint64_t bytes) {
    static constexpr std::array<const char*, 6> k_units = {"B", "kB", "MB", "GB", "TB", "PB"};
    if (bytes < 1000) {
        return std::to_string(bytes) + " B";
    }
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.95 && unit + 1 < k_units.size()) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %s", value, k_units[unit]);
    return text.data();
}

std::string human_duration(std::chrono::milliseconds duration) {
    const auto total = duration.count();
    std::array<char, 48> text{};
    if (total < 60'000) {
        std::snprintf(text.data(), text.size(), total < 10'000 ? "%.2f s" : "%.1f s",
                      static_cast<double>(total) / 1000);
    } else if (total < 3'600'000) {
        std::snprintf(text.data(), text.size(), "%lld min %lld s", static_cast<long long>(total / 60'000),
                      static_cast<long long>(total / 1000 % 60));
    } else {
        std::snprintf(text.data(), text.size(), "%lld h %lld min", static_cast<long long>(total / 3'600'000),
                      static_cast<long long>(total / 60'000 % 60));
    }
    return text.data();
}

}  // namespace migrate::util
