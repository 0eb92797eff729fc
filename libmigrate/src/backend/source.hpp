#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/finding.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backend/rule_queries.hpp"

namespace migrate::backend {

class BackupSink;

/// What is known of an endpoint once it is open; for plans, reports and `check`.
struct SourceInfo {
    std::string engine;
    std::string engine_version;  ///< "3.40.1", "15.14"; library or server.
    std::string display;         ///< Where, without secrets.
    std::string snapshot_kind;  ///< One phrase for the plan: "one read transaction, WAL", "exported snapshot,
                                ///< 2 sessions".
    std::uint64_t byte_size = 0;  ///< Bytes on disk; 0 if unknown.
    std::map<std::string, std::string>
        facts;  ///< journal_mode, encoding, server_encoding, wal_level, privileges…
};

/// Identifies a state of the source, so that a resumed run can tell whether it has changed. Opaque text,
/// compared whole; empty = cannot be told, which counts as changed.
using Fingerprint = std::string;

/// How a column was read when this database was written (from provenance) or is to be read (--type).
struct ColumnHint {
    QualifiedName table;
    std::string column;
    LogicalType type;
    std::string format;
    bool from_user =
        false;  ///< A user's hint that values contradict is a blocker; provenance's is dropped with a note.
};

struct SchemaRequest {
    std::vector<ColumnHint> hints;
    /// Names to restrict the reading (and profiling) to; empty = all.
    std::vector<QualifiedName> only_tables;
    /// Tables and columns to pass over altogether.
    std::vector<QualifiedName> skip_tables;
    bool profile = true;  ///< Read values where declared types do not bind; false = declarations only.
    /// With profile: of large tables the first rows do for now. What rests on them is settled by asking again
    /// without this, once readers with ScanSpec::profile have read the chunks: what these have read whole is
    /// not read once more.
    bool first_rows = false;
    bool count_orphans = true;      ///< With profile: rows that violate the source's own foreign keys.
    bool count_rows = true;         ///< Exact row counts in Table::row_estimate.
    std::string bad_text = "stop";  ///< stop | replace | bytes: invalid UTF-8 in text.
    bool virtual_tables = false;    ///< Rows of virtual tables as tables, where their module can be had.
    bool read_only_declared =
        false;  ///< For read-back of a schema whose types are given: never re-decide types.
};

/// The whole catalog, and what was found on the way.
struct SchemaReading {
    Schema schema;
    std::vector<Finding>
        findings;              ///< Ambiguous readings, orphans, bad text, objects that are not understood.
    bool provisional = false;  ///< Something rests on a table's first rows (SchemaRequest::first_rows).
};

struct ChunkOptions {
    std::uint64_t target_rows = 150'000;               ///< Rows a chunk, about.
    std::uint64_t target_bytes = 64ULL * 1024 * 1024;  ///< Bytes a chunk, about; whichever is reached first.
};

/// Rows of one scan, batch by batch. Used by one thread; destroyed before its Source.
class Reader {
  public:
    virtual ~Reader() = default;
    /// Fills the batch (its former content is dropped, its memory reused) with the next rows. The columns are
    /// those of the ScanSpec, in its order, each of its column's TypeKind. False when there are no more rows;
    /// the batch is then empty, but may hold rejects. Throws: Error.
    virtual bool next(RowBatch& batch) = 0;
};

/// Declared for change capture; no backend offers one yet (Capabilities::change_source).
class ChangeSource {
  public:
    virtual ~ChangeSource() = default;
    /// A token of the present position in the source's changes.
    virtual std::string position() = 0;
    /// A reader of the changes of a table after a position; batches carry operations and old keys.
    virtual std::unique_ptr<Reader> changes(const ScanSpec& spec, const std::string& after) = 0;
};

/// One database, read. Opened by Backend::open_source; never changes a byte of it.
///
/// Threads: open_reader may be called from several threads at once after pin_snapshot, and each Reader used
/// on its own; all else from one thread.
class Source {
  public:
    virtual ~Source() = default;

    virtual SourceInfo describe() = 0;

    /// What earlier migrations into this database left: a JSON list of records, newest first; or nullopt.
    virtual std::optional<std::string> provenance() = 0;

    /// Pins one state for everything read from now on, for up to `readers` readers at once; tells how many it
    /// can have (at least 1). Called once, before read_schema. Throws: Error{locked} when a writer will not
    /// let go, Error{corrupt}, Error{refused} (hot journal).
    virtual unsigned pin_snapshot(unsigned readers) = 0;
    /// Ends the snapshot; no reader may be open. Reading afterwards is an error. Idempotent.
    virtual void release_snapshot() = 0;

    /// Reads the whole catalog in the snapshot, decides what each column's values are read as.
    /// Throws: Error; Error{cancelled}.
    virtual SchemaReading read_schema(const SchemaRequest& request) = 0;

    /// Splits a table; at least one chunk, together exactly the table's rows in the snapshot.
    virtual std::vector<Chunk> chunks(const Table& table, const ChunkOptions& options) = 0;

    /// The column whose values the bounds of the table's chunks are, if they are those of a column.
    [[nodiscard]] virtual std::optional<std::size_t> bound_column(const Table& /*table*/) const {
        return std::nullopt;
    }

    /// Requires: pin_snapshot was called. The Reader keeps what it needs of the spec but not spec.table
    /// itself.
    virtual std::unique_ptr<Reader> open_reader(const ScanSpec& spec) = 0;

    /// Counted by the engine itself in the snapshot, by another query than the readers'.
    virtual std::uint64_t count_rows(const Table& table) = 0;

    virtual Fingerprint fingerprint() = 0;

    /// The engine's own integrity checks, and readiness: corruption, versions, permissions, foreign keys
    /// without an index, rows that violate declared keys.
    virtual std::vector<Finding> check(const Schema& schema) = 0;

    /// Counts, by looking at the rows and not at what the engine believes of them, those that break the
    /// schema's own rules; only rules that are broken. Requires: the schema is this source's, as read_schema
    /// gave it.
    virtual std::vector<BrokenRule> broken_rules(const Schema& /*schema*/) { return {}; }

    /// Writes a consistent copy of the database to a new file or directory that must not exist; durable on
    /// return. Throws: Error{unsupported} where a backend has no such thing.
    virtual void backup_to(const std::string& path) = 0;

    /// The same as a stream of files, for a backup that is compressed, encrypted or kept elsewhere. Requires:
    /// pin_snapshot was called. Throws: Error{unsupported} where there are no files to copy.
    virtual void stream_backup(BackupSink& sink);

    /// Nullptr unless Capabilities::change_source.
    virtual ChangeSource* change_source() { return nullptr; }
};

}  // namespace migrate::backend
