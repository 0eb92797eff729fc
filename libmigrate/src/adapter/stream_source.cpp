#include "adapter/stream_source.hpp"

#include <algorithm>

#include <migrate/error.hpp>

namespace migrate::adapter {
namespace {

[[noreturn]] void fail_unsupported() {
    throw Error(ErrorCode::unsupported, "A stream is read once, table by table, and from its beginning.");
}

}  // namespace

backend::SourceInfo StreamSource::describe() {
    backend::SourceInfo info;
    info.engine = m_stream.schema().engine;
    info.engine_version = m_stream.schema().engine_version;
    info.display = "a stream of rows";
    info.snapshot_kind = "as the stream delivers them";
    return info;
}

backend::SchemaReading StreamSource::read_schema(const backend::SchemaRequest& request) {
    backend::SchemaReading reading{m_stream.schema(), m_stream.findings()};
    std::erase_if(reading.schema.tables, [&](const Table& table) {
        return std::ranges::find(request.skip_tables, table.name) != request.skip_tables.end();
    });
    return reading;
}

std::vector<Chunk> StreamSource::chunks(const Table& /*table*/, const backend::ChunkOptions& /*options*/) {
    fail_unsupported();
}

std::unique_ptr<backend::Reader> StreamSource::open_reader(const ScanSpec& /*spec*/) {
    fail_unsupported();
}

std::uint64_t StreamSource::count_rows(const Table& /*table*/) {
    fail_unsupported();
}

void StreamSource::backup_to(const std::string& /*path*/) {
    fail_unsupported();
}

}  // namespace migrate::adapter
