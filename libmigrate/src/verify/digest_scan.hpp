#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backend/source.hpp"
#include "mapping/conversion.hpp"
#include "mapping/row_program.hpp"
#include "util/pause_gate.hpp"
#include "util/rate_limit.hpp"
#include "util/stage_clock.hpp"

namespace migrate::verify {

/// One table to be read and digested.
struct DigestTask {
    const Table* table = nullptr;      ///< As the source being read has it.
    std::vector<std::size_t> columns;  ///< Those that are read; without a program in the order compared.
    mapping::RowProgram program;       ///< Which rows are compared, and what their columns are.
    mapping::Transform transform;      ///< To the comparison types.
};

struct ScanContext {
    unsigned threads = 1;  ///< At most what pin_snapshot granted.
    std::stop_token stop;
    /// Called on a worker's thread with the rows just read of a task.
    std::function<void(std::size_t task, std::uint64_t rows)> progress = {};
    util::RateLimit* rate = nullptr;    ///< Of what is read; null = none.
    util::PauseGate* gate = nullptr;    ///< Passed between chunks; null = the scan cannot be paused.
    util::StageSums* stages = nullptr;  ///< Get the time it took; may be null.
    /// Called before anything is asked about a task's table, and may take its time; false where it is not to
    /// be read.
    std::function<bool(std::size_t task)> await = {};
    DigestAlgorithm algorithm = DigestAlgorithm::xxh3;
    ReadRoute route = ReadRoute::native;
};

/// The digest of one table's rows, and how many of them could not be said in the comparison type.
struct TableDigest {
    Digest digest;
    std::uint64_t not_comparable = 0;
    std::uint64_t filtered = 0;  ///< Rows that the program leaves out.
};

/// Reads every row of every task, chunk by chunk, side by side. Throws: Error of the source;
/// Error{cancelled}, also where await says no.
std::vector<TableDigest> digest_tables(backend::Source& source, const std::vector<DigestTask>& tasks,
                                       const ScanContext& context);

/// A chunk of a task's table, as the source split it once.
struct DigestPart {
    std::size_t task = 0;
    Chunk chunk;
};

/// The same of single chunks, in the order of `parts`.
std::vector<TableDigest> digest_chunks(backend::Source& source, const std::vector<DigestTask>& tasks,
                                       const std::vector<DigestPart>& parts, const ScanContext& context);

/// Reads one table batch by batch on this thread, as the program has it, converted.
void scan_table(backend::Source& source, const DigestTask& task, const ScanContext& context,
                const std::function<void(const RowBatch&)>& take);

}  // namespace migrate::verify
