#include "bench/generator.hpp"

#include <algorithm>
#include <cmath>

namespace migrate::bench {
namespace {

constexpr std::string_view k_words[] = {
    "amber",   "anchor",  "basket", "beacon",  "birch",  "bridge", "canyon",  "cedar",   "cloud",   "copper",
    "coral",   "dawn",    "delta",  "ember",   "falcon", "fern",   "field",   "flint",   "forest",  "frost",
    "garden",  "glacier", "grove",  "harbor",  "hazel",  "island", "ivory",   "jasper",  "juniper", "lagoon",
    "lantern", "maple",   "meadow", "mirror",  "moss",   "oasis",  "ocean",   "orchard", "pebble",  "pine",
    "prairie", "quartz",  "raven",  "reef",    "ridge",  "river",  "saffron", "sage",    "shore",   "silver",
    "spruce",  "stone",   "summit", "thistle", "timber", "valley", "velvet",  "willow",  "winter",  "zephyr"};

}  // namespace

OrderSizes::OrderSizes(double scale)
    : suppliers(std::max<std::int64_t>(std::llround(10'000 * scale), 4)),
      customers(std::max<std::int64_t>(std::llround(150'000 * scale), 3)),
      parts(std::max<std::int64_t>(std::llround(200'000 * scale), 4)),
      orders(std::max<std::int64_t>(std::llround(1'500'000 * scale), 1)) {}

std::string words(Random& random, std::size_t longest) {
    std::string text;
    for (std::int64_t left = random.between(2, 8); left > 0; --left) {
        const std::string_view word = pick(random, k_words);
        if (text.size() + word.size() + 1 > longest) {
            break;
        }
        text.append(text.empty() ? "" : " ").append(word);
    }
    return text;
}

std::string date(std::int64_t day) {
    std::int64_t year = 1992;
    const auto leap = [](std::int64_t y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); };
    while (day >= (leap(year) ? 366 : 365)) {
        day -= leap(year) ? 366 : 365;
        ++year;
    }
    const int lengths[] = {31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    std::size_t month = 0;
    while (day >= lengths[month]) {
        day -= lengths[month++];
    }
    std::string text = std::to_string(year);
    for (const std::int64_t part : {static_cast<std::int64_t>(month) + 1, day + 1}) {
        text += part < 10 ? "-0" : "-";
        text += std::to_string(part);
    }
    return text;
}

}  // namespace migrate::bench
