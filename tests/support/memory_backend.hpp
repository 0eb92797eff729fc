#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backend/source.hpp"
#include "backend/target.hpp"

/// An engine that keeps everything in memory: fast, and able to fail on command at any step.
namespace migrate::test {

/// A table's rows, as one batch of all its columns.
struct InMemoryTable {
    Table table;
    RowBatch rows;
};

/// A database of memory tables; shared between what is opened on it.
struct InMemoryDatabase {
    std::vector<InMemoryTable> tables;
    std::vector<Checkpoint> checkpoints;
    std::vector<DeadLetter> dead_letters;
    std::mutex mutex;

    InMemoryTable* find(const QualifiedName& name);
};

/// Copies row `row` of `from` to the end of `to`, column by column; `columns` picks and orders them.
void append_row(const RowBatch& from, std::size_t row, const std::vector<std::size_t>& columns, RowBatch& to);

class InMemorySource : public backend::Source {
  public:
    explicit InMemorySource(std::shared_ptr<InMemoryDatabase> database, std::size_t chunk_rows = 100)
        : m_database(std::move(database)), m_chunk_rows(chunk_rows) {}

    /// Called before each batch is handed out; may throw.
    std::function<void()> before_batch;
    /// Says why a row of a table cannot be read; empty where it can.
    std::function<std::string(const InMemoryTable&, std::size_t row)> misfit;
    std::optional<std::string> recorded_provenance;

    backend::SourceInfo describe() override;
    std::optional<std::string> provenance() override { return recorded_provenance; }
    unsigned pin_snapshot(unsigned readers) override { return readers; }
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override { return "memory"; }
    std::vector<Finding> check(const Schema& /*schema*/) override { return {}; }
    void backup_to(const std::string& path) override;

  private:
    std::shared_ptr<InMemoryDatabase> m_database;
    std::size_t m_chunk_rows;
};

/// Where a faulty target fails. Counted over all writers of the target.
struct InMemoryFaults {
    int fail_write = -1;          ///< The nth write (from 0) throws.
    int fail_commit_before = -1;  ///< The nth commit throws and nothing is committed.
    int fail_commit_after = -1;   ///< The nth commit happens, and its answer is lost.
    ErrorCode code = ErrorCode::transient;
};

/// Why a row is refused.
struct InMemoryRefusal {
    std::string column;
    bool row_is_named = true;  ///< Else the whole batch is refused, as by an engine that names no row.
};

class InMemoryTarget : public backend::Target {
  public:
    explicit InMemoryTarget(std::shared_ptr<InMemoryDatabase> database) : m_database(std::move(database)) {}

    InMemoryFaults faults;
    /// Says what is wrong with a row; a batch that has one is refused as a whole.
    std::function<std::optional<InMemoryRefusal>(const RowBatch&, std::size_t row)> refuse;
    int writes = 0;
    int commits = 0;

    backend::SourceInfo describe() override;
    std::vector<QualifiedName> existing_tables() override;
    backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) override;
    std::vector<Finding> preflight(const backend::TargetPlan& plan, std::uint64_t bytes) override;
    std::vector<std::string> sql(const backend::TargetPlan& plan) override;
    void lock(const std::string& /*migration*/) override {}
    void begin(const backend::TargetPlan& plan) override;
    std::unique_ptr<backend::Writer> open_writer() override;
    std::vector<backend::BuildStep> build_steps() override { return {}; }
    backend::BuildResult build(const backend::BuildStep& /*step*/) override { return {}; }
    std::unique_ptr<backend::Source> open_staging() override;
    void mark_ready(const std::string& /*plan_json*/) override {}
    std::vector<Finding> cutover(const backend::Account& /*account*/) override { return {}; }
    void abandon(const std::string& /*migration*/) override { m_database->tables.clear(); }
    std::uint64_t finalize(const std::string& /*migration*/) override { return 0; }
    void dead_letters(const std::string& migration,
                      const std::function<void(const DeadLetter&)>& take) override;
    [[nodiscard]] std::string dead_letter_place(const std::string& /*migration*/) const override {
        return "memory";
    }
    std::vector<backend::RecordedMigration> recorded_migrations() override { return {}; }
    void reopen(const backend::TargetPlan& /*plan*/) override {}
    backend::Resumption resume(const backend::TargetPlan& /*plan*/) override {
        return {2, m_database->checkpoints, {}};
    }

    [[nodiscard]] InMemoryDatabase& database() { return *m_database; }
    [[nodiscard]] const Schema& schema() const { return m_schema; }

  private:
    std::shared_ptr<InMemoryDatabase> m_database;
    Schema m_schema;
};

}  // namespace migrate::test
