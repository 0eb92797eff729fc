#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "backends/json/file_source.hpp"

namespace migrate::backends::json {

/// Writes the part of a file from `first` up to `last`, or to its end, behind what `out` has.
inline void copy_bytes(const std::string& path, std::uint64_t first, std::uint64_t last, io::File& out) {
    FileSource source(path, first, last);
    std::string block(std::size_t{1} << 18U, '\0');
    while (const std::size_t got = source.read(block.data(), block.size())) {
        out.write({block.data(), got});
    }
}

}  // namespace migrate::backends::json
