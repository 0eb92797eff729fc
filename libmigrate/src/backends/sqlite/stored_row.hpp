#pragma once

#include <string>

#include <migrate/digest.hpp>

#include "backends/sqlite/cell.hpp"

namespace migrate::backends::sqlite {

/// The value of a column of the current row, text in the encoding of the database. Requires: as read_cell.
Cell read_stored(sqlite3_stmt* statement, int column);

/// Digests rows as they are stored: each value with its class and length, so that no two rows have the same
/// bytes. Digests of this kind are persisted in the undo log.
class StoredRow {
  public:
    void add(const Cell& cell);
    /// The row that was added goes to the digest, and the next begins.
    void finish(Digest& digest);

  private:
    std::string m_bytes;
};

}  // namespace migrate::backends::sqlite
