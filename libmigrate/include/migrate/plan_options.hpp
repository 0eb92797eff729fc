#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/backup.hpp>
#include <migrate/digest.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/export.hpp>
#include <migrate/logical_type.hpp>
#include <migrate/mapping_spec.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// Which rows travel. Persisted by name.
enum class MigrationMode : std::uint8_t { full };

/// How thoroughly both sides are compared. Persisted by name.
enum class VerificationLevel : std::uint8_t {
    basic,     ///< An independent count per table, and the schema.
    standard,  ///< And a digest of every row as it left the reader against the target read back in fresh
               ///< sessions.
    rigorous,  ///< And the source read once more, the rules of the target's schema counted on its rows, both
               ///< catalogs compared each way, rows that differ listed by key, and the same queries timed on
               ///< both sides.
    forensic,  ///< And all digests are SHA-256, and both sides' values are read a second time as their
               ///< engines spell them in text, by other code.
};

/// How names are spelled at the target.
enum class NamePolicy : std::uint8_t { preserve, lower, snake };

/// What becomes of a foreign key that rows violate.
enum class OrphanHandling : std::uint8_t {
    stop,         ///< The migration fails before anything is shown.
    not_valid,    ///< The key is made without checking the rows that are there; named in the result.
    dead_letter,  ///< The violating rows become dead letters, and so on until none is left; the key is made.
};

/// What becomes of a row that does not fit: a value that its column cannot hold, a second row of one key, a
/// row that a NOT NULL or CHECK refuses.
enum class RejectHandling : std::uint8_t {
    stop,         ///< The migration fails before anything is shown.
    dead_letter,  ///< The row is left out and kept whole, with the reason, among the dead letters.
    null_value,   ///< A value that does not fit becomes NULL where its column allows it, and the row a dead
                  ///< letter as well; where it does not, as dead_letter.
};

/// What becomes of tables that are at the target already.
enum class ExistingTables : std::uint8_t {
    refuse,   ///< The preflight stops.
    load,     ///< They keep their definition; rows are cast to their columns and merged in one step.
    replace,  ///< They are kept aside for a rollback, and new ones take their place.
};

/// What becomes of a row whose key an existing table has already.
enum class ConflictHandling : std::uint8_t {
    refuse,       ///< A table that has rows stops the preflight.
    stop,         ///< The migration fails before anything is shown.
    skip,         ///< The row that is there stays; the new one is counted as skipped.
    overwrite,    ///< The new row takes its place; the old one is in the undo log.
    keep_newest,  ///< Whichever has the higher value in PlanOptions::newest_column.
};

/// Whether the rows of virtual tables (full-text, R-tree…) travel.
enum class VirtualTables : std::uint8_t {
    skip,  ///< Listed by name as left out.
    data,  ///< As plain tables, where their module can be had.
};

/// A reading of a column that the user decided.
struct TypeOverride {
    std::string table;  ///< As the source spells it, with "schema." where there is one.
    std::string column;
    LogicalType type;
    std::string format;  ///< Empty = whichever fits.
};

enum class BackupPolicy : std::uint8_t {
    automatic,  ///< Source: of files, up to 1 GiB. Target: up to 1 GiB, where tables that exist change.
    always,
    never,
};
using SourceBackup = BackupPolicy;

/// What a migration takes along and how it says it on the other side. Every default is the safe one.
struct PlanOptions {
    MigrationMode mode = MigrationMode::full;
    VerificationLevel level = VerificationLevel::standard;
    NamePolicy names = NamePolicy::preserve;
    std::vector<std::string> tables;   ///< Only these (names or globs with * and ?); empty = all.
    std::vector<std::string> exclude;  ///< Not these; what the user excludes does not count as left out.
    std::vector<std::string> skip;     ///< Object kinds to leave out: views, triggers, functions, indexes,
                                       ///< foreign-keys, checks, virtual-tables, sequences, comments…
    std::vector<TypeOverride> types;
    MappingSpec mapping;  ///< Renames, filters, computed columns…; applied to what the lists above leave.
    OrphanHandling on_orphan = OrphanHandling::not_valid;
    RejectHandling on_reject = RejectHandling::stop;
    ExistingTables on_existing = ExistingTables::refuse;
    ConflictHandling on_conflict = ConflictHandling::refuse;  ///< With on_existing = load.
    std::string newest_column;                ///< For keep_newest: the column that tells, in every table.
    std::vector<std::string> ignore_columns;  ///< With on_existing = load: "table.column" of the source that
                                              ///< the target's table has no place for. Globs.
    bool disable_triggers = false;  ///< With on_existing = load: the target's own triggers do not fire.
    VirtualTables virtual_tables = VirtualTables::skip;
    std::string bad_text = "stop";    ///< stop | replace | bytes: text that is not UTF-8.
    bool index_foreign_keys = false;  ///< Make an index for each foreign key that has none.
    bool with_code = false;           ///< Recreate views, triggers and functions of the same engine: runs the
                                      ///< source's code at the target. JSON keeps their definitions as text.
    /// The plan counts the rows of the source that violate its foreign keys. False spares the time where
    /// nobody reads the plan: the run finds them when it makes the keys. OrphanHandling::stop counts them
    /// anyway.
    bool foresee_orphans = true;
    /// The plan reads all values that it has to decide about. False, for a plan that is run at once and that
    /// nobody reads: it may rest on the first rows of large tables (MigrationPlan::provisional). The run then
    /// looks at every value as it is loaded; where one of them decides otherwise it drops what it has staged,
    /// plans with all values and loads again.
    bool profile_ahead = true;
    BackupPolicy source_backup = BackupPolicy::automatic;
    BackupPolicy target_backup = BackupPolicy::automatic;
    std::string backup_directory;    ///< Where backups go; empty = beside the state, else none is made.
    BackupKey backup_key;            ///< Given: backups are encrypted. A plan keeps the file's path only.
    std::uint64_t keep_backups = 0;  ///< Of one database, the newest ones; 0 = all.
    unsigned workers = 0;            ///< Readers, writers, builders of keys; 0 = one per core, at most 8.
    std::uint64_t memory_bytes =
        256ULL * 1024 * 1024;            ///< Bytes resident, about. Raising it speeds up wide rows.
    std::uint64_t chunk_rows = 150'000;  ///< Rows a chunk, about: the unit of commit and of progress.
};

MIGRATE_EXPORT std::string_view to_string(VerificationLevel level) noexcept;
/// What rows are hashed with, at the source, in checkpoints and at the target.
MIGRATE_EXPORT DigestAlgorithm digest_algorithm_of(VerificationLevel level) noexcept;
MIGRATE_EXPORT std::string_view to_string(NamePolicy policy) noexcept;
MIGRATE_EXPORT std::string_view to_string(OrphanHandling handling) noexcept;
MIGRATE_EXPORT std::string_view to_string(RejectHandling handling) noexcept;
MIGRATE_EXPORT std::string_view to_string(ExistingTables handling) noexcept;
MIGRATE_EXPORT std::string_view to_string(ConflictHandling handling) noexcept;
MIGRATE_EXPORT std::string_view to_string(VirtualTables handling) noexcept;

/// Which database is read.
struct MigrationSource {
    Endpoint endpoint;
};

/// Which database is written.
struct MigrationTarget {
    Endpoint endpoint;
};

MIGRATE_NAMESPACE_END
