#pragma once

#include <set>
#include <string>

#include <migrate/schema.hpp>

namespace migrate::backends::json {

/// Gives each table of a directory a file name of its own that is safe on any file system: percent-encoded,
/// different also where case does not count, at most 255 bytes with room for suffixes, never "." or "..",
/// never hidden. The manifest says which file is which table, so a name need not be undone.
class FileNames {
  public:
    /// A name that is taken already.
    void reserve(const std::string& file_name);
    /// "album.ndjson", "sales.order.ndjson", "a%2Fb.ndjson", "ALBUM~2.ndjson".
    std::string assign(const QualifiedName& table);

  private:
    std::set<std::string> m_taken;  // in lower case
};

}  // namespace migrate::backends::json
