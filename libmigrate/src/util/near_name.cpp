#include "util/near_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "util/ascii.hpp"
#include "util/printable.hpp"

namespace migrate::util {
namespace {

constexpr std::size_t k_longest = 64;

/// Bytes put in, taken out or changed between two names, case aside.
std::size_t distance_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (to_lower(a[i - 1]) == to_lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
    if (name.empty() || name.size() > k_longest) {
        return {};
    }
    const std::string* best = nullptr;
    std::size_t limit = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > k_longest) {
            continue;
        }
        const std::size_t distance = distance_between(name, candidate);
        if (distance < limit && distance < candidate.size()) {
            best = &candidate;
            limit = distance;
        }
    }
    return best == nullptr ? std::string() : "did you mean " + printable(*best) + "?";
}

}  // namespace migrate::util
