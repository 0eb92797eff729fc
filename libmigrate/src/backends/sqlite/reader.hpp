#pragma once

#include <memory>

#include "backend/source.hpp"
#include "backend/staged_digests.hpp"
#include "backends/sqlite/snapshot.hpp"

namespace migrate::backends::sqlite {

/// Requires: the snapshot is pinned and outlives the reader.
/// `stored`, if there is one, gets the digest of a part of a table that was read to its end, all columns of
/// it.
std::unique_ptr<backend::Reader> make_reader(Snapshot& snapshot, const ScanSpec& spec,
                                             std::shared_ptr<backend::StagedDigests> stored = nullptr);

/// Splits a table at its rowids into chunks of about the same number of rows; whole where it has none.
std::vector<Chunk> split_table(const session::SqliteSession& session, const Table& table,
                               const backend::ChunkOptions& options);

}  // namespace migrate::backends::sqlite
