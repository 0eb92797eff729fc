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
    std::uint64_t rows = 0;   ///< Elements, also those that are no rows.
};

/// A member that somebody else has put beside "manifest" and "tables". Units: as TableSection.
struct OtherMember {
    std::string name;
    std::uint64_t begin = 0;  ///< Of its value.
    std::uint64_t end = 0;
};

/// What a database of layout `file` consists of, but for its manifest.
struct FileContents {
    std::vector<TableSection> tables;  ///< In the order of the file; also such as the manifest does not name.
    std::vector<OtherMember> others;
};

/// The layout (tables, file or nested) of what this tool wrote at the path; nullopt for everything else, also
/// for what cannot be read.
std::optional<Layout> detect_layout(const std::string& path);

/// Throws: Error{malformed, not_found…}.
Manifest read_manifest(const std::string& path, Layout layout);

/// The database at the path knows the migration, in whatever layout it is.
bool lists(const std::string& path, const std::string& migration);

/// Reads the whole file once. Requires: layout `file`. Throws: Error{malformed}, also where a member that is
/// not a row's stands there twice.
FileContents read_contents(const std::string& path);

/// What the path of a database that this tool wrote holds beside what its manifest names, and so nobody
/// reads: files and directories of a directory (a slash behind those), members of a file ("tables.x").
std::vector<std::string> unnamed_in(const std::string& path, Layout layout, const Manifest& manifest);
std::vector<std::string> unnamed_in(const FileContents& contents, const Manifest& manifest);

/// Throws: Error{malformed} for a manifest that was this tool's once and has lost what tells so: read as
/// documents it would be something else altogether.
void refuse_broken_manifest(const std::string& path);

}  // namespace migrate::backends::json
