#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/json/manifest.hpp"

namespace migrate::backends::json {

/// The forms this tool writes a database in.
enum class Layout : std::uint8_t {
    tables,     ///< A directory with manifest.json and one .ndjson file per table.
    file,       ///< One file: {"manifest": …, "tables": {"album": [rows], …}}.
    documents,  ///< A directory of the documents that the tables were read from, and nothing else.
    document,   ///< The same, one file.
    nested,  ///< A directory with manifest.json and documents, tables nested in each other by foreign keys.
};

inline bool is_documents(Layout layout) {
    return layout == Layout::documents || layout == Layout::document;
}

/// Written whole, into no place where anything is.
inline bool is_written_anew(Layout layout) {
    return is_documents(layout) || layout == Layout::nested;
}

/// Where a table's rows stand in a database of layout `file`. Units: bytes from the start of the file.
struct TableSection {
    std::string member;
    std::uint64_t begin = 0;  ///< Of its '['.
    std::uint64_t end = 0;    ///< One past its ']'.
    std::uint64_t line = 1;   ///< Of its '['.
    std::uint64_t rows = 0;
};

/// The layout (tables, file or nested) of what this tool wrote at the path; nullopt for everything else, also
/// for what cannot be read.
std::optional<Layout> detect_layout(const std::string& path);

/// Throws: Error{malformed, not_found…}.
Manifest read_manifest(const std::string& path, Layout layout);

/// Reads the whole file once. Requires: layout `file`. Throws: Error{malformed}.
std::vector<TableSection> find_sections(const std::string& path);

}  // namespace migrate::backends::json
