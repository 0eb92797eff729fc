#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "backends/json/assembled_source.hpp"
#include "backends/json/document_value.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// The rows of one table in assembled documents. All borrowed.
class AssembledReader : public backend::Reader {
  public:
    AssembledReader(const ScanSpec& spec, const Schema& schema, const DocumentTree& tree,
                    const AssembledSource::Place& place, std::size_t node);
    bool next(RowBatch& batch) override;

  private:
    bool read_record(RowBatch& batch);
    void open_file(const std::string& label, RecordKind kind);
    void finish_file();
    void finish_static_files();
    void require(bool condition, const char* what) const;

    void row(std::size_t node, Document::Index value, const std::string& parent, RowBatch& batch);
    void children(std::size_t node, const std::vector<MemberShape>& shape, Document::Index object,
                  const std::string& own_key, RowBatch& batch);
    std::string key_of(std::size_t node, Document::Index value, Document::Index entry,
                       const std::string& parent) const;
    void check_key(std::size_t node, std::string_view key) const;
    void check_parent(std::size_t node, Document::Index entry, const std::string& parent) const;
    void append(std::size_t node, Document::Index value, Document::Index entry, RowBatch& batch);
    void append_member(const std::vector<MemberShape>& shape, Document::Index object, RowBatch& batch);
    void append_column(std::size_t column, const Document& document, Document::Index value, bool is_note,
                       RowBatch& batch);
    std::optional<Document::Index> hidden(std::size_t node, Document::Index entry, std::size_t column) const;
    std::string text_of(Document::Index note) const;

    const Schema& m_schema;
    const DocumentTree& m_tree;
    const AssembledSource::Place& m_place;
    std::size_t m_node;
    std::size_t m_root;
    const Table& m_table;
    std::vector<std::size_t> m_slots;
    std::vector<TypeKind> m_kinds;
    BatchLimits m_limits;
    ReadRoute m_route;
    std::unique_ptr<RecordStream> m_notes;
    std::unique_ptr<RecordStream> m_records;
    std::string m_label;
    std::set<std::string> m_seen;
    Document::Index m_entry = 0;
    std::vector<bool> m_filled;
    std::set<std::size_t> m_noted;  // columns whose values the row's note says
    DocumentValueWriter m_values;
    bool m_done = false;
};

}  // namespace migrate::backends::json
