#pragma once

#include <stop_token>

#include <migrate/chunk.hpp>

#include "backend/source.hpp"
#include "copy/batch_stream.hpp"
#include "copy/table_work.hpp"
#include "util/rate_limit.hpp"
#include "util/stage_clock.hpp"

namespace migrate::copy {

/// What ends the reading of a chunk early, or slows it down.
struct ReadPace {
    std::stop_token stop;             ///< Throws Error{cancelled}.
    std::stop_token halt;             ///< Ends waiting, also when the load has failed elsewhere.
    util::RateLimit* rate = nullptr;  ///< Null = none.
};

/// Reads a chunk, maps and digests its rows and puts them into the stream, until its end or until its
/// consumer gives up. Throws: Error of the source; Error{cancelled}.
void read_chunk(backend::Source& source, const TableWork& work, const Chunk& chunk, BatchStream& stream,
                const ReadPace& pace, util::StageClock& clock);

}  // namespace migrate::copy
