#include "backends/postgresql/chunking.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/scan_sql.hpp"
#include "backends/postgresql/sql/leaves.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr std::int64_t k_block_bytes = 8192;
/// Before this version a range of blocks is found by reading all of them.
constexpr int k_tid_range_scan_version = 140000;

struct Leaf {
    std::string name;
    bool is_root = false;
    std::int64_t blocks = 0;
    std::int64_t rows = 0;
    std::int64_t pages = 0;  ///< When the rows were estimated.
    std::int64_t bytes = 0;  ///< With what is kept out of line.
    bool divisible = false;
};

std::int64_t blocks_per_chunk(const Leaf& leaf, const backend::ChunkOptions& options) {
    const std::int64_t bytes_per_block =
        leaf.blocks > 0 ? std::max(leaf.bytes / leaf.blocks, k_block_bytes) : k_block_bytes;
    std::int64_t blocks = static_cast<std::int64_t>(options.target_bytes) / bytes_per_block;
    if (leaf.rows > 0 && leaf.pages > 0) {
        const double rows_per_block = static_cast<double>(leaf.rows) / static_cast<double>(leaf.pages);
        blocks = std::min(
            blocks, static_cast<std::int64_t>(static_cast<double>(options.target_rows) / rows_per_block));
    }
    return std::max<std::int64_t>(blocks, 1);
}

std::uint64_t estimated_rows(const Leaf& leaf, std::int64_t blocks) {
    return leaf.pages == 0 ? 0 : static_cast<std::uint64_t>(leaf.rows * blocks / leaf.pages);
}

void add_chunks(const Leaf& leaf, const backend::ChunkOptions& options, std::vector<Chunk>& chunks) {
    const std::string partition = leaf.is_root ? std::string() : leaf.name;
    const std::int64_t step = leaf.divisible ? blocks_per_chunk(leaf, options) : k_last_block;
    std::int64_t first = 0;
    do {
        Chunk chunk;
        chunk.index = static_cast<std::uint32_t>(chunks.size());
        chunk.partition = partition;
        const bool last = first + step >= leaf.blocks;
        chunk.kind = first == 0 && last && leaf.is_root ? ChunkKind::whole : ChunkKind::ctid_blocks;
        chunk.first = first;
        chunk.last = last ? k_last_block : first + step - 1;
        chunk.row_estimate = estimated_rows(leaf, std::min(step, leaf.blocks - first));
        if (chunk.kind == ChunkKind::whole) {
            chunk.first = chunk.last = 0;
        }
        chunks.push_back(std::move(chunk));
        first += step;
    } while (first < leaf.blocks);
}

}  // namespace

std::vector<Chunk> block_chunks(session::PostgresqlSession& session, const QualifiedName& table,
                                const backend::ChunkOptions& options) {
    const auto rows = session.query(sql::leaves, {table.schema, table.name},
                                    fmt::format("measuring table {}", table.display()));
    std::vector<Chunk> chunks;
    for (int row = 0; row < rows.size(); ++row) {
        Leaf leaf;
        leaf.name = rows.text(row, 0);
        leaf.is_root = rows.boolean(row, 1);
        leaf.blocks = rows.integer(row, 2);
        leaf.rows = rows.integer(row, 3);
        leaf.pages = rows.integer(row, 4);
        leaf.bytes = rows.integer(row, 5);
        leaf.divisible = rows.boolean(row, 6) && session.server_version() >= k_tid_range_scan_version;
        add_chunks(leaf, options, chunks);
    }
    if (chunks.empty()) {
        chunks.emplace_back();
    }
    return chunks;
}

}  // namespace migrate::backends::postgresql
