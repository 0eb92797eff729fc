#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "backend/source.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// Splits a file of lines into byte ranges that begin at line starts, by the sizes asked for. At least one.
std::vector<Chunk> split_lines(const std::string& path, std::uint64_t rows,
                               const backend::ChunkOptions& options);

/// The start of the first line at or after `offset`, or the end of the file.
std::uint64_t next_line(const io::File& file, std::uint64_t offset);

/// Lines that are not blank.
std::uint64_t count_lines(const std::string& path);

/// Tells the lines that the chunks of one file begin on. Each part of the file is read once, however many
/// chunks there are, if they are asked for in about their order. Thread-safe.
class LineNumbers {
  public:
    /// From 1. Requires: the same path every time.
    std::uint64_t line_at(const std::string& path, std::uint64_t offset);

  private:
    std::mutex m_mutex;
    std::map<std::uint64_t, std::uint64_t> m_lines{{0, 1}};  // by offset
};

}  // namespace migrate::backends::json
