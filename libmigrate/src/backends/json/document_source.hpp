#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backends/json/input_files.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/line_offsets.hpp"
#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

/// The tables that documents make, as profiling all of them found.
struct DocumentTables {
    std::vector<Collection> collections;
    std::vector<TableShape> shapes;
    std::optional<Table> form_table;  ///< Where some row differs from its table's shape.
    std::vector<Finding> findings;
};

/// JSON that other programs wrote, read as tables. The whole input is profiled once, in read_schema (or
/// before the first call that needs to know), then read; the next opening of the same files knows what was
/// found.
class DocumentSource : public backend::Source {
  public:
    /// Throws: Error{not_found, permission, refused, usage}.
    DocumentSource(const Endpoint& endpoint, const backend::OpenContext& context);

    backend::SourceInfo describe() override;
    std::optional<std::string> provenance() override { return std::nullopt; }
    unsigned pin_snapshot(unsigned readers) override;
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override { return m_stamps.fingerprint(); }
    std::vector<Finding> check(const Schema& schema) override;
    void backup_to(const std::string& path) override;
    void stream_backup(backend::BackupSink& sink) override;

  private:
    void profile();
    std::string memory_name() const;
    void find_tables();
    void find_all_collections();
    CollectionProfile profile_collection(const Collection& collection);
    DocumentShape document_shape(const TableShape& shape) const;
    std::unique_ptr<backend::Reader> open_forms(const ScanSpec& spec);
    std::uint64_t count_forms();
    bool is_form_table(const QualifiedName& table);
    const TableShape& shape_of(const QualifiedName& table);
    std::vector<const TableShape*> chain_of(const TableShape& shape) const;

    std::string m_path;
    DocumentOptions m_options;
    backend::OpenContext m_context;
    std::vector<Finding> m_findings;
    std::vector<InputGroup> m_groups;
    InputStamps m_stamps;
    std::string m_asked;                      // the endpoint's options
    std::shared_ptr<DocumentTables> m_found;  // once profiled; nobody changes it then
    std::vector<LineNumbers> m_line_numbers;  // one for each collection
};

}  // namespace migrate::backends::json
