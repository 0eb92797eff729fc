#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/json/claimed_key.hpp"
#include "backends/json/growing_table.hpp"

namespace migrate::backends::json {

/// What a row must keep to that is added to a table whose manifest claims keys and references: the same that
/// was looked at when the table was loaded. Tables are borrowed. Rows are batches of one row.
class RowRules {
  public:
    /// Has the table index its keys.
    explicit RowRules(GrowingTable& table);
    /// Likewise the other table what the key refers to. It may be the same.
    void add(const ForeignKey& key, GrowingTable& others);

    /// Throws: Error{row, constraint} for a row that is none of the table's, or would break a key.
    void require_new(const RowBatch& row);
    /// The same of a row that is there and gets values in these columns of the batch.
    void require_filled(const RowBatch& row, const std::vector<std::size_t>& columns);
    /// Where the row with this one's primary key is. Requires: the table has one.
    std::optional<std::uint64_t> place_of(const RowBatch& row);

  private:
    struct OwnKey {
        ClaimedKey key;
        std::size_t index;
        std::vector<std::size_t> slots;
    };
    struct Reference {
        KeyText text;
        std::vector<std::size_t> slots;
        GrowingTable* others;
        std::size_t index;
    };

    void require(const OwnKey& key, const RowBatch& row);
    void require(const Reference& key, const RowBatch& row);
    void require_values(const RowBatch& row) const;
    std::vector<std::size_t> slots_of(const std::vector<std::string>& columns) const;

    GrowingTable& m_table;
    std::vector<OwnKey> m_keys;
    std::vector<Reference> m_references;
    std::string m_text;
    std::string m_own;
};

}  // namespace migrate::backends::json
