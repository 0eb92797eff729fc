#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "backends/json/byte_source.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// The bytes of a file, or of the part from `first` up to `last`.
class FileSource : public ByteSource {
  public:
    explicit FileSource(const std::string& path, std::uint64_t first = 0,
                        std::uint64_t last = std::numeric_limits<std::uint64_t>::max())
        : m_file(io::File::open_read(path)), m_at(first), m_last(last) {}

    std::size_t read(char* into, std::size_t capacity) override {
        const std::uint64_t left = m_last - m_at;
        const std::size_t got =
            m_file.read_at(m_at, into, static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left)));
        m_at += got;
        return got;
    }

    const io::File& file() const { return m_file; }

  private:
    io::File m_file;
    std::uint64_t m_at;
    std::uint64_t m_last;
};

/// The bytes of a text in memory, which is borrowed.
class ViewSource : public ByteSource {
  public:
    explicit ViewSource(std::string_view text = {}) : m_text(text) {}
    void set(std::string_view text) { m_text = text; }

    std::size_t read(char* into, std::size_t capacity) override {
        const std::size_t size = std::min(capacity, m_text.size());
        std::memcpy(into, m_text.data(), size);
        m_text.remove_prefix(size);
        return size;
    }

  private:
    std::string_view m_text;
};

}  // namespace migrate::backends::json
