#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/migration_plan.hpp>

#include "backend/source.hpp"
#include "backend/target.hpp"
#include "copy/chunk_list.hpp"
#include "copy/reject_policy.hpp"
#include "util/pause_gate.hpp"
#include "util/rate_limit.hpp"
#include "util/stage_clock.hpp"

namespace migrate::copy {

/// What a load needs; the target has begun and the source's snapshot is pinned.
struct LoadRequest {
    backend::Source& source;
    backend::Target& target;
    const MigrationPlan& plan;
    std::vector<ListedChunk> chunks;  ///< All of the plan's; those that are finished are only counted.
    std::string owner;
    std::uint64_t epoch = 1;
    unsigned readers = 1;
    unsigned writers = 1;
    std::size_t queue_bytes = 16UL * 1024 * 1024;  ///< Bytes in flight on one chunk's way; as many chunks as
                                                   ///< there are readers and writers are under way.
    std::stop_token stop;
    /// Called on a worker's thread: index into plan.tables, rows and bytes written just now.
    std::function<void(std::size_t table, std::uint64_t rows, std::uint64_t bytes)> progress;
    /// Called before a chunk is tried again.
    std::function<void(const std::string& why)> retry;
    util::RateLimit* rate = nullptr;    ///< Of what is read; null = none.
    util::PauseGate* gate = nullptr;    ///< Passed between chunks; null = the load cannot be paused.
    util::StageSums* stages = nullptr;  ///< Get the time that each stage took; may be null.
};

/// What arrived of one table, in the order of plan.tables.
struct LoadedTable {
    Digest digest;  ///< Of the rows that were committed, as they left the reader and the mapping.
    std::uint64_t rows = 0;
    std::uint64_t rejected = 0;
    std::uint64_t nulled = 0;
    std::uint64_t filtered = 0;  ///< Left out by the plan's own filters.
    RejectCounts reasons;
    std::uint64_t bytes = 0;
    std::size_t chunks = 0;
    std::vector<Checkpoint> checkpoints;  ///< As they are in the target, in no order.
    std::chrono::steady_clock::time_point first_started;
    std::chrono::steady_clock::time_point last_finished;
};

/// Copies every chunk of every table, each with its checkpoint. Chunks travel side by side where both ends
/// allow. Throws: Error of either side, after all workers have ended; Error{row} for a row that does not fit
/// where the plan's policy is to stop.
std::vector<LoadedTable> load(const LoadRequest& request);

}  // namespace migrate::copy
