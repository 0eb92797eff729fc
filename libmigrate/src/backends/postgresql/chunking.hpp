#pragma once

#include <vector>

#include <migrate/chunk.hpp>

#include "backend/source.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Splits a table's heap, or those of its partitions, in ranges of blocks. Small tables are one chunk.
std::vector<Chunk> block_chunks(session::PostgresqlSession& session, const QualifiedName& table,
                                const backend::ChunkOptions& options);

}  // namespace migrate::backends::postgresql
