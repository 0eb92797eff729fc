#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/dead_letter.hpp>
#include <migrate/digest.hpp>
#include <migrate/error.hpp>
#include <migrate/finding.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/rollback.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "backend/letter_retry.hpp"
#include "backend/schema_adopter.hpp"
#include "backend/source.hpp"

namespace migrate::backend {

/// All that a target is told before the first write.
struct TargetPlan {
    std::string migration;        ///< Id: lower-case hex, safe in identifiers and file names.
    Schema schema;                ///< As adopt() gave it.
    std::string provenance_json;  ///< Written where the target keeps provenance, in the cutover's own step.
    std::string plan_json;        ///< The saved plan, kept with the migration's row.
    std::string owner;            ///< Random id of this run.
    std::string audit_head;       ///< As keep_audit_head() is given it; empty if there is no audit trail.
    OrphanHandling on_orphan = OrphanHandling::not_valid;  ///< stop: the build fails with Error{constraint}.
    RejectHandling on_reject = RejectHandling::stop;       ///< Likewise, of rows that a key or check refuses.
    ConflictHandling on_conflict = ConflictHandling::refuse;
    std::string newest_column;
    bool disable_triggers = false;
    /// No verification will read the rows back: writers digest them for a rollback, where they can.
    bool digest_written = false;
    DigestAlgorithm digests = DigestAlgorithm::xxh3;  ///< Of checkpoints, and rows that are taken out.
};

/// Where the time of writing went, as far as an engine can tell its parts from each other.
struct WriteTimes {
    std::chrono::steady_clock::duration encoding{0};
    std::chrono::steady_clock::duration sending{0};
    std::chrono::steady_clock::duration answering{0};  ///< Until the engine had taken what was sent.
};

/// Divides the time since it was made among the parts of writing: each call counts what has passed since the
/// one before it.
class WriteTimer {
  public:
    explicit WriteTimer(WriteTimes& times) : m_times(times) {}
    void encoded() { m_times.encoding += look(); }
    void sent() { m_times.sending += look(); }
    void answered() { m_times.answering += look(); }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::duration look() {
        const auto before = m_last;
        m_last = Clock::now();
        return m_last - before;
    }

    WriteTimes& m_times;
    Clock::time_point m_last = Clock::now();
};

/// One chunk's rows, checkpoint, dead letters and markers, which commit together or not at all. Destroying it
/// without commit() rolls back. Used by one thread.
class TargetTransaction {
  public:
    virtual ~TargetTransaction() = default;
    /// The batch's columns are the table's copied (not generated) columns in order.
    /// Throws: Error{row} naming facts().row (ordinal within the batch) and column when one row does not fit.
    virtual void write(const RowBatch& batch) = 0;
    virtual void write_dead_letter(const QualifiedName& table, const RejectedRow& row) = 0;
    /// At most once, after the last write.
    virtual void record(const Checkpoint& checkpoint) = 0;
    /// Throws: CommitUnknownError when the answer to the commit never came.
    virtual void commit() = 0;
    /// Of all write() calls so far; what is in none of its parts counts as sending.
    [[nodiscard]] virtual WriteTimes times() const { return {}; }
};

/// A session that writes chunks. Used by one thread.
class Writer {
  public:
    virtual ~Writer() = default;
    /// Throws: Error{locked} when the claim's epoch is no longer the current one.
    virtual std::unique_ptr<TargetTransaction> begin(const ChunkClaim& claim, WriteMode mode) = 0;
    /// The checkpoint of a chunk, if it is in the target; waits until an earlier session's commit is decided.
    virtual std::optional<Checkpoint> find_checkpoint(const ChunkClaim& claim) = 0;
};

/// One index, key, check, foreign key, sequence… to be made after the load.
struct BuildStep {
    enum class Kind : std::uint8_t {
        settle,  ///< The engine's own marks on rows that are loaded, so that later steps need not look them
                 ///< up.
        primary_key,
        unique_key,
        index,
        check,
        foreign_key,
        validate_foreign_key,
        sequence,
        analyze,
        object
    };
    /// Whom a step keeps from reading while it runs.
    enum class Locks : std::uint8_t { nobody, readers, readers_of_any };

    Kind kind = Kind::index;
    std::size_t table = 0;    ///< Index into the target schema's tables; 0 for object.
    std::size_t item = 0;     ///< Index into that table's list of this kind, or into schema.objects.
    std::string description;  ///< "index album_artist_idx on album"; for progress.
    /// Of earlier steps of the list: those that have to be done before, where several run at a time.
    std::vector<std::size_t> after = {};
    Locks locks = Locks::readers_of_any;
};

/// The chunk under which a target keeps the dead letters of rows that a build step took out, and a checkpoint
/// that corrects those of the load: its counts and digest are what has to be added to them. Persisted.
inline constexpr std::int64_t k_removed_chunk = -1;

/// Rows that a build step took out of staging by policy: dead letters now, their checkpoints adjusted in the
/// same transaction.
struct RemovedRows {
    std::size_t table = 0;  ///< Index into the target schema's tables.
    std::uint64_t rows = 0;
    Digest digest;       ///< Of the rows as they were read back before.
    std::string column;  ///< Empty where the reason is not about one.
    std::string reason;  ///< Empty in a Resumption: dead letters have it.
};

struct BuildResult {
    /// What could not be built and why (orphans with counts, duplicates), severity left_out.
    std::vector<Finding> findings;
    std::vector<RemovedRows> removed;
};

/// What became of the rows of a table that was there already.
struct MergedTable {
    std::size_t table = 0;  ///< Index into the target schema's tables.
    std::uint64_t inserted = 0;
    std::uint64_t skipped = 0;
    std::uint64_t overwritten = 0;
};

/// Table::properties of an existing table: why rows cannot be loaded into it, and why it cannot be replaced.
inline constexpr const char* k_cannot_load = "cannot_load";
inline constexpr const char* k_cannot_replace = "cannot_replace";
/// Likewise: why what is loaded into it could not be rolled back by the same role.
inline constexpr const char* k_cannot_undo = "cannot_undo";

struct RollbackRequest {
    std::string migration;
    Schema schema;  ///< The target schema of its plan.
    RollbackOptions options;
    /// Given: what the migration made is not dropped but staged again, verified as it was ("ready").
    std::optional<TargetPlan> staging{};
};

/// The plan that a target keeps once its cutover is done, given what the cutover itself had to leave. Empty:
/// the one that mark_ready() gave stays.
using Account = std::function<std::string(const std::vector<Finding>& left)>;

/// What a target knows of an earlier migration into it.
struct RecordedMigration {
    std::string id;
    std::string state;  ///< loading, ready, done, failed, abandoned, rolled_back.
    std::string created_at;
    std::string plan_json;
    std::uint64_t epoch = 0;
    std::string audit_head{};   ///< Empty where the plan says it.
    std::uint64_t retries = 0;  ///< Of its dead letters, where a target has to count them.
};

/// What an unfinished migration has left in its staging, once a run has taken it up again.
struct Resumption {
    std::uint64_t epoch = 0;              ///< For the claims of the run that goes on.
    std::vector<Checkpoint> checkpoints;  ///< Of the load, in no order.
    std::vector<RemovedRows> removed;     ///< What build steps took out, one entry a table, without reasons.
};

/// Staged rows that are the source's no more.
struct StaleRows {
    std::size_t table = 0;  ///< Index into the target schema's tables.
    /// Index of the column by whose values the rows of the chunks are found, from first to last; nullopt: all
    /// rows of the table.
    std::optional<std::size_t> column;
    std::vector<Chunk> chunks;  ///< With a column: as the target knows them.
};

/// One database, written. Nothing is visible to others before cutover().
///
/// Order of calls: adopt → preflight → (dry run: sql) | lock → begin → open_writer… → build_step… →
/// open_staging (verification) → mark_ready → cutover. abandon at any time after begin drops all of it and
/// leaves the target as it was. Threads: open_writer from several threads if Capabilities::parallel_writers;
/// build_step from as many as builders() says; all else from one thread.
class Target : public SchemaAdopter {
  public:
    virtual SourceInfo describe() = 0;
    virtual std::vector<QualifiedName> existing_tables() = 0;

    /// The tables of these names that are there: the target's own types, defaults, keys and checks; exact row
    /// counts; Table::properties with k_cannot_load and k_cannot_replace where something is in
    /// the way of either. Objects: the types and sequences that are there.
    virtual Schema existing_schema(const std::vector<QualifiedName>& /*names*/) { return {}; }

    /// Looks for what would stop the run: existing tables (code "table-exists", with the way on),
    /// permissions, names that collide, disk space (`bytes` is the estimate), a server in recovery, a file
    /// that is not writable.
    virtual std::vector<Finding> preflight(const TargetPlan& plan, std::uint64_t bytes) = 0;

    /// Everything that will be run, as SQL (or as described steps for JSON), for `--show-sql`.
    virtual std::vector<std::string> sql(const TargetPlan& plan) = 0;

    /// Takes the one-migration-per-target lock. Throws: Error{locked} naming the holder. Released by the
    /// destructor.
    virtual void lock(const std::string& migration) = 0;

    /// Records the migration and makes the staging tables, without keys and indexes where building them later
    /// is faster. Throws: Error; nothing stays behind then.
    virtual void begin(const TargetPlan& plan) = 0;

    virtual std::unique_ptr<Writer> open_writer() = 0;

    /// What must be built after the load, in an order that works one after another.
    virtual std::vector<BuildStep> build_steps() = 0;
    /// How many steps may run at a time, of so many that are wanted; each comes after the steps that it
    /// names. More than one only where no step takes rows out: what is staged can then be read meanwhile.
    [[nodiscard]] virtual unsigned builders(unsigned /*wanted*/) const { return 1; }
    virtual BuildResult build(const BuildStep& step) = 0;

    /// A fresh session on the staged tables, for verification; tables are found by the target schema's own
    /// Table objects. Must see exactly what cutover will show, and share no memory with the writers.
    virtual std::unique_ptr<Source> open_staging() = 0;

    /// Records in the target that its staging is verified: only then may another process cut over. The plan,
    /// with all that was found on the way, takes the place of the one that begin() recorded.
    virtual void mark_ready(const std::string& plan_json) = 0;

    /// For a target that keeps no plan in what it shows: the place in the audit trail that is to be found
    /// there. May be called again, before mark_ready() and before cutover(); the last one counts.
    virtual void keep_audit_head(const std::string& /*head*/) {}

    /// One atomic step that shows everything, with the marker, the account and provenance. Findings: what had
    /// to be left.
    /// Throws: Error{transient} when its lock could not be had in time (staging stays: state "ready").
    virtual std::vector<Finding> cutover(const Account& account) = 0;

    /// After cutover(): the tables of placement `load`.
    [[nodiscard]] virtual std::vector<MergedTable> merged() const { return {}; }

    /// Undoes a migration that is done, in one atomic step, and proves it by digests that were recorded
    /// before the change; or says what it would do. Requires: lock(), where it executes. Idempotent. Throws:
    /// Error{refused} where something is in the way; nothing has changed then.
    virtual RollbackResult rollback(const RollbackRequest& request) {
        throw Error(ErrorCode::unsupported, "this target cannot undo migration " + request.migration);
    }

    /// Of the rows of a table that is there, by its name as RolledBackTable has it: as `digest_before` of one
    /// that was there has it. Empty where no such table is.
    virtual std::string stored_digest(const std::string& /*table*/) {
        throw Error(ErrorCode::unsupported, "this target cannot be restored as a whole");
    }

    /// Empties the staging of a migration that is unfinished: no row and no checkpoint of the load stays, so
    /// that a run which takes it up loads all of it. Its tables stay, and what build steps have made does
    /// until it is taken up. Raises the epoch. Requires: lock().
    virtual void empty_staging(const TargetPlan& plan) {
        throw Error(ErrorCode::unsupported, "this target cannot empty what is staged of " + plan.migration);
    }
    /// Has a migration that is ready be loading again, with all that is staged. Requires: lock().
    virtual void unready(const TargetPlan& plan) { resume(plan); }

    /// Drops the staging of a failed migration; the target is as before. Idempotent.
    virtual void abandon(const std::string& migration) = 0;
    /// Drops what was kept for a rollback; returns the bytes freed, 0 if unknown. Idempotent.
    virtual std::uint64_t finalize(const std::string& migration) = 0;

    /// Hands over every dead letter of a migration, in the order in which its tables and chunks were loaded
    /// or are named.
    virtual void dead_letters(const std::string& migration,
                              const std::function<void(const DeadLetter&)>& take) = 0;
    /// Throws: Error{unsupported} where the letters of a migration cannot be tried once more for what it has
    /// written.
    virtual void require_letter_retry(const TargetPlan& /*plan*/) {}
    /// Begins to try those of a migration that is done once more. Requires: lock(),
    /// Capabilities::retries_letters.
    virtual std::unique_ptr<LetterRetry> retry_letters(const TargetPlan& plan) {
        throw Error(ErrorCode::unsupported,
                    "this target cannot retry the dead letters of migration " + plan.migration);
    }
    /// Where a person finds them ("table _migrate.dead_letter").
    [[nodiscard]] virtual std::string dead_letter_place(const std::string& migration) const = 0;

    /// Migrations recorded in this target, newest first; empty if it has never been one.
    virtual std::vector<RecordedMigration> recorded_migrations() = 0;
    /// Reopens the staging of a migration that is ready, whose plan is given again, for its cutover.
    virtual void reopen(const TargetPlan& plan) = 0;

    /// Takes an unfinished migration up again: raises its epoch, so that a worker of an earlier run can write
    /// no more, and takes back what build steps have made, but not the removal of rows. The load goes on with
    /// what has no checkpoint, and everything is built again. Requires: lock(). Throws: Error{not_found,
    /// corrupt} where what is staged is not what its checkpoints say: it has to be abandoned.
    virtual Resumption resume(const TargetPlan& plan) = 0;
    /// Takes rows out of the staging, with their checkpoints and dead letters (all of a table where a target
    /// cannot find some), and keeps the plan in the place of the one that begin() recorded, in one step.
    /// `staged` is what resume() gave, and becomes what is left of it. False, with nothing changed, where
    /// that is beyond the target: the migration has to be begun anew.
    virtual bool take_back(const TargetPlan& /*plan*/, const std::vector<StaleRows>& /*stale*/,
                           Resumption& /*staged*/) {
        return false;
    }
};

}  // namespace migrate::backend
