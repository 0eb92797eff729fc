#pragma once

#include <migrate/row_stream.hpp>

#include "backend/source.hpp"

namespace migrate::adapter {

/// A stream's schema in the place of a source's catalog, so that an import is planned as a migration is. Rows
/// are not read through it: the stream decides the order of its tables.
class StreamSource final : public backend::Source {
  public:
    explicit StreamSource(RowStream& stream) : m_stream(stream) {}

    backend::SourceInfo describe() override;
    std::optional<std::string> provenance() override { return std::nullopt; }
    unsigned pin_snapshot(unsigned /*readers*/) override { return 1; }
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override { return {}; }
    std::vector<Finding> check(const Schema& /*schema*/) override { return {}; }
    void backup_to(const std::string& path) override;

  private:
    RowStream& m_stream;
};

}  // namespace migrate::adapter
