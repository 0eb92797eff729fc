#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backends/sqlite/batch_table.hpp"
#include "session/sqlite_session.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {

/// "INSERT INTO t (columns)" of the table's copied columns.
std::string insert_into(const Table& table);

/// Writes rows into one table of the connection's main database by a prepared INSERT. One of a connection at
/// a time; the session and the table outlive it.
class TableWriter {
  public:
    TableWriter(const session::SqliteSession& session, const Table& table);

    /// All of a batch or none, so that the caller can take out the row that does not fit. Returns how long
    /// rows were encoded, about. Throws: Error{row} with the row.
    std::chrono::steady_clock::duration write(const RowBatch& batch);

    /// In SQL, what run() shows: columns c0, c1…, one for each that is copied. Requires: there are such
    /// columns.
    [[nodiscard]] const std::string& batch_name() const { return m_batch->name(); }
    /// Runs another statement that reads the batch; returns how many rows it has changed. Throws: as write().
    std::int64_t run(session::SqliteStatement& statement, const RowBatch& batch);

  private:
    void insert(const RowBatch& batch);
    void step(session::SqliteStatement& statement);
    [[noreturn]] void fail(int result);

    const session::SqliteSession& m_session;
    const Table& m_table;
    std::unique_ptr<BatchTable> m_batch;  ///< None where a row has no values.
    session::SqliteStatement m_statement;
    std::size_t m_row = 0;  ///< Of those without values.
};

}  // namespace migrate::backends::sqlite
