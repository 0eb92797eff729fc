#pragma once

#include <memory>

#include "backend/source.hpp"
#include "backends/sqlite/snapshot.hpp"

namespace migrate::backends::sqlite {

/// Requires: the snapshot is pinned and outlives the reader.
std::unique_ptr<backend::Reader> make_reader(Snapshot& snapshot, const ScanSpec& spec);

/// Splits a table at its rowids into chunks of about the same number of rows; whole where it has none.
std::vector<Chunk> split_table(const session::SqliteSession& session, const Table& table,
                               const backend::ChunkOptions& options);

}  // namespace migrate::backends::sqlite
