#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <migrate/adapter.hpp>
#include <migrate/row_stream.hpp>

#include "backend/source.hpp"

namespace migrate::adapter {

/// Everything of one source in one snapshot, table by table and chunk by chunk. Columns that the engine makes
/// itself are delivered too: where they go they may have to be plain ones. Counts each table apart and throws
/// Error{differs} when the rows delivered are not as many.
class SourceStream final : public RowStream {
  public:
    /// Pins the source's snapshot and reads its schema. Throws: Error of the source; Error{usage} for a table
    /// of the options that does not exist.
    SourceStream(std::unique_ptr<backend::Source> source, const ExportOptions& options, std::stop_token stop);
    ~SourceStream() override;

    const Schema& schema() override { return m_schema; }
    std::optional<StreamedTable> next_table() override;
    bool next(RowBatch& batch) override;
    [[nodiscard]] std::vector<Finding> findings() const override { return m_findings; }

  private:
    [[nodiscard]] const Table& table() const { return m_schema.tables[m_turn->table]; }
    void open_chunk();
    void check_count();

    std::unique_ptr<backend::Source> m_source;
    BatchLimits m_limits;
    std::stop_token m_stop;
    Schema m_schema;
    std::vector<Finding> m_findings;
    std::size_t m_next_table = 0;
    std::optional<StreamedTable> m_turn;
    std::vector<Chunk> m_chunks;
    std::size_t m_next_chunk = 0;
    std::unique_ptr<backend::Reader> m_reader;
    std::uint64_t m_rows = 0;  ///< Of this turn, rejects included.
};

}  // namespace migrate::adapter
