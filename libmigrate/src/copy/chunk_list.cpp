#include "copy/chunk_list.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace migrate::copy {
namespace {

/// Estimates are not kept by every target, and say nothing of what a chunk holds.
bool same_bounds(const Chunk& a, const Chunk& b) {
    return a.kind == b.kind && a.first == b.first && a.last == b.last && a.partition == b.partition;
}

/// Each checkpoint is of a chunk that is listed, under its number.
bool mark_same(std::vector<ListedChunk>& chunks, const std::vector<Checkpoint>& checkpoints) {
    std::map<std::uint32_t, ListedChunk*> by_index;
    for (ListedChunk& chunk : chunks) {
        by_index[chunk.index_at_target] = &chunk;
    }
    return std::all_of(checkpoints.begin(), checkpoints.end(), [&](const Checkpoint& checkpoint) {
        const auto same = by_index.find(checkpoint.chunk.index);
        if (same == by_index.end() || !same_bounds(same->second->chunk, checkpoint.chunk)) {
            return false;
        }
        same->second->finished = checkpoint;
        return true;
    });
}

/// Of chunks whose bounds are two numbers, both included, wherever they were set.
bool is_cut_anywhere(ChunkKind kind) {
    return kind == ChunkKind::rowid_range || kind == ChunkKind::ctid_blocks;
}

bool is_one_of(const Chunk& chunk, const std::vector<ListedChunk>& listed) {
    return std::any_of(listed.begin(), listed.end(), [&](const ListedChunk& one) {
        return one.chunk.kind == chunk.kind && one.chunk.partition == chunk.partition;
    });
}

bool is_before(const Checkpoint& a, const Checkpoint& b) {
    return std::tie(a.chunk.partition, a.chunk.first) < std::tie(b.chunk.partition, b.chunk.first);
}

bool overlap_next(const Checkpoint& a, const Checkpoint& b) {
    return a.chunk.partition == b.chunk.partition && a.chunk.last >= b.chunk.first;
}

/// Cuts finished chunks, in the order of their places, out of those that are listed.
class ChunkCutter {
  public:
    ChunkCutter(std::size_t table, std::vector<Checkpoint> finished)
        : m_table(table), m_finished(std::move(finished)) {
        for (const Checkpoint& one : m_finished) {
            m_next_index = std::max(m_next_index, one.chunk.index + 1);
        }
        m_taken.resize(m_finished.size());
    }

    /// What of the chunk is not finished, and the finished ones that begin in it.
    void cut(const Chunk& chunk) {
        std::int64_t first = chunk.first;
        for (std::size_t i = first_at(chunk.partition, first); i < m_finished.size(); ++i) {
            const Chunk& done = m_finished[i].chunk;
            if (done.partition != chunk.partition || done.first > chunk.last) {
                break;
            }
            if (done.first > first) {
                add_open(chunk, first, done.first - 1);
            }
            add_finished(i);
            if (done.last >= chunk.last) {
                return;
            }
            first = done.last + 1;
        }
        add_open(chunk, first, chunk.last);
    }

    /// Beyond all that is listed there are no rows, but what is finished counts.
    std::vector<ListedChunk> take() {
        for (std::size_t i = 0; i < m_finished.size(); ++i) {
            add_finished(i);
        }
        return std::move(m_chunks);
    }

  private:
    /// The first that does not end before a place.
    [[nodiscard]] std::size_t first_at(const std::string& partition, std::int64_t place) const {
        const auto found =
            std::partition_point(m_finished.begin(), m_finished.end(), [&](const Checkpoint& one) {
                return std::tie(one.chunk.partition, one.chunk.last) < std::tie(partition, place);
            });
        return static_cast<std::size_t>(found - m_finished.begin());
    }
    void add_open(Chunk chunk, std::int64_t first, std::int64_t last) {
        chunk.row_estimate = first == chunk.first && last == chunk.last ? chunk.row_estimate : 0;
        chunk.first = first;
        chunk.last = last;
        chunk.index = m_next_index++;
        const std::uint32_t index = chunk.index;
        m_chunks.push_back({m_table, std::move(chunk), index, std::nullopt});
    }
    void add_finished(std::size_t i) {
        if (!m_taken[i]) {
            m_taken[i] = true;
            m_chunks.push_back({m_table, m_finished[i].chunk, m_finished[i].chunk.index, m_finished[i]});
        }
    }

    std::size_t m_table;
    std::vector<Checkpoint> m_finished;
    std::vector<bool> m_taken;
    std::vector<ListedChunk> m_chunks;
    std::uint32_t m_next_index = 0;
};

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

std::optional<std::vector<ListedChunk>> fit_finished(const std::vector<ListedChunk>& listed,
                                                     const std::vector<Checkpoint>& checkpoints) {
    std::vector<ListedChunk> same = listed;
    if (mark_same(same, checkpoints)) {
        return same;
    }
    // Which of several ways a chunk has come by is known only by its number.
    if (std::any_of(listed.begin(), listed.end(),
                    [&](const ListedChunk& one) { return one.table != listed.front().table; })) {
        return std::nullopt;
    }
    std::vector<Checkpoint> finished = checkpoints;
    const bool is_one_place = std::all_of(listed.begin(), listed.end(),
                                          [](const ListedChunk& one) { return one.chunk.partition.empty(); });
    if (is_one_place && finished.size() == 1 && finished.front().chunk.kind == ChunkKind::whole) {
        return ChunkCutter(listed.front().table, std::move(finished)).take();
    }
    std::sort(finished.begin(), finished.end(), is_before);
    const bool fits = std::all_of(finished.begin(), finished.end(),
                                  [&](const Checkpoint& one) {
                                      return is_cut_anywhere(one.chunk.kind) && is_one_of(one.chunk, listed);
                                  }) &&
                      std::adjacent_find(finished.begin(), finished.end(), overlap_next) == finished.end();
    if (!fits) {
        return std::nullopt;
    }
    ChunkCutter cutter(listed.front().table, std::move(finished));
    for (const ListedChunk& one : listed) {
        cutter.cut(one.chunk);
    }
    return cutter.take();
}

bool mark_finished(const MigrationPlan& plan, const std::vector<Checkpoint>& checkpoints,
                   std::vector<ListedChunk>& chunks) {
    std::map<QualifiedName, std::vector<Checkpoint>> by_table;
    for (const Checkpoint& checkpoint : checkpoints) {
        by_table[checkpoint.table].push_back(checkpoint);
    }
    std::map<QualifiedName, std::vector<ListedChunk>> listed;
    for (ListedChunk& chunk : chunks) {
        listed[plan.target.tables[plan.tables[chunk.table].target].name].push_back(std::move(chunk));
    }
    chunks.clear();
    for (auto& [name, of_table] : listed) {
        if (const auto found = by_table.find(name); found != by_table.end()) {
            auto fit = fit_finished(of_table, found->second);
            if (!fit) {
                return false;
            }
            of_table = std::move(*fit);
            by_table.erase(found);
        }
        std::move(of_table.begin(), of_table.end(), std::back_inserter(chunks));
    }
    std::stable_sort(chunks.begin(), chunks.end(),
                     [](const ListedChunk& a, const ListedChunk& b) { return a.table < b.table; });
    return by_table.empty();
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
