#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <migrate/row_batch.hpp>

#include "backends/json/document_render.hpp"
#include "backends/json/document_tree.hpp"
#include "backends/json/document_value.hpp"
#include "backends/json/sorted_spill.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// Makes documents of staged tables. Rows are sorted by their keys, joined with what belongs inside them from
/// the innermost tables outwards, and sorted into the order of their documents: memory is that of one
/// document and some megabytes a table, all else waits in temporary files.
///
/// Beside the documents it writes, for verification, what they do not say (made ids, places in arrays): in
/// `<notes>/<node>.ndjson` a line for each record, {"file": …, "rows": [[…], …]}, the rows of all its tables
/// in the order in which they stand in it.
class DocumentAssembler {
  public:
    /// `file_of`: where a table's rows are staged. `temporary`: a directory for temporary files and notes.
    DocumentAssembler(const Schema& schema, std::function<std::string(std::size_t table)> file_of,
                      std::string temporary);

    /// Writes every file below a directory, or the only one to that path; durable but for the directories'
    /// own names. Throws: Error{refused} where rows have no place in documents, naming the table.
    void write_directory(const std::string& directory);
    void write_file(const std::string& path);

    static std::string notes_file(const std::string& temporary, std::size_t node);

  private:
    /// The records of one node in one file.
    struct Part {
        std::size_t node;
        FilePart part;
    };
    class Output;
    class Notes;

    /// One staged row.
    struct StagedRow {
        const RowBatch& batch;
        std::size_t row;
        const std::vector<std::size_t>& slots;  ///< For each column of the table its column in the batch.

        bool is_null(std::size_t column) const { return batch.columns[slots[column]].is_null(row); }
    };

    void read_rows(std::size_t table, const std::function<void(const StagedRow& row)>& visit) const;
    std::string text_of(std::size_t table, std::size_t column, const StagedRow& row) const;
    void sort_forms();
    SortedSpill assemble(std::size_t node);
    RowParts row_parts(const DocumentNode& node, const StagedRow& row);
    std::string parent_key(const DocumentNode& node, const StagedRow& row) const;
    std::string member_key(const DocumentNode& node, const StagedRow& row);
    std::string own_key(const DocumentNode& node, const StagedRow& row) const;
    std::string place_of(const DocumentNode& node, const StagedRow& row, std::uint64_t ordinal) const;
    void join(std::size_t node, SortedSpill& rows, std::vector<SortedSpill>& children, SortedSpill& out);
    void take_children(const DocumentNode& node, const std::string& key, std::vector<SortedSpill>& children,
                       RowParts& parts) const;
    RowForm take_form(std::size_t node, const std::string& key);
    void emit(std::size_t node, const RowParts& parts, const RowForm& form, std::string place,
              SortedSpill& out) const;
    [[noreturn]] void refuse(std::size_t table, const std::string& why) const;
    ObjectRenderer::Between between(std::size_t node) const;
    std::vector<std::string> missing_markers(std::size_t node, const std::string& text) const;
    std::vector<Part> parts_beside(std::size_t node) const;
    std::vector<Part> parts_of(const std::string& path) const;
    std::vector<std::string> static_files() const;
    void write_static(const std::string& path, Output& out);
    void write_object(const std::vector<Part>& parts, Output& out);
    void write_records(std::size_t node, const FilePart& part, Output& out);
    void write_grouped(std::size_t node, const std::string& directory);

    const Schema& m_schema;
    std::function<std::string(std::size_t)> m_file_of;
    std::string m_temporary;
    DocumentTree m_tree;
    DocumentValueWriter m_values;
    std::map<std::size_t, SortedSpill> m_forms;  // by node
};

}  // namespace migrate::backends::json
