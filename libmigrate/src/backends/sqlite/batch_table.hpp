#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// The rows of a batch as a virtual table of one connection, so that one statement inserts them all: its
/// cursors stay where they are from row to row, while a statement for each row binds every value, opens its
/// cursors and looks for its place anew. It has the columns that are copied into `table`, in order, with the
/// values as SQLite is to hold them.
///
/// Not thread-safe. Requires: the session and the table outlive it; statements that read it are finalised
/// before it, and there is one of it at a time on a connection.
class BatchTable {
  public:
    /// What a row cannot be written for, found on reading it.
    struct Misfit {
        std::string column;
        std::string why;
        int native_code = 0;  ///< SQLite's; 0 where it was not asked.
    };

    /// Requires: the table has columns that are copied. Throws: Error.
    BatchTable(const session::SqliteSession& session, const Table& table);
    BatchTable(const BatchTable&) = delete;
    BatchTable& operator=(const BatchTable&) = delete;
    ~BatchTable();

    /// In SQL: no table or view of the database has this name.
    [[nodiscard]] const std::string& name() const noexcept { return m_name; }

    /// What the next statement reads. The batch must live until that statement has ended. Throws:
    /// Error{internal} where it has not the table's columns.
    void show(const RowBatch& batch);

    /// The row that the statement has come to, from 0: in a constraint's error the one that it refused.
    [[nodiscard]] std::size_t row() const noexcept;
    /// How long the rows shown last were encoded, about: by the clock for one row of many.
    [[nodiscard]] std::chrono::steady_clock::duration encoding() const noexcept;
    /// Why reading that row has stopped the statement, if it has. Throws what has stopped it otherwise.
    [[nodiscard]] std::optional<Misfit> misfit() const;

  private:
    struct Rows;

    const session::SqliteSession& m_session;
    std::string m_name = "_migrate_batch";
    std::unique_ptr<Rows> m_rows;
};

}  // namespace migrate::backends::sqlite
