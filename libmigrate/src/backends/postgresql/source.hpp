#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/database_identity.hpp"
#include "backend/schema_adopter.hpp"
#include "backend/staged_digests.hpp"
#include "backend/table_holder.hpp"
#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/physical_column.hpp"
#include "backends/postgresql/reader_sessions.hpp"
#include "backends/postgresql/scan_sql.hpp"
#include "backends/postgresql/staging_names.hpp"

namespace migrate::backends::postgresql {

/// A database read in one exported snapshot: this object's own session exports it and stays in it, readers
/// join it. Also what the staging tables of a target are verified through.
class PostgresqlSource final : public backend::Source,
                               public backend::SchemaAdopter,
                               public backend::TableHolder,
                               public backend::Identified {
  public:
    /// staged: what is found elsewhere until the cutover, and where. stored: gets the digests of tables that
    /// are read whole.
    PostgresqlSource(const Endpoint& endpoint, const backend::OpenContext& context, StagingNames staged = {},
                     std::shared_ptr<session::PostgresqlSession> lent = nullptr,
                     std::shared_ptr<backend::StagedDigests> stored = nullptr);
    ~PostgresqlSource() override;

    backend::SourceInfo describe() override;
    backend::DatabaseIdentity identity() override;
    std::optional<std::string> provenance() override;
    backend::Adoption adopt(const Schema& other, const backend::AdoptOptions& options) override;
    void hold_tables(backend::TableChoice wanted) override { m_wanted = std::move(wanted); }
    unsigned pin_snapshot(unsigned readers) override;
    void release_snapshot() override;
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override;
    std::vector<Finding> check(const Schema& schema) override;
    std::vector<backend::BrokenRule> broken_rules(const Schema& schema) override;
    void backup_to(const std::string& path) override;

  private:
    void note_highest(Schema& schema);
    /// True where a part of a table is read, all columns of it.
    [[nodiscard]] bool reads_all(const ScanSpec& spec, const std::vector<ColumnDecoding>& decodings,
                                 session::PostgresqlSession& session);
    [[nodiscard]] QualifiedName located(const QualifiedName& name) const;
    [[nodiscard]] ScanTarget target_of(const Table& table, const Chunk& chunk,
                                       session::PostgresqlSession& session) const;

    SessionFactory m_factory;
    StagingNames m_staged;
    std::vector<std::string> m_schemas;
    std::shared_ptr<session::PostgresqlSession> m_session;
    ReaderSessions m_readers;
    PhysicalColumns m_physical;
    backend::TableChoice m_wanted;  ///< Empty: no table is held.
    std::string m_snapshot;
    unsigned m_reader_count = 0;
    std::shared_ptr<backend::StagedDigests> m_stored;
    bool m_reader_out = false;  ///< Of a lent session's only reader.
};

/// "a,b" as names; blanks around them do not count.
std::vector<std::string> schema_option(const Endpoint& endpoint);

}  // namespace migrate::backends::postgresql
