#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backend/source.hpp"
#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/nesting.hpp"

namespace migrate::backends::json {

/// Documents in which the rows of one table stand, and the way to them.
struct NestedPlace {
    std::string path;                ///< A file: an array of objects.
    std::vector<std::size_t> chain;  ///< From the table whose rows the objects are to the one that is wanted.
};

/// Walks nested documents and stops at each row of one table. Holds one document. All borrowed.
class NestedCursor {
  public:
    NestedCursor(const std::vector<NestNode>& nodes, std::vector<NestedPlace> places,
                 const InputStamps& stamps, ReadRoute route = ReadRoute::native);

    /// Throws: Error{malformed} where a file is not an array.
    bool next();

    const Document& document() const { return m_document; }
    /// The row's own value, and that of the row `up` levels above it.
    Document::Index row(std::size_t up = 0) const { return m_levels[m_levels.size() - 1 - up].item; }
    /// The rows above it that it stands in.
    std::size_t levels_above() const { return m_levels.size() - 1; }

  private:
    struct Level {
        Document::Index item;
        Document::Index end;
    };
    bool next_document();
    void open_file();
    void advance() { m_levels.back().item = m_document.end(m_levels.back().item); }
    Level rows_in(Document::Index object, std::size_t table) const;

    const std::vector<NestNode>& m_nodes;
    std::vector<NestedPlace> m_places;
    const InputStamps& m_stamps;
    ReadRoute m_route;
    std::size_t m_place = 0;  // one past the present one
    std::unique_ptr<FileSource> m_source;
    std::unique_ptr<Tokenizer> m_tokenizer;
    Document m_document;
    std::vector<Level> m_levels;
};

/// Reads the rows of one table out of nested documents, typed by its manifest. What a row does not say
/// because the row that it stands in does (its foreign key) is taken from there.
class NestedReader : public backend::Reader {
  public:
    /// `tables` and `nodes` are borrowed from the source. Requires: spec.table is, by its name and columns,
    /// tables[places.front().chain.back()].
    NestedReader(const ScanSpec& spec, const std::vector<const Table*>& tables,
                 const std::vector<NestNode>& nodes, std::size_t table, std::vector<NestedPlace> places,
                 const InputStamps& stamps);
    bool next(RowBatch& batch) override;

  private:
    static constexpr std::size_t k_unwanted = static_cast<std::size_t>(-1);

    void append_row(RowBatch& batch);
    bool fill(RowBatch& batch);
    bool fill_members(RowBatch& batch);
    bool fill_inherited(RowBatch& batch);
    bool is_array_of_child(std::string_view member, Document::Index value, bool& fits);
    /// The value of a column of the row `up` levels above, wherever it stands; none where it is missing.
    Document::Index value_of(std::size_t up, std::size_t table, std::size_t column) const;
    bool put(std::size_t column, Document::Index value, RowBatch& batch);
    void reject(bool is_kept, RowBatch& batch) const;

    const std::vector<const Table*>& m_tables;
    const std::vector<NestNode>& m_nodes;
    std::size_t m_table;
    NestedCursor m_cursor;
    BatchLimits m_limits;
    std::vector<bool> m_null_misfits;
    std::vector<LogicalType> m_types;  // by column of the table
    std::vector<std::size_t> m_slots;  // likewise: the column of the batch
    std::vector<TypeKind> m_kinds;
    std::unordered_map<std::string, std::size_t> m_columns;  // by name
    std::vector<bool> m_said;                                // by column of the table: the row has it
    std::vector<bool> m_filled;                              // by column of the batch
    std::string m_column;                                    // of the reject in the making
    std::string m_reason;
    std::uint64_t m_ordinal = 0;
    bool m_done = false;
};

/// The rows of a table in nested documents, counted without looking at their values.
std::uint64_t count_nested(const std::vector<NestNode>& nodes, std::vector<NestedPlace> places,
                           const InputStamps& stamps);

}  // namespace migrate::backends::json
