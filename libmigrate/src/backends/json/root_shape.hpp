#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/json/input_files.hpp"
#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// Records of a file that make one table.
struct FileCollection {
    std::optional<std::string> member;  ///< The root's member that holds them; none for the file's own table.
    RecordSpec records;
    bool are_objects = false;  ///< Every record is an object; otherwise each becomes one Json value.
};

/// Reads a whole file, so that all of it is known to be well-formed, and says what its records are:
///   lines: each line one
///   an array of objects: each element one
///   an object with arrays of objects: a collection for each, and one record of all else
///   an object of objects (asked for, or at least 8 that share 80 % of their keys): each member one
///   anything else: one
/// Throws: Error{malformed} with file, line and byte; Error{not_found} where root= leads to nothing.
std::vector<FileCollection> find_collections(const InputFile& file, bool is_one_document,
                                             const DocumentOptions& options);

}  // namespace migrate::backends::json
