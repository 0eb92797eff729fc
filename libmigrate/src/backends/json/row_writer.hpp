#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/json/staging.hpp"
#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

/// Writes chunks into staged table files, one at a time.
/// A chunk commits so: its lines are appended and synced, then its checkpoint appears by rename. What a chunk
/// without a checkpoint has left in a file is cut off before anything else is written there.
class RowWriter : public backend::Writer {
  public:
    /// Both are borrowed from the target.
    RowWriter(Staging& staging, const backend::TargetPlan& plan, EncodeOptions options);

    std::unique_ptr<backend::TargetTransaction> begin(const ChunkClaim& claim, WriteMode mode) override;
    std::optional<Checkpoint> find_checkpoint(const ChunkClaim& claim) override;

  private:
    Staging& m_staging;
    const backend::TargetPlan& m_plan;
    EncodeOptions m_options;
};

/// Says rows of one table as lines of NDJSON. Not thread-safe.
class RowEncoder {
  public:
    RowEncoder(const Table& table, EncodeOptions options);
    void append_row(const RowBatch& batch, std::size_t row, std::string& out);

  private:
    std::vector<std::string> m_prefixes;  // `{"id":`, `,"name":`
    std::vector<LogicalType> m_types;
    ValueEncoder m_encoder;
};

}  // namespace migrate::backends::json
