#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/row_stream.hpp>

#include "backend/target.hpp"
#include "mapping/conversion.hpp"

namespace migrate::adapter {

/// Writes one table of a stream into its staging table: converts, digests, and commits every so many rows as
/// a chunk with its checkpoint.
class TableWriter {
  public:
    /// Requires: the plan and the writer outlive this. Throws: Error{usage} when the turn does not deliver a
    /// column that the target needs.
    TableWriter(const MigrationPlan& plan, const TablePlan& table, const StreamedTable& turn,
                backend::Writer& writer, std::string owner);

    /// Gives the batch back in the turn's shape, to be filled again. Throws: Error{usage} for a batch that is
    /// not of the turn's shape, Error{row} for a row that does not fit.
    void write(RowBatch& batch);
    /// Commits what is left.
    void finish();

    [[nodiscard]] std::uint64_t rows() const noexcept { return m_rows; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return m_bytes; }
    [[nodiscard]] const Digest& digest() const noexcept { return m_digest; }

  private:
    [[nodiscard]] const Table& source() const { return m_plan.source.tables[m_table.source]; }
    void check_shape(const RowBatch& batch) const;
    void begin_chunk();
    void commit_chunk();

    const MigrationPlan& m_plan;
    const TablePlan& m_table;
    backend::Writer& m_writer;
    std::string m_owner;
    std::vector<TypeKind> m_delivered;     ///< Of the turn's columns.
    std::vector<std::size_t> m_positions;  ///< Of each copied column among the turn's.
    mapping::Transform m_transform;
    std::unique_ptr<backend::TargetTransaction> m_transaction;
    Chunk m_chunk;
    Digest m_chunk_digest;
    std::uint64_t m_chunk_rows = 0;
    std::uint64_t m_chunk_bytes = 0;
    std::uint64_t m_rows = 0;
    std::uint64_t m_bytes = 0;
    Digest m_digest;
};

}  // namespace migrate::adapter
