#pragma once

#include <functional>
#include <memory>
#include <string>

#include "backend/source.hpp"
#include "backends/json/document_tree.hpp"

namespace migrate::backends::json {

/// Documents that were assembled, read back as the tables they were made of, for verification: by the readers
/// of any document, with the assembler's notes for what documents do not say. A row that stands in another
/// row than the one it refers to is an error.
class AssembledSource : public backend::Source {
  public:
    struct Place {
        std::string path;  ///< The directory of documents, or the one file.
        bool is_file = false;
        std::string temporary;                                  ///< Where the notes are.
        std::function<std::string(std::size_t table)> file_of;  ///< Staged rows: for the table of forms.
    };

    /// The schema is copied.
    AssembledSource(Schema schema, Place place);

    backend::SourceInfo describe() override;
    std::optional<std::string> provenance() override { return std::nullopt; }
    unsigned pin_snapshot(unsigned readers) override { return readers == 0 ? 1 : readers; }
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override { return {}; }
    std::vector<Finding> check(const Schema& schema) override;
    void backup_to(const std::string& path) override;

  private:
    std::size_t index_of(const QualifiedName& table) const;

    Schema m_schema;
    DocumentTree m_tree;
    Place m_place;
};

}  // namespace migrate::backends::json
