#include "util/fit_name.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "util/hash.hpp"

namespace migrate::util {

std::string fit_name(const std::string& name, std::size_t max_bytes) {
    if (max_bytes == 0 || name.size() <= max_bytes) {
        return name;
    }
    constexpr std::size_t k_suffix_bytes = 9;
    std::size_t keep = max_bytes - k_suffix_bytes;
    while (keep > 0 && (static_cast<unsigned char>(name[keep]) & 0xC0U) == 0x80U) {
        --keep;
    }
    const auto hash = static_cast<std::uint32_t>(hash64(name));
    return fmt::format("{}_{:08x}", name.substr(0, keep), hash);
}

}  // namespace migrate::util
