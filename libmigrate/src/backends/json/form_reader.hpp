#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/source.hpp"
#include "backends/json/document_reader.hpp"

namespace migrate::backends::json {

/// A collection of records, with the tables that are made of it.
struct FormCollection {
    RowCursor cursor;      ///< Over the records.
    std::size_t root = 0;  ///< The records' own table, in `shapes`.
};

/// Reads all documents for the rows that differ from their table's shape, and gives one row of forms for
/// each. Holds one record.
class FormReader : public backend::Reader {
  public:
    /// `shapes` is borrowed.
    FormReader(const ScanSpec& spec, const std::vector<TableShape>& shapes,
               std::vector<FormCollection> collections);

    bool next(RowBatch& batch) override;

  private:
    struct Row {
        std::string table;
        std::string key;
        std::string form;
    };

    bool read_record();
    void add_row(const TableShape& shape, Document::Index row, const std::string& id, std::string form);
    void add_children(const std::vector<MemberShape>& members, Document::Index object, const std::string& id);
    void add_items(const TableShape& shape, Document::Index place, const std::string& id);
    const TableShape& shape_named(const std::string& name) const;
    void append(const Row& row, RowBatch& batch) const;

    const std::vector<TableShape>& m_shapes;
    std::vector<FormCollection> m_collections;
    std::vector<std::size_t> m_columns;  // of the batch: which of the table's
    BatchLimits m_limits;
    std::size_t m_collection = 0;
    std::uint64_t m_position = 0;
    std::vector<Row> m_rows;  // of the present record
    std::size_t m_next = 0;
    std::uint64_t m_ordinal = 0;
};

}  // namespace migrate::backends::json
