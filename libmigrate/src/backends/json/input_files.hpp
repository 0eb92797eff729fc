#pragma once

#include <string>
#include <vector>

#include <migrate/finding.hpp>

#include "backends/json/document_options.hpp"

namespace migrate::backends::json {

/// One file of documents.
struct InputFile {
    std::string path;
    std::string label;  ///< Its path below the directory that was named: what a column _file holds.
    bool is_lines = false;
};

/// Files whose records go to the same tables.
struct InputGroup {
    std::string table;             ///< Named after the file or the directory.
    bool is_whole_source = false;  ///< The one file that was named; its collections need no prefix.
    bool has_file_column = false;  ///< Each file is one document.
    std::vector<InputFile> files;
};

/// Finds what to read at a path:
///   a file: that file
///   a directory: every .json, .ndjson and .jsonl file below it, a table each, named after its path
///   (a/b.json: a__b);
///     but files of one name in sibling directories (1/index.json, 2/index.json…) are documents of one table,
///     named after what their paths have in common; with layout=documents all files are
/// What stands below a directory and is passed over though its name is one of these, or something in it has
/// such a name, goes to the findings.
/// Throws: Error{not_found, refused, permission} with the way on.
std::vector<InputGroup> find_input(const std::string& path, const DocumentOptions& options,
                                   std::vector<Finding>& findings);

bool is_lines_name(const std::string& name);
bool is_json_name(const std::string& name);
/// Whatever stands at the path has such a name, or is a directory in which something has; also where that
/// cannot be told. Symbolic links in it are not followed.
bool may_hold_json(const std::string& path);

}  // namespace migrate::backends::json
