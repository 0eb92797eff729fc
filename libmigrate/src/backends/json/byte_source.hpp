#pragma once

#include <cstddef>

namespace migrate::backends::json {

/// Where the tokenizer's bytes come from: a file, a part of one, or memory.
class ByteSource {
  public:
    virtual ~ByteSource() = default;

    /// Reads at most `capacity` bytes into `into`; 0 means the end.
    virtual std::size_t read(char* into, std::size_t capacity) = 0;
};

}  // namespace migrate::backends::json
