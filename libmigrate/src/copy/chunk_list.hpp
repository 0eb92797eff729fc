#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/migration_plan.hpp>

#include "backend/source.hpp"

namespace migrate::copy {

/// One unit of the load.
struct ListedChunk {
    std::size_t table = 0;              ///< Index into plan.tables.
    Chunk chunk;                        ///< As the source has it.
    std::uint32_t index_at_target = 0;  ///< Tables that are merged into one share its checkpoints, which know
                                        ///< chunks by their index.
    std::optional<Checkpoint> finished;  ///< By an earlier run.

    /// As the target knows it.
    [[nodiscard]] Chunk recorded() const;
};

/// Every chunk of every table of the plan, in the order of plan.tables. Requires: a pinned snapshot.
std::vector<ListedChunk> list_chunks(backend::Source& source, const MigrationPlan& plan);

/// The chunks of one target table, of which those are finished that an earlier run has recorded; the rest is
/// cut into others where the table is split in another way now. Nullopt where they do not fit: of another
/// kind, of partitions that are gone, or of one of several ways.
std::optional<std::vector<ListedChunk>> fit_finished(const std::vector<ListedChunk>& listed,
                                                     const std::vector<Checkpoint>& checkpoints);

/// Marks the chunks that an earlier run has finished, of all tables. False where they do not fit: then
/// nothing of what is staged can be used.
bool mark_finished(const MigrationPlan& plan, const std::vector<Checkpoint>& checkpoints,
                   std::vector<ListedChunk>& chunks);

/// Where a person finds a row: "row 4", or "row 18 from rowid 100 on" in a table of several chunks. The
/// ordinal counts from 0 in its chunk.
std::string place_of(const std::vector<ListedChunk>& chunks, std::size_t table, const Chunk& chunk,
                     std::uint64_t ordinal, bool filtered);

}  // namespace migrate::copy
