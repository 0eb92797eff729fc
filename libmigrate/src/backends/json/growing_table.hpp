#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/json/key_places.hpp"
#include "backends/json/key_text.hpp"
#include "backends/json/row_decoder.hpp"
#include "backends/json/row_reader.hpp"
#include "backends/json/row_writer.hpp"
#include "backends/json/sorted_spill.hpp"
#include "io/file.hpp"

namespace migrate::backends::json {

/// A table of a database in JSON that is about to be written anew with more rows in it, or with values where
/// rows have NULL: what stands there stays byte for byte, apart from those rows. Knows the keys it is asked
/// to index, of what stands there and of what is added. Rows are batches of one row, in the table's columns.
/// Memory is bounded. Not thread-safe.
class GrowingTable {
  public:
    /// `directory`: where temporary files are made.
    GrowingTable(Table table, RowRange rows, std::string directory, EncodeOptions options);

    GrowingTable(const GrowingTable&) = delete;
    GrowingTable& operator=(const GrowingTable&) = delete;
    ~GrowingTable() = default;

    const Table& table() const { return m_table; }

    /// Has the values of these columns looked up from now on; returns the number of the index, nullopt where
    /// they are not in its rows. Requires: look() was not called.
    std::optional<std::size_t> index(const std::vector<std::string>& columns,
                                     const std::vector<std::string>& collations, bool nulls_are_values);
    /// Reads it all, once. Throws: Error{malformed} where some of it are no rows of the table.
    void look(DigestAlgorithm algorithm);
    /// Of all rows, by now.
    const Digest& digest() const { return m_digest; }

    /// The place of the row with those values; of a row whose key has a NULL, none.
    std::optional<std::uint64_t> find(std::size_t index, const RowBatch& row);
    /// The same by a text as KeyText makes it.
    std::optional<std::uint64_t> find(std::size_t index, const std::string& key);
    /// False where a part of the key is NULL.
    bool key_of(std::size_t index, const RowBatch& row, std::string& key) const;

    void append(const RowBatch& row);
    /// The row at a place that find() gave, as it is by now; nullopt for one that was appended.
    std::optional<RowBatch> row_at(std::uint64_t place);
    /// Gives the row at that place, which is `before`, other values.
    void rewrite(std::uint64_t place, const RowBatch& before, const RowBatch& after);
    bool has_changed() const { return m_appended > 0 || m_rewritten > 0; }

    /// Where the rows of a batch have a column of the table.
    std::size_t slot_of(const std::string& column) const;

    /// Writes the table as it is by now, in the form that it is read in. No more is added then.
    void write(io::File& out);

  private:
    struct Index {
        KeyText text;
        std::vector<std::size_t> slots;
        KeyPlaces places;
    };

    void add_keys(const RowBatch& row, std::uint64_t place);
    void note(const std::string& line);
    void copy_old(io::File& out);
    void copy_new(io::File& out);

    Table m_table;
    RowRange m_range;
    std::string m_directory;
    ScanSpec m_spec;
    RowDecoder m_decoder;
    RowEncoder m_encoder;
    std::vector<Index> m_indexes;
    Digest m_digest;
    std::uint64_t m_old_rows = 0;
    std::uint64_t m_old_end = 0;  // of the last row
    bool m_ends_line = true;
    std::optional<io::File> m_new;  // lines of rows that are appended
    std::uint64_t m_appended = 0;
    std::optional<io::File> m_lines;  // of rows that are rewritten
    std::uint64_t m_lines_size = 0;
    KeyPlaces m_latest;      // a place → where its line is in m_lines
    SortedSpill m_rewrites;  // by place, as copy_old() needs them
    std::uint64_t m_rewritten = 0;
    std::string m_key;
    std::string m_line;
};

}  // namespace migrate::backends::json
