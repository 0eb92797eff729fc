#include "backends/sqlite/writer.hpp"

#include <optional>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/table_writer.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

/// Rows are appended, so a small cache holds all the pages that are touched twice.
constexpr std::uint64_t k_writer_cache_bytes = 16ULL * 1024 * 1024;

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
        SqliteStatement find(m_session, "SELECT epoch FROM main._migrate_migration WHERE id=?1");
        find.bind(1, m_claim.migration);
        if (!find.step() || static_cast<std::uint64_t>(find.integer(0)) != m_claim.epoch) {
            throw_taken_over(m_claim.migration);
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
    std::string parameters;
    for (std::size_t i = 0; i < copied_columns(table).size(); ++i) {
        parameters += parameters.empty() ? "?" : ", ?";
    }
    return insert_into(table) + (parameters.empty() ? " DEFAULT VALUES" : " VALUES (" + parameters + ")");
}

std::unique_ptr<backend::Writer> make_writer(const std::string& staging, const Schema& schema) {
    return std::make_unique<SqliteWriter>(staging, schema);
}

}  // namespace migrate::backends::sqlite
