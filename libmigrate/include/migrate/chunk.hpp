#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// What a chunk's bounds mean, on the source's side only. Persisted by name.
enum class ChunkKind : std::uint8_t {
    whole,        ///< The whole table; bounds unused.
    rowid_range,  ///< SQLite rowids, first … last, both included.
    ctid_blocks,  ///< PostgreSQL heap blocks, first … last, both included, of `partition`.
    byte_range,   ///< Bytes of a file, first included, last excluded; rows that start inside.
};

/// The unit of work, commit, checkpoint, retry and digest.
struct Chunk {
    ChunkKind kind = ChunkKind::whole;
    std::uint32_t index = 0;  ///< Position within its table, from 0.
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::string partition;  ///< Relation or file the bounds are of, where a table has several; else empty.
    std::uint64_t row_estimate = 0;
    friend bool operator==(const Chunk&, const Chunk&) = default;
};

/// Rows to leave out at the source; for incremental runs.
struct Watermark {
    std::string column;
    std::string after;  ///< Exclusive, as the source's engine spells the value; empty = from the start.
    std::string upto;   ///< Inclusive; empty = no bound.
};

enum class ScanOrder : std::uint8_t { any, primary_key };

/// By which way a reader takes values from the engine.
enum class ReadRoute : std::uint8_t {
    native,  ///< The fastest: binary copies, bound columns, the library's own tokenizer.
    text,    ///< As the engine spells them in text, taken apart by other code: what the first is checked by.
             ///< The same rows and values, slower. Where Capabilities::text_route.
};

/// What to read of one table.
struct ScanSpec {
    const Table* table =
        nullptr;  ///< Requires: outlives the reader. Decides types and formats of the values.
    std::vector<std::size_t> columns;  ///< Indexes into table->columns, in the order of the batch's columns.
    Chunk chunk;
    std::vector<std::vector<std::string>>
        keys;  ///< When not empty: only rows with these primary keys, as text.
    std::optional<Watermark> watermark;
    ScanOrder order = ScanOrder::any;
    std::string snapshot;  ///< Token of a snapshot to join; empty = the source's pinned one.
    BatchLimits limits;
    /// Per entry of `columns`: a value that cannot be read becomes NULL, and its row is a reject that is
    /// kept, instead of being left out. Empty = none.
    std::vector<bool> null_misfits;
    /// What the values show of their columns is kept for the schema to be read again (decision 92); a source
    /// whose types bind passes this over.
    bool profile = false;
    ReadRoute route = ReadRoute::native;
};

/// What to do with rows at the target.
enum class WriteMode : std::uint8_t { append, upsert, remove };

/// A worker's right to work on a chunk. The target refuses a claim whose epoch is not the current one.
struct ChunkClaim {
    std::string migration;  ///< Migration id.
    std::string owner;      ///< Random id of the worker; never a process id.
    std::uint64_t epoch = 0;
    std::size_t table = 0;  ///< Index of the table in the target's schema.
    Chunk chunk;
};

/// A chunk that is in the target; committed with its rows.
struct Checkpoint {
    std::string migration;
    QualifiedName table;  ///< As the target names it.
    Chunk chunk;
    std::uint64_t rows = 0;      ///< Committed.
    std::uint64_t rejects = 0;   ///< Dead letters of rows that are not among them.
    Digest digest;               ///< Of the rows as they left the reader and the mapping.
    std::uint64_t nulled = 0;    ///< Of those committed: with NULL for a value that did not fit.
    std::uint64_t filtered = 0;  ///< Left out by the plan's own filters.
};

MIGRATE_NAMESPACE_END
