#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

namespace migrate::backends::json {

/// Says the values of some columns of a row as one text, which is the same where a database takes the values
/// for equal: numbers by their value, text by the collations that are known here (NOCASE, RTRIM). What other
/// collations take for equal besides is not seen. No text is the beginning of another.
class KeyText {
  public:
    /// `collations`: of each column, or fewer; where there is none the column's own. Copies what it needs.
    KeyText(const Table& table, const std::vector<std::string>& columns,
            const std::vector<std::string>& collations);

    /// The table has these columns, and their values are in its rows.
    bool has_columns() const { return m_has_columns; }
    /// A NULL is a value like others, equal to itself.
    void take_nulls_for_values() { m_nulls_are_values = true; }
    /// Of the table, in the key's order.
    std::vector<std::size_t> columns() const;

    /// Puts the key of a row into `key`, whose part i is in the batch's column slots[i]. False where a part
    /// is NULL.
    bool put(const RowBatch& batch, const std::vector<std::size_t>& slots, std::size_t row,
             std::string& key) const;

  private:
    struct Part {
        std::size_t column;  // of the table
        LogicalType type;
        std::string collation;  // in capitals
    };
    bool append(const ColumnVector& values, std::size_t row, const Part& part, std::string& key) const;

    std::vector<Part> m_parts;
    bool m_has_columns = true;
    bool m_nulls_are_values = false;
};

}  // namespace migrate::backends::json
