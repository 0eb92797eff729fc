#pragma once

#include <algorithm>
#include <string>

#include "backends/json/byte_source.hpp"

namespace migrate::test {

/// Hands a text out in pieces of a given size, so that every token is cut somewhere.
class MemorySource : public backends::json::ByteSource {
  public:
    explicit MemorySource(std::string text, std::size_t piece = 1U << 20U)
        : m_text(std::move(text)), m_piece(piece) {}

    std::size_t read(char* into, std::size_t capacity) override {
        const std::size_t size = std::min({capacity, m_piece, m_text.size() - m_at});
        m_text.copy(into, size, m_at);
        m_at += size;
        return size;
    }

  private:
    std::string m_text;
    std::size_t m_piece;
    std::size_t m_at = 0;
};

}  // namespace migrate::test
