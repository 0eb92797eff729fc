#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/source.hpp"

namespace migrate::backends::json {

/// Splits a file of lines into byte ranges that begin at line starts, by the sizes asked for. At least one.
std::vector<Chunk> split_lines(const std::string& path, std::uint64_t rows,
                               const backend::ChunkOptions& options);

/// Lines that are not blank.
std::uint64_t count_lines(const std::string& path);

/// Line ends in the first `size` bytes.
std::uint64_t count_line_ends(const std::string& path, std::uint64_t size);

}  // namespace migrate::backends::json
