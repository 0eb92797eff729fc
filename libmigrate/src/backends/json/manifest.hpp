#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/target.hpp"

namespace migrate::backends::json {

/// A table that this tool wrote.
struct ManifestTable {
    Table table;
    std::string file;  ///< Layout `tables`: its file in the directory. Layout `file`: its member in "tables".
                       ///< Nested: the file of its rows that stand in no others; empty if there are none.
    std::uint64_t rows = 0;
    std::string digest;  ///< As to_string(Digest) has it; empty while unknown.
};

/// What stands beside the rows of a database in JSON: everything that rows cannot say.
struct Manifest {
    std::string tool_version;
    bool is_nested = false;  ///< Tables stand inside each other, in documents.
    std::vector<ManifestTable> tables;
    std::string provenance;   ///< JSON list of each migration's record, newest first; empty if none.
    bool keeps_code = false;  ///< The records keep definitions that nobody has listed as left out.
    std::vector<backend::RecordedMigration> migrations;  ///< Newest first.

    [[nodiscard]] const ManifestTable* find(const QualifiedName& table) const noexcept;
};

inline constexpr std::string_view k_manifest_file = "manifest.json";
/// The value of the member "format", which is the first in every manifest.
inline constexpr std::string_view k_manifest_format = "libmigrate-json";
/// The member "layout", the second, of nested documents; the others have none.
inline constexpr std::string_view k_nested_layout = "documents";
inline constexpr int k_manifest_version = 1;
/// Earlier readers must not take nested documents for tables.
inline constexpr int k_nested_version = 2;

/// A head of an audit trail in the room that a manifest has for one, so that another can take its place.
std::string padded_head(const std::string& head);

/// One JSON object, indented; no line feed behind it.
std::string render_manifest(const Manifest& manifest);

/// `name` is what errors call the text. Throws: Error{malformed} for what is no manifest, or of a later
/// version.
Manifest parse_manifest(std::string_view text, const std::string& name);

}  // namespace migrate::backends::json
