#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/rehearsal.hpp>
#include <migrate/run_record.hpp>
#include <migrate/stage_time.hpp>
#include <migrate/verification.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// Where a migration stands. Persisted by name; do not change the spellings.
enum class MigrationState : std::uint8_t {
    planned,
    loading,
    verifying,
    ready,  ///< Staged and verified; the cutover is still to be done.
    done,
    failed,       ///< Staging was dropped, the target is as before.
    interrupted,  ///< Staging is kept.
    abandoned,
    finalized,
    rolled_back,  ///< Undone; the target is as before.
};

/// Rows of one table that did not fit for one reason.
struct RejectReason {
    std::string column;  ///< Empty when the row as a whole does not fit.
    std::string reason;  ///< For people; without values.
    std::uint64_t rows = 0;
    bool kept = false;  ///< The rows are at the target, with NULL in the place of the value.
};

/// One table's rows: source_rows = committed + rejected + filtered, or the result is no success.
struct TableResult {
    std::string source;
    std::string target;
    std::uint64_t source_rows = 0;  ///< By the independent count.
    std::uint64_t committed = 0;
    std::uint64_t rejected = 0;     ///< Left out; each is a dead letter.
    std::uint64_t nulled = 0;       ///< Of those committed: with NULL for a value that did not fit; each is a
                                    ///< dead letter as well.
    std::uint64_t filtered = 0;     ///< Left out by the user's own mapping.
    std::uint64_t skipped = 0;      ///< Of those committed to staging: not merged, their key was there (skip,
                                    ///< keep_newest).
    std::uint64_t overwritten = 0;  ///< Rows that were there and gave way (overwrite, keep_newest).
    std::uint64_t bytes = 0;
    std::chrono::milliseconds load_time{0};
    std::vector<RejectReason> reasons;  ///< Why rows were rejected or nulled, most rows first.
};

/// How a migration ended: the one thing the exit code is computed from.
struct MigrationResult {
    std::string id;
    MigrationState state = MigrationState::planned;
    Estimates estimates;  ///< As planned, to set beside `duration`.
    std::vector<TableResult> tables;
    std::vector<Finding> findings;  ///< The plan's and those of the run.
    VerificationReport verification;
    std::vector<std::pair<Phase, std::chrono::milliseconds>> phases;
    std::vector<StageTime> stages;         ///< Those that the run came to.
    std::optional<Bottleneck> bottleneck;  ///< Of a run that was long enough to tell (a second).
    std::chrono::milliseconds duration{0};
    std::string source_backup;  ///< Path of its directory; empty if none was made.
    std::string target_backup;  ///< Likewise.
    std::string dead_letters;   ///< Where they are and how to list them; empty if there are none.
    std::string rollback;       ///< How to undo it, in one line.
    std::string audit_head;     ///< The last line of the run in the audit trail, as AuditHead::text().
    std::string failure;        ///< What ended it early; empty otherwise.
    std::string next_step;
    std::optional<ErrorCode> error;
    std::optional<RollbackRehearsal> rehearsal;  ///< Of its rollback, before anything was written.
    RunRecord record;

    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

/// One phase of a migration, as the index knows it: a rollback can go back to where it ended.
struct MigrationCheckpoint {
    unsigned number = 0;  ///< As checkpoint_of() has it.
    Phase phase = Phase::open;
    std::string begun_at;  ///< ISO 8601, UTC; empty where it has not begun.
    std::string ended_at;  ///< Likewise.
};

/// One migration in the index.
struct MigrationRecord {
    std::string id;
    MigrationState state = MigrationState::planned;
    std::string from;
    std::string to;
    std::string started_at;   ///< ISO 8601, UTC.
    std::string finished_at;  ///< Empty while it runs.
    std::uint64_t rows = 0;
    int exit_code = -1;  ///< −1 while it runs.
    std::string message;
    std::vector<std::string> events;               ///< Filled by status(), one line each with its time.
    std::vector<MigrationCheckpoint> checkpoints;  ///< Likewise: all phases, in their order.
};

MIGRATE_EXPORT std::string_view to_string(MigrationState state) noexcept;
/// The result for people, with its summary line last.
MIGRATE_EXPORT std::string render_text(const MigrationResult& result);
MIGRATE_EXPORT std::string render_text(const VerificationReport& report);
MIGRATE_EXPORT std::string render_text(const DiffReport& report);
/// A line a row. Holds row values.
MIGRATE_EXPORT std::string render_rows(const std::vector<RowDifference>& rows, bool truncated);

MIGRATE_NAMESPACE_END
