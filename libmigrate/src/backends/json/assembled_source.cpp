#include "backends/json/assembled_source.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/json/assembled_reader.hpp"
#include "backends/json/row_reader.hpp"

namespace migrate::backends::json {

namespace {

/// Rows of a staged file, which no document holds.
class StagedReader : public backend::Reader {
  public:
    StagedReader(const ScanSpec& spec, const std::string& path) {
        m_stamps.add(path);
        m_stamps.pin();
        RowRange range;
        range.path = path;
        m_reader = std::make_unique<RowReader>(spec, range, m_stamps);
    }
    bool next(RowBatch& batch) override { return m_reader->next(batch); }

  private:
    InputStamps m_stamps;
    std::unique_ptr<RowReader> m_reader;
};

}  // namespace

AssembledSource::AssembledSource(Schema schema, Place place)
    : m_schema(std::move(schema)), m_tree(document_tree(m_schema)), m_place(std::move(place)) {}

backend::SourceInfo AssembledSource::describe() {
    backend::SourceInfo info;
    info.engine = "json";
    info.display = m_place.path;
    info.facts["layout"] = "documents";
    return info;
}

backend::SchemaReading AssembledSource::read_schema(const backend::SchemaRequest& /*request*/) {
    backend::SchemaReading reading;
    reading.schema = m_schema;
    return reading;
}

std::size_t AssembledSource::index_of(const QualifiedName& table) const {
    for (std::size_t i = 0; i < m_schema.tables.size(); ++i) {
        if (m_schema.tables[i].name == table) {
            return i;
        }
    }
    throw Error(ErrorCode::not_found, "there is no table " + table.display());
}

std::vector<Chunk> AssembledSource::chunks(const Table& /*table*/, const backend::ChunkOptions& /*options*/) {
    return {Chunk{}};
}

std::unique_ptr<backend::Reader> AssembledSource::open_reader(const ScanSpec& spec) {
    const std::size_t table = index_of(spec.table->name);
    for (std::size_t i = 0; i < m_tree.nodes.size(); ++i) {
        if (m_tree.nodes[i].table == table) {
            return std::make_unique<AssembledReader>(spec, m_schema, m_tree, m_place, i);
        }
    }
    return std::make_unique<StagedReader>(spec, m_place.file_of(table));
}

std::uint64_t AssembledSource::count_rows(const Table& table) {
    ScanSpec spec;
    spec.table = &m_schema.tables[index_of(table.name)];
    const auto reader = open_reader(spec);
    std::uint64_t rows = 0;
    RowBatch batch;
    while (reader->next(batch)) {
        rows += batch.row_count();
    }
    return rows;
}

std::vector<Finding> AssembledSource::check(const Schema& /*schema*/) {
    return {};
}

void AssembledSource::backup_to(const std::string& /*path*/) {
    throw Error(ErrorCode::unsupported, "documents in staging have no backup");
}

}  // namespace migrate::backends::json
