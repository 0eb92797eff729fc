#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backend/schema_adopter.hpp"
#include "backend/source.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/layout.hpp"
#include "backends/json/line_offsets.hpp"
#include "backends/json/nested_reader.hpp"

namespace migrate::backends::json {

/// A database that this tool wrote as JSON, read. Its manifest says what everything is, so nothing is
/// guessed.
class ManifestSource : public backend::Source, public backend::SchemaAdopter {
  public:
    /// `infer_keys`: it was asked that keys be inferred, which its manifest makes needless; a note says so.
    /// Throws: Error{malformed, not_found…}.
    ManifestSource(const std::string& path, Layout layout, bool infer_keys = false,
                   std::stop_token stop = {});

    backend::SourceInfo describe() override;
    std::optional<std::string> provenance() override;
    backend::Adoption adopt(const Schema& other, const backend::AdoptOptions& options) override;
    unsigned pin_snapshot(unsigned readers) override;
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override;
    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override;
    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override;
    std::uint64_t count_rows(const Table& table) override;
    backend::Fingerprint fingerprint() override { return m_stamps.fingerprint(); }
    std::vector<Finding> check(const Schema& schema) override;
    std::vector<backend::BrokenRule> broken_rules(const Schema& schema) override;
    void backup_to(const std::string& path) override;
    void stream_backup(backend::BackupSink& sink) override;

  private:
    std::string file_of(const ManifestTable& table) const;
    const ManifestTable& require(const QualifiedName& table) const;
    const TableSection& section_of(const ManifestTable& table) const;
    std::size_t index_of(const ManifestTable& table) const;
    std::vector<NestedPlace> places_of(const ManifestTable& table) const;
    std::uint64_t bytes_of(const ManifestTable& table) const;
    void check_keys(const Schema& schema, const Table& table, std::vector<Finding>& findings);
    void report_unread(const backend::SchemaRequest& request, std::vector<Finding>& findings) const;

    std::string m_path;
    std::stop_token m_stop;
    Layout m_layout;
    bool m_infer_keys;
    Manifest m_manifest;
    InputStamps m_stamps;
    std::vector<std::string> m_unread;               // what the manifest does not name, and might hold rows
    std::map<std::string, TableSection> m_sections;  // layout file, by member
    std::map<std::string, LineNumbers> m_lines;      // layout tables, by file
    std::vector<const Table*> m_tables;              // layout nested, as below
    std::vector<NestNode> m_nodes;                   // in the order of the manifest's tables
};

/// All rows of a table as they are now.
struct RowScan {
    Digest digest;              ///< Of those that are read.
    std::uint64_t rejects = 0;  ///< Those that are not what the manifest says.
    std::string first_reject;   ///< Why the first is not.
};

/// `known` is the digest that theirs will be compared with, and says how they are hashed; may be empty.
RowScan scan_rows(backend::Source& source, const Table& table, std::string_view known);

}  // namespace migrate::backends::json
