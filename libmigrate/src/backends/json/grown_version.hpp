#pragma once

#include <functional>
#include <map>
#include <string>

#include "backends/json/growing_table.hpp"
#include "backends/json/layout.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// The files of a database, to tell whether somebody else has changed them.
class SeenFiles {
  public:
    /// Requires: what is at the path is a file, or a directory of files.
    explicit SeenFiles(const std::string& path);
    bool operator==(const SeenFiles& other) const;

  private:
    std::map<std::string, io::FileStamp> m_files;
};

/// A database in which some tables have grown, as another one beside it.
struct GrownVersion {
    std::string from;
    Layout layout = Layout::tables;              ///< `tables` or `file`.
    const Manifest& manifest;                    ///< As it is to be.
    const FileContents& contents;                ///< Of layout `file`, as it is.
    std::map<std::string, GrowingTable*> grown;  ///< By file or member.
};

/// Writes it to a path where nothing is. All that has not grown is carried over as it is, whosever it is, and
/// who may read what stays so. Durable on return but for the path's own name.
void write_version(const GrownVersion& version, const std::string& path);

}  // namespace migrate::backends::json
