#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace migrate::backends::json {

/// One thing that documents consist of, as it was when they were written.
struct WrittenFile {
    std::string path;  ///< Below the directory, with a slash behind it for a directory; empty for one file.
    std::uint64_t size = 0;  ///< Bytes.
    std::string hash;        ///< SHA-256; empty for what is no file.
    bool operator==(const WrittenFile&) const = default;
};

/// SHA-256 of a file, or of the part from `first` up to `last`.
std::string hash_of(const std::string& path, std::uint64_t first = 0,
                    std::uint64_t last = std::numeric_limits<std::uint64_t>::max());

/// Everything that stands at a path: a file, or a directory with all that is in it, hidden things and links
/// too, in the order of the paths. Reads it whole.
std::vector<WrittenFile> files_at(const std::string& path);

/// One a line.
std::string render_written_files(const std::vector<WrittenFile>& files);
/// Throws: Error{malformed}. `name` is what errors call the text.
std::vector<WrittenFile> parse_written_files(const std::string& text, const std::string& name);

/// What differs, one line each ("a/b.json is new"), in the order of the paths. Requires: both in that order.
std::vector<std::string> differences(const std::vector<WrittenFile>& written,
                                     const std::vector<WrittenFile>& now);

}  // namespace migrate::backends::json
