#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/row_stream.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How an adapter works; the same for all its calls.
struct AdapterConfig {
    std::shared_ptr<CredentialProvider> credentials;  ///< May be null: drivers look where they usually do.
    MigrationObserver observer;                       ///< May be empty.
    std::stop_token stop;  ///< Triggered: the running call ends at the next safe point with Error{cancelled}.
    std::string application_name = "migrate";      ///< How sessions name themselves at the server.
    std::chrono::milliseconds busy_timeout{5000};  ///< How long to wait for another's lock.
};

/// What of a database is exported. Every default takes everything.
struct ExportOptions {
    std::vector<std::string> tables;   ///< Only these (names or globs with * and ?); empty = all.
    std::vector<std::string> exclude;  ///< Not these.
    std::string bad_text = "stop";     ///< stop | replace | bytes: text that is not UTF-8.
    BatchLimits limits;                ///< When a batch ends; raising them costs memory.
};

/// One database alone, for a host that has only one side to read or write: the other side is a RowStream,
/// from another adapter or of the host's own making.
///
/// Each call opens its own sessions and closes them; an adapter holds none between calls. Not thread-safe.
/// Throws: Error from every call.
class MIGRATE_EXPORT MigrationAdapter {
  public:
    virtual ~MigrationAdapter();

    /// Schema and rows in one snapshot, which is held until the stream is destroyed. The stream may outlive
    /// the adapter. Never changes the database.
    virtual std::unique_ptr<RowStream> export_data(const ExportOptions& options = {}) = 0;

    /// Stages the stream's tables, reads them back and compares (at options.level), then shows all of them in
    /// one step. Tables that exist are refused. Of the options, mode, types, bad_text, workers and the backup
    /// ones do not apply; a policy that keeps dead letters is refused: an import stops at such rows.
    /// Throws: Error{refused} when something is in the way, Error{row} for a row that does not fit,
    /// Error{differs}. State on failure: the database as before, unless it is a CommitUnknownError.
    virtual MigrationResult import_data(RowStream& rows, const PlanOptions& options = {}) = 0;

    /// What the engine's own checks find: damage, rows that violate declared keys, missing indexes; empty
    /// when all is well.
    virtual std::vector<Finding> validate_integrity() = 0;

    /// A consistent copy at a path where nothing is yet, durable on return. Throws: Error{unsupported} for an
    /// engine without such a thing.
    virtual void create_backup(const std::string& path) = 0;
};

MIGRATE_NAMESPACE_END
