#pragma once

#include <string>

#include "io/file.hpp"

namespace migrate::audit {

/// The lines of a trail's file, one after the other, in little memory.
class TrailReader {
  public:
    /// Throws: Error{not_found, permission, refused} as File::open_read, in words about trails.
    explicit TrailReader(const std::string& path);

    /// The next line, without its line feed; of one that is too long to be a record its beginning. False at
    /// the end.
    bool next(std::string& line);
    /// The line that next() gave ends with a line feed.
    [[nodiscard]] bool finished() const noexcept { return m_finished; }

  private:
    bool fill();

    io::File m_file;
    std::string m_block;
    std::size_t m_at = 0;
    bool m_finished = true;
};

}  // namespace migrate::audit
