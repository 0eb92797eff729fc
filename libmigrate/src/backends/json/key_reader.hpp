#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/source.hpp"
#include "backends/json/key_text.hpp"
#include "backends/json/sorted_spill.hpp"

namespace migrate::backends::json {

/// Opens all rows of the spec's table, in their order.
using OpenRows = std::function<std::unique_ptr<backend::Reader>(const ScanSpec& spec)>;

/// The values of some columns of each row as one text (KeyText), read from where the rows are.
class KeyReader {
  public:
    /// As KeyText has it. The table is borrowed.
    KeyReader(const Table& table, const std::vector<std::string>& columns,
              const std::vector<std::string>& collations, OpenRows open);

    /// The table has these columns, and their values are in its rows.
    bool has_columns() const { return m_text.has_columns(); }
    /// A NULL is a value like others, equal to itself.
    void take_nulls_for_values() { m_text.take_nulls_for_values(); }

    /// `key` is nullptr where a part of it is NULL. Ordinals count from 0.
    using Visit = std::function<void(const std::string* key, std::uint64_t ordinal)>;
    void read(const Visit& visit) const;

  private:
    const Table& m_table;
    KeyText m_text;
    OpenRows m_open;
};

/// Rows that break a rule, by their ordinals.
struct Violators {
    std::uint64_t count = 0;
    SortedSpill ordinals;  ///< Keys as ordinal_key gives them, finished.
};

std::string ordinal_key(std::uint64_t ordinal);

/// The rows that repeat the key of an earlier one. Memory is bounded; temporary files are made in the
/// directory.
Violators find_duplicates(const KeyReader& rows, const std::string& directory);
/// The rows whose key no row of the others has; NULL refers to nothing and is none.
Violators find_orphans(const KeyReader& rows, const KeyReader& others, const std::string& directory);
/// The rows with a NULL in the key.
Violators find_nulls(const KeyReader& rows, const std::string& directory);

}  // namespace migrate::backends::json
