#include "backends/sqlite/table_writer.hpp"

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/writer.hpp"
#include "session/sqlite_error.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

[[noreturn]] void throw_row_error(const Table& table, std::size_t row, const std::string& column,
                                  const std::string& why, int native_code) {
    ErrorFacts facts;
    facts.code = ErrorCode::row;
    facts.backend = "sqlite";
    facts.native_code = native_code;
    facts.table = table.name.display();
    facts.column = column;
    facts.row = row;
    facts.next_step = "Mend the row, or choose another type for the column with --type.";
    throw Error(std::move(facts), "a row does not fit table " + table.name.display() +
                                      (column.empty() ? "" : ", column " + column) + ": " + why);
}

}  // namespace

std::string insert_into(const Table& table) {
    std::string names;
    for (const Column* column : copied_columns(table)) {
        names += (names.empty() ? "" : ", ") + quote_identifier(column->name);
    }
    // ABORT overrules what the table's own constraints say of conflicts: to ignore the row, or replace
    // another.
    const std::string into = "INSERT OR ABORT INTO main." + quote_identifier(table.name.name);
    return names.empty() ? into : into + " (" + names + ")";
}

TableWriter::TableWriter(const SqliteSession& session, const Table& table)
    : m_session(session),
      m_table(table),
      m_batch(copied_columns(table).empty() ? nullptr : std::make_unique<BatchTable>(session, table)),
      m_statement(session,
                  insert_into(table) +
                      (m_batch ? " SELECT * FROM " + quote_identifier(m_batch->name()) : " DEFAULT VALUES"),
                  "write table " + table.name.display() + " of") {}

std::chrono::steady_clock::duration TableWriter::write(const RowBatch& batch) {
    m_session.execute("SAVEPOINT batch", "write");
    try {
        insert(batch);
    } catch (...) {
        // A disk that is full has rolled everything back already.
        if (m_session.in_transaction()) {
            m_session.execute("ROLLBACK TO batch; RELEASE batch", "write");
        }
        throw;
    }
    m_session.execute("RELEASE batch", "write");
    return m_batch ? m_batch->encoding() : std::chrono::steady_clock::duration(0);
}

std::int64_t TableWriter::run(SqliteStatement& statement, const RowBatch& batch) {
    m_batch->show(batch);
    step(statement);
    return sqlite3_changes64(m_session.handle());
}

void TableWriter::insert(const RowBatch& batch) {
    if (m_batch) {
        m_batch->show(batch);
        step(m_statement);
        return;
    }
    for (m_row = 0; m_row < batch.row_count(); ++m_row) {
        step(m_statement);
    }
}

void TableWriter::step(SqliteStatement& statement) {
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_reset)> reset(statement.handle(), &sqlite3_reset);
    const int result = sqlite3_step(statement.handle());
    if (result != SQLITE_DONE) {
        fail(result);
    }
}

void TableWriter::fail(int result) {
    const int primary = result & 0xff;
    if (const auto misfit = m_batch ? m_batch->misfit() : std::nullopt) {
        throw_row_error(m_table, m_batch->row(), misfit->column, misfit->why, misfit->native_code);
    }
    if (primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG) {
        throw_row_error(m_table, m_batch ? m_batch->row() : m_row, "", sqlite3_errmsg(m_session.handle()),
                        sqlite3_extended_errcode(m_session.handle()));
    }
    session::throw_sqlite_error(m_session.handle(), result, "write table " + m_table.name.display() + " of",
                                m_session.path());
}

}  // namespace migrate::backends::sqlite
