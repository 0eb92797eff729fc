#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backends/json/object_shape.hpp"

namespace migrate::backends::json {

/// One table as a part of documents.
struct DocumentNode {
    std::size_t table = 0;  ///< In the schema.
    DocumentShape shape;    ///< With the columns of that table.
    std::optional<std::size_t> parent;
    std::vector<std::size_t> children;
    std::vector<std::size_t> hidden;  ///< Columns that no document says: made ids, places in arrays.

    /// The column of a value that is the whole row: an element of an array of scalars, or a document.
    std::optional<std::size_t> whole_value() const;
    bool has_files_column() const { return shape.column_of(Synthetic::file).has_value(); }
};

/// How the tables of a schema become documents.
struct DocumentTree {
    std::vector<DocumentNode> nodes;
    std::optional<std::size_t> forms;  ///< The table of row forms, in the schema.

    std::optional<std::size_t> find(const std::string& shape_table) const;
    /// The one file that all documents are in; none where they need a directory.
    std::optional<FilePart> only_file() const;
};

/// From the tables' shapes (property json_shape), whose columns are those of the tables themselves. A table
/// without one becomes a file of its own, an array of its rows.
DocumentTree document_tree(const Schema& schema);

/// The schema property that says in which layout a schema is to be written.
inline constexpr const char* k_layout_property = "json_layout";
/// A column's spelling in documents where its type has several (Reading::format).
inline constexpr const char* k_format_property = "json_format";

/// Gives the tables of an adopted schema their shapes from when they were documents, with the columns that
/// they have now. False where no table has ever been one.
bool take_over_shapes(const Schema& source, Schema& adopted, std::vector<Finding>& findings);

}  // namespace migrate::backends::json
