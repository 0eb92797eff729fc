#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/backup.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// By what a migration is undone. In plans and machine-readable output by name; do not change the spellings.
enum class RollbackStrategy : std::uint8_t {
    swap,         ///< What was made goes, what it took the place of stands there again.
    revert,       ///< What was changed in place is changed back, by the undo log; the rest is swapped.
    restore,      ///< The whole target comes back from the backup that the migration made of it.
    schema_only,  ///< Definitions that were made go, and no row with them.
};

struct RollbackOptions {
    bool execute = false;  ///< False: say what would be done, and write nothing.
    /// Undo although rows were changed since the migration. What was created or put in another's place is
    /// dropped with those changes; in tables that were loaded, only the rows of the migration are undone.
    bool discard_later_changes = false;
    std::optional<RollbackStrategy> strategy{};  ///< Nullopt: the one that its plan names.
    /// Go back to where the phase of this number (checkpoint_of()) had ended, and keep, or give back, what
    /// was staged by then. Nullopt: to before all of it.
    std::optional<unsigned> to_checkpoint{};
    std::string backup_directory{};  ///< RollbackStrategy::restore: where backups are kept.
    BackupKey backup_key{};          ///< Likewise, for an encrypted one.
};

/// One table's way back.
struct RolledBackTable {
    std::string table;
    Placement placement = Placement::create;
    std::uint64_t rows_before = 0;  ///< Before the migration; 0 where there was no table.
    std::uint64_t rows_after = 0;   ///< When the migration had ended.
    std::uint64_t rows_now = 0;     ///< When the rollback began.
    bool changed_since = false;     ///< Its rows are not those that the migration left.
    std::string digest_before;      ///< Of the rows before the migration; empty where there was no table.
    std::string digest_restored;    ///< Of the rows after the rollback; empty in a dry run.
    bool proven = false;            ///< Both are equal, or the table that was not there is gone.
};

/// What a database consists of beside its rows, told before the migration and after the rollback.
struct RollbackProof {
    std::string what;             ///< "catalog", "sequences", "privileges".
    std::uint64_t objects = 0;    ///< How many there were before the migration.
    std::string digest_before;    ///< Of all of them, in the order of their names.
    std::string digest_restored;  ///< Likewise, after the rollback; empty in a dry run.
    bool proven = false;          ///< Both are equal.
};

/// How a rollback ended. One that did not end so throws and leaves the target as it was.
struct RollbackResult {
    std::string id;
    bool executed = false;
    bool was_rolled_back = false;  ///< Somebody had done it already; nothing was left to do.
    std::string strategy;          ///< As to_string(RollbackStrategy); empty where nothing was shown yet.
    std::string strategy_reason;   ///< Why that one, for people.
    /// Where it went back to, of one that others have seen nothing of or that was asked for a checkpoint.
    std::optional<unsigned> checkpoint;
    std::string state;  ///< Of the migration: "rolled_back", or "loading" or "ready" where staging is there.
    std::vector<RolledBackTable> tables;
    std::vector<RollbackProof> proofs;  ///< Empty of a migration of an earlier version.
    std::vector<std::string> steps;     ///< What was done, or would be, one line each.
    std::vector<Finding> findings;      ///< A blocker: what is in the way.
    std::string audit_head;             ///< Its last line in the audit trail, as AuditHead::text().

    /// 0; 3 where something is in the way; 4 where something could not be proven to be as it was.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

MIGRATE_EXPORT std::string_view to_string(RollbackStrategy strategy) noexcept;
/// Nullopt for what is none.
MIGRATE_EXPORT std::optional<RollbackStrategy> parse_rollback_strategy(std::string_view name) noexcept;
/// The number of a phase, as `status` lists it: 1 (open) to 10 (done).
constexpr unsigned checkpoint_of(Phase phase) noexcept {
    return static_cast<unsigned>(phase) + 1;
}
MIGRATE_EXPORT std::string render_text(const RollbackResult& result);

MIGRATE_NAMESPACE_END
