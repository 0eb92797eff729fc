#include "copy/chunk_list.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace migrate::copy {
namespace {

/// Estimates are not kept by every target, and say nothing of what a chunk holds.
bool same_bounds(const Chunk& a, const Chunk& b) {
    return a.kind == b.kind && a.index == b.index && a.first == b.first && a.last == b.last &&
           a.partition == b.partition;
}

}  // namespace

Chunk ListedChunk::recorded() const {
    Chunk recorded = chunk;
    recorded.index = index_at_target;
    return recorded;
}

std::vector<ListedChunk> list_chunks(backend::Source& source, const MigrationPlan& plan) {
    backend::ChunkOptions options;
    options.target_rows = plan.options.chunk_rows;
    std::vector<ListedChunk> listed;
    std::map<std::size_t, std::uint32_t> chunks_of_target;
    for (std::size_t i = 0; i < plan.tables.size(); ++i) {
        std::uint32_t& next = chunks_of_target[plan.tables[i].target];
        const std::uint32_t first = next;
        for (Chunk& chunk : source.chunks(plan.source.tables[plan.tables[i].source], options)) {
            ++next;
            const std::uint32_t index = first + chunk.index;
            listed.push_back({i, std::move(chunk), index, std::nullopt});
        }
    }
    return listed;
}

bool mark_finished(const MigrationPlan& plan, const std::vector<Checkpoint>& checkpoints,
                   std::vector<ListedChunk>& chunks) {
    std::map<std::pair<QualifiedName, std::uint32_t>, ListedChunk*> by_place;
    for (ListedChunk& chunk : chunks) {
        const Table& target = plan.target.tables[plan.tables[chunk.table].target];
        by_place[{target.name, chunk.index_at_target}] = &chunk;
    }
    for (const Checkpoint& checkpoint : checkpoints) {
        const auto found = by_place.find({checkpoint.table, checkpoint.chunk.index});
        if (found == by_place.end() || !same_bounds(found->second->recorded(), checkpoint.chunk)) {
            return false;
        }
        found->second->finished = checkpoint;
    }
    return true;
}

std::string place_of(const std::vector<ListedChunk>& chunks, std::size_t table, const Chunk& chunk,
                     std::uint64_t ordinal, bool filtered) {
    std::string row =
        "row " + std::to_string(ordinal + 1) + (filtered ? " that the filter lets through" : "");
    const bool is_all = std::count_if(chunks.begin(), chunks.end(),
                                      [&](const ListedChunk& one) { return one.table == table; }) == 1;
    if (is_all || chunk.kind == ChunkKind::whole) {
        return row;
    }
    const std::string of = chunk.partition.empty() ? "" : " of " + chunk.partition;
    return row + of +
           (chunk.kind == ChunkKind::ctid_blocks  ? " from page "
            : chunk.kind == ChunkKind::byte_range ? " from byte "
                                                  : " from rowid ") +
           std::to_string(chunk.first) + " on";
}

}  // namespace migrate::copy
