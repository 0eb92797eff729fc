#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/json/claimed_key.hpp"
#include "backends/json/key_text.hpp"
#include "backends/json/value_hashes.hpp"

namespace migrate::backends::json {

/// Sees every row as it is written and tells afterwards which keys of the tables hold, so that staged rows
/// are not read again for each key. What it cannot tell (rows of an earlier run, or of a chunk that was given
/// up; a table that was gone back to) has to be read. Memory: one table's hashes, at most 16 MiB of them in
/// memory. Not thread-safe.
class WrittenKeys {
  public:
    /// The rows that come next are of this table, in its stored columns. What was known of another one's is
    /// settled. `staged` rows are in it already: of those that another run has written nothing is known.
    void begin(std::size_t index, const Table& table, std::uint64_t staged);
    void add(const RowBatch& batch);
    /// Of the rows that were added to the table, some will not be in it.
    void forget(std::size_t index);

    /// True where the key is known to hold in a table of so many rows; false where it does not, or nobody
    /// knows.
    bool hold(std::size_t index, const ClaimedKey& key, std::uint64_t rows);

  private:
    using Place = std::pair<backend::BuildStep::Kind, std::size_t>;  // a key among those of its table
    struct Key {
        KeyText text;
        std::vector<std::size_t> slots;  // of the batch
        ValueHashes values;
        bool forbids_nulls;
        bool has_nulls = false;
    };
    struct Account {
        bool is_known = true;
        std::uint64_t rows = 0;
        std::map<Place, bool> holds;
    };

    void settle();

    std::map<std::size_t, Account> m_tables;
    std::optional<std::size_t> m_current;
    std::map<Place, Key> m_keys;  // of the current one
    std::string m_text;
};

}  // namespace migrate::backends::json
