#pragma once

#include <vector>

#include "backend/source.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Splits a table at its rowids into chunks of about the same number of rows; whole where it has none.
std::vector<Chunk> split_table(const session::SqliteSession& session, const Table& table,
                               const backend::ChunkOptions& options);

}  // namespace migrate::backends::sqlite
