#include "backends/sqlite/writer.hpp"

#include <chrono>
#include <optional>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/row_rewrite.hpp"
#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/state.hpp"
#include "session/sqlite_error.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using Clock = std::chrono::steady_clock;
using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

/// Rows are appended, so a small cache holds all the pages that are touched twice.
constexpr std::uint64_t k_writer_cache_bytes = 16ULL * 1024 * 1024;
/// Of so many rows the clock is looked at for one, to learn how the time divides between encoding and
/// inserting.
constexpr std::size_t k_rows_per_sample = 128;

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

/// The prepared INSERT of one table.
class TableWriter {
  public:
    TableWriter(const SqliteSession& session, const Table& table)
        : m_session(session),
          m_table(table),
          m_columns(copied_columns(table)),
          m_statement(session, insert_sql(table), "write table " + table.name.display() + " of"),
          m_scratch(m_columns.size()) {
        const std::string alias = rowid_column(session, table.name.name);
        for (const Column* column : m_columns) {
            if (!alias.empty() && column->name == alias) {
                m_rowid = m_codecs.size();
            }
            m_codecs.emplace_back(column->type, column->format);
        }
    }

    /// Returns how long rows were encoded, about.
    Clock::duration write(const RowBatch& batch) {
        if (batch.columns.size() != m_codecs.size()) {
            throw Error(ErrorCode::internal, "a batch for table " + m_table.name.display() + " has " +
                                                 std::to_string(batch.columns.size()) + " columns, not " +
                                                 std::to_string(m_codecs.size()));
        }
        const auto start = Clock::now();
        const session::SqliteHold hold(m_session.handle());
        // All of a batch or none, so that the caller can take out the row that does not fit.
        m_session.execute("SAVEPOINT batch", "write");
        try {
            for (std::size_t row = 0; row < batch.row_count(); ++row) {
                const bool sampled = row % k_rows_per_sample == 0;
                sampled ? write_sample(batch, row) : write_row(batch, row);
            }
        } catch (...) {
            // A disk that is full has rolled everything back already.
            if (m_session.in_transaction()) {
                m_session.execute("ROLLBACK TO batch; RELEASE batch", "write");
            }
            throw;
        }
        m_session.execute("RELEASE batch", "write");
        return std::chrono::duration_cast<Clock::duration>(encoding_share() * (Clock::now() - start));
    }

  private:
    void write_row(const RowBatch& batch, std::size_t row) {
        bind_row(batch, row);
        step(row);
    }

    void write_sample(const RowBatch& batch, std::size_t row) {
        backend::WriteTimer timer(m_sample);
        bind_row(batch, row);
        timer.encoded();
        step(row);
        timer.sent();
    }

    [[nodiscard]] double encoding_share() const {
        const auto all = static_cast<double>((m_sample.encoding + m_sample.sending).count());
        return all > 0 ? static_cast<double>(m_sample.encoding.count()) / all : 0;
    }

    void bind_row(const RowBatch& batch, std::size_t row) {
        sqlite3_stmt* statement = m_statement.handle();
        for (std::size_t i = 0; i < m_codecs.size(); ++i) {
            const ColumnVector& column = batch.columns[i];
            Cell cell;
            if (i == m_rowid && column.is_null(row)) {
                // SQLite would make up a key that no row has had.
                throw_row_error(m_table, row, m_columns[i]->name, "its key is NULL",
                                SQLITE_CONSTRAINT_NOTNULL);
            }
            if (!column.is_null(row) && !m_codecs[i].encode(column, row, cell, m_scratch[i])) {
                throw_row_error(
                    m_table, row, m_columns[i]->name,
                    "the value cannot be said as " +
                        (m_columns[i]->format.empty() ? to_string(m_columns[i]->type) : m_columns[i]->format),
                    0);
            }
            if (bind_cell(statement, static_cast<int>(i) + 1, cell) != SQLITE_OK) {
                throw_row_error(m_table, row, m_columns[i]->name, sqlite3_errmsg(m_session.handle()),
                                sqlite3_extended_errcode(m_session.handle()));
            }
        }
    }

    void step(std::size_t row) {
        const int result = sqlite3_step(m_statement.handle());
        if (result != SQLITE_DONE) {
            fail(row, result);
        }
        sqlite3_reset(m_statement.handle());
    }

    [[noreturn]] void fail(std::size_t row, int result) {
        const int primary = result & 0xff;
        const std::string why = sqlite3_errmsg(m_session.handle());
        const int code = sqlite3_extended_errcode(m_session.handle());
        if (primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG) {
            sqlite3_reset(m_statement.handle());
            throw_row_error(m_table, row, "", why, code);
        }
        try {
            session::throw_sqlite_error(m_session.handle(), result,
                                        "write table " + m_table.name.display() + " of", m_session.path());
        } catch (...) {
            sqlite3_reset(m_statement.handle());
            throw;
        }
    }

    const SqliteSession& m_session;
    const Table& m_table;
    std::vector<const Column*> m_columns;
    SqliteStatement m_statement;
    std::vector<ColumnCodec> m_codecs;
    std::optional<std::size_t> m_rowid;
    std::vector<std::string> m_scratch;
    backend::WriteTimes m_sample;
};

class ChunkTransaction final : public backend::TargetTransaction {
  public:
    ChunkTransaction(const SqliteSession& session, const ChunkClaim& claim, TableWriter& writer)
        : m_session(session), m_claim(claim), m_writer(writer) {
        m_session.execute("BEGIN IMMEDIATE", "write");
        m_open = true;
    }
    ChunkTransaction(const ChunkTransaction&) = delete;
    ChunkTransaction& operator=(const ChunkTransaction&) = delete;
    ~ChunkTransaction() override {
        if (m_open && m_session.in_transaction()) {
            sqlite3_exec(m_session.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

    void require_epoch() const {
        SqliteStatement find(m_session, "SELECT epoch, owner FROM main._migrate_migration WHERE id=?1");
        find.bind(1, m_claim.migration);
        if (!find.step() || static_cast<std::uint64_t>(find.integer(0)) != m_claim.epoch) {
            ErrorFacts facts;
            facts.code = ErrorCode::locked;
            facts.backend = "sqlite";
            facts.next_step = "See with status who goes on with it.";
            throw Error(std::move(facts),
                        "migration " + m_claim.migration + " has been taken over by another run");
        }
    }

    void write(const RowBatch& batch) override { m_times.encoding += m_writer.write(batch); }
    [[nodiscard]] backend::WriteTimes times() const override { return m_times; }

    void write_dead_letter(const QualifiedName& table, const RejectedRow& row) override {
        insert_dead_letter(m_session, m_claim.migration, table, m_claim.chunk.index, row);
    }

    void record(const Checkpoint& checkpoint) override { insert_checkpoint(m_session, checkpoint); }

    void commit() override {
        m_session.execute("COMMIT", "commit to");
        m_open = false;
    }

  private:
    const SqliteSession& m_session;
    ChunkClaim m_claim;
    TableWriter& m_writer;
    backend::WriteTimes m_times;
    bool m_open = false;
};

class SqliteWriter final : public backend::Writer {
  public:
    SqliteWriter(const std::string& staging, const Schema& schema)
        : m_session(open_staging_session(staging, k_writer_cache_bytes)), m_schema(schema) {}

    std::unique_ptr<backend::TargetTransaction> begin(const ChunkClaim& claim, WriteMode mode) override {
        if (mode != WriteMode::append) {
            throw Error(ErrorCode::unsupported, "a staging file is only appended to");
        }
        if (!m_table || m_table_index != claim.table) {
            m_table.reset();
            m_table.emplace(m_session, m_schema.tables.at(claim.table));
            m_table_index = claim.table;
        }
        auto transaction = std::make_unique<ChunkTransaction>(m_session, claim, *m_table);
        transaction->require_epoch();
        return transaction;
    }

    std::optional<Checkpoint> find_checkpoint(const ChunkClaim& claim) override {
        return read_checkpoint(m_session, claim.migration, m_schema.tables.at(claim.table).name, claim.chunk);
    }

  private:
    SqliteSession m_session;
    const Schema& m_schema;
    std::optional<TableWriter> m_table;
    std::size_t m_table_index = 0;
};

}  // namespace

std::vector<const Column*> copied_columns(const Table& table) {
    std::vector<const Column*> columns;
    for (const Column& column : table.columns) {
        if (!column.generated && !column.hidden) {
            columns.push_back(&column);
        }
    }
    return columns;
}

std::string insert_sql(const Table& table) {
    std::string names;
    std::string parameters;
    for (const Column* column : copied_columns(table)) {
        names += (names.empty() ? "" : ", ") + quote_identifier(column->name);
        parameters += parameters.empty() ? "?" : ", ?";
    }
    // ABORT overrules what the table's own constraints say of conflicts: to ignore the row, or replace
    // another.
    const std::string into = "INSERT OR ABORT INTO main." + quote_identifier(table.name.name);
    return names.empty() ? into + " DEFAULT VALUES" : into + " (" + names + ") VALUES (" + parameters + ")";
}

std::unique_ptr<backend::Writer> make_writer(const std::string& staging, const Schema& schema) {
    return std::make_unique<SqliteWriter>(staging, schema);
}

}  // namespace migrate::backends::sqlite
