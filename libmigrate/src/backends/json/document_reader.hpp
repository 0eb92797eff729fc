#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/source.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/record_stream.hpp"
#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

/// Walks the records of a collection and stops at each row of one table: at the record itself, or at each
/// element of an array (member of an object) in it, or in those, and so on. Holds one record.
class RowCursor {
  public:
    /// `chain` are the shapes from the records' own table to the one whose rows are wanted.
    RowCursor(std::vector<RecordSpec> parts, std::vector<const TableShape*> chain,
              const DocumentOptions& options, const InputStamps& stamps);

    bool next();

    const Document& document() const { return m_stream->document(); }
    /// The row's object, or the element of an array of scalars.
    Document::Index node() const { return m_node; }
    const RecordStream& record() const { return *m_stream; }
    const std::string& label() const { return m_parts[m_part - 1].label; }
    /// Position in its array or object; for rows of nested tables.
    std::uint64_t index() const { return m_levels.back().index(); }
    /// The member that the row is; for tables of members.
    Document::Index member() const { return m_levels.back().key(); }
    /// How the row's own _id is spelled, and its parent's.
    std::string id_text() const { return id_text(m_levels.size()); }
    std::string parent_id_text() const { return id_text(m_levels.size() - 1); }
    /// The value of the records' natural key.
    Document::Index natural_key() const;
    /// The lines that were passed over since the last call.
    std::vector<BrokenLine> take_broken();

  private:
    bool next_record();
    void enter(Document::Index object) {
        m_levels.emplace_back(document(), object, *m_chain[m_levels.size() + 1]);
    }
    std::string id_text(std::size_t levels) const;
    std::string record_id_text() const;

    std::vector<RecordSpec> m_parts;
    std::vector<const TableShape*> m_chain;
    DocumentOptions m_options;
    const InputStamps& m_stamps;
    std::unique_ptr<RecordStream> m_stream;
    std::size_t m_part = 0;
    std::vector<RowItems> m_levels;
    Document::Index m_node = 0;
    bool m_in_record = false;
    std::vector<BrokenLine> m_broken;
};

/// Rows of one table of documents.
class DocumentReader : public backend::Reader {
  public:
    DocumentReader(const ScanSpec& spec, RowCursor cursor, const TableShape& shape,
                   bool parent_has_natural_key);
    bool next(RowBatch& batch) override;

  private:
    static constexpr std::size_t k_unwanted = static_cast<std::size_t>(-1);

    void append_row(RowBatch& batch);
    bool fill_members(const MemberTree& tree, Document::Index object, RowBatch& batch);
    /// A value of the table's column does not fit: true where NULL takes its place.
    bool misfit(std::size_t column, RowBatch& batch);
    void note_reject(RowBatch& batch, bool kept);
    bool fill_synthetic(Synthetic kind, std::size_t column, RowBatch& batch);
    bool fill_parent_id(std::size_t column, ColumnVector& out);
    void take_broken(RowBatch& batch);

    RowCursor m_cursor;
    const TableShape& m_shape;
    bool m_parent_has_natural_key;
    BatchLimits m_limits;
    std::vector<bool> m_null_misfits;
    std::vector<std::size_t> m_slots;  // for each column of the table: its column in the batch
    std::vector<LogicalType> m_types;  // for each column of the table
    std::vector<std::string> m_names;
    std::vector<TypeKind> m_kinds;
    std::vector<bool> m_filled;
    std::vector<std::size_t> m_failed;  // columns of the table
    std::uint64_t m_ordinal = 0;
    bool m_done = false;
};

}  // namespace migrate::backends::json
