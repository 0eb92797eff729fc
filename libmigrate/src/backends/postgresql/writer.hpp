#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/staged_digests.hpp"
#include "backend/target.hpp"
#include "backends/postgresql/copy_encoder.hpp"
#include "backends/postgresql/physical_column.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql {

/// What all writers of a target share; outlives them.
struct WriterContext {
    const Schema* schema = nullptr;
    const StagingNames* names = nullptr;
    PhysicalColumns* physical = nullptr;
    state::Place place;
    std::shared_ptr<backend::StagedDigests> written = nullptr;  ///< Gets digests of the rows, where wanted.
};

/// Writes chunks by COPY on a session of its own, each with its checkpoint in one transaction.
class CopyWriter final : public backend::Writer {
  public:
    CopyWriter(std::shared_ptr<session::PostgresqlSession> session, WriterContext context)
        : m_session(std::move(session)), m_context(std::move(context)) {}

    std::unique_ptr<backend::TargetTransaction> begin(const ChunkClaim& claim, WriteMode mode) override;
    std::optional<Checkpoint> find_checkpoint(const ChunkClaim& claim) override;

  private:
    std::shared_ptr<session::PostgresqlSession> m_session;
    WriterContext m_context;
};

/// One chunk's transaction. Each batch is a COPY within a savepoint, so that a row that does not fit leaves
/// the transaction usable.
class CopyTransaction final : public backend::TargetTransaction {
  public:
    CopyTransaction(session::PostgresqlSession& session, const Table& table, const QualifiedName& staged,
                    const std::vector<PhysicalColumn>& physical, ChunkClaim claim, state::Place place,
                    std::shared_ptr<backend::StagedDigests> written);
    ~CopyTransaction() override;
    CopyTransaction(const CopyTransaction&) = delete;
    CopyTransaction& operator=(const CopyTransaction&) = delete;

    void write(const RowBatch& batch) override;
    void write_dead_letter(const QualifiedName& table, const RejectedRow& row) override;
    void record(const Checkpoint& checkpoint) override;
    void commit() override;
    /// From here on the transaction is whose it was: it stays open.
    void let_go() noexcept { m_open = false; }
    [[nodiscard]] backend::WriteTimes times() const override { return m_times; }

  private:
    void encode(const RowBatch& batch, Digest& digest, backend::WriteTimer& timer);
    void start_copy();
    void send(std::string_view bytes);
    void finish_copy(std::size_t rows);
    void abort_copy() noexcept;
    void rollback_to_savepoint();
    void drain();
    [[noreturn]] void fail_row(const PGresult* result, std::size_t rows);

    session::PostgresqlSession& m_session;
    const Table& m_table;
    QualifiedName m_staged;
    ChunkClaim m_claim;
    state::Place m_place;
    CopyEncoder m_encoder;
    std::string m_copy_sql;
    std::string m_buffer;
    std::shared_ptr<backend::StagedDigests> m_written;  ///< Null where rows are not digested.
    Digest m_digest;
    backend::WriteTimes m_times;
    bool m_savepoint = false;
    bool m_open = true;
};

}  // namespace migrate::backends::postgresql
