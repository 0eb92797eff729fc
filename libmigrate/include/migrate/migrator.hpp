#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/audit.hpp>
#include <migrate/backup.hpp>
#include <migrate/dead_letter.hpp>
#include <migrate/dead_letter_retry.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/event.hpp>
#include <migrate/export.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/pause_control.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/rehearsal.hpp>
#include <migrate/rollback.hpp>
#include <migrate/run_limits.hpp>
#include <migrate/verification.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How a migrator works; the same for all its calls.
struct MigratorConfig {
    std::string state_path;  ///< File of the index of migrations; empty = no index is kept.
    std::shared_ptr<CredentialProvider> credentials;  ///< May be null: drivers look where they usually do.
    MigrationObserver observer;                       ///< May be empty.
    std::stop_token stop;  ///< Triggered: the running call ends at the next safe point with Error{cancelled}.
    std::function<std::chrono::system_clock::time_point()> clock;  ///< Empty = the system's.
    std::string application_name = "migrate";      ///< How sessions name themselves at the server.
    std::chrono::milliseconds busy_timeout{5000};  ///< How long to wait for another's lock.
    RunLimits limits;                              ///< Of each call.
    std::shared_ptr<PauseControl> pause;           ///< Null: calls cannot be paused.
    std::string audit_path;    ///< File of the audit trail, which is only ever added to; empty = none.
    AuditKeySource audit_key;  ///< Empty: the trail is hashed without a key.
    /// A plan is made to be executed at once, so that one that cannot be made is recorded as refused.
    bool audit_plans = false;
};

/// Whether a migration is possible, and what it would leave behind.
struct CompatibilityReport {
    EndpointSummary from;
    EndpointSummary to;
    std::vector<Finding> findings;
    [[nodiscard]] MIGRATE_EXPORT bool compatible() const noexcept;
};

/// The state of one endpoint by its own engine's checks.
struct CheckReport {
    EndpointSummary endpoint;
    std::size_t tables = 0;
    std::uint64_t rows = 0;
    std::vector<Finding> findings;
    /// 0, or 4 where the endpoint is damaged.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

struct MigrationOptions {
    bool cut_over = true;  ///< False: stop when staged and verified; cutover(id) does the last step.
    /// Keep the staging of a failed run for a look; abandon(id) drops it. That of a run that was stopped, or
    /// ended by what may pass, is kept anyway: resume_migration(id) goes on with it.
    bool keep_staging = false;
    /// Rehearse the rollback first: where it does not work, nothing is migrated.
    std::optional<RehearsalOptions> rehearse_rollback{};
};

/// How an unfinished migration is gone on with.
struct ResumeOptions {
    std::optional<Endpoint> from;  ///< The source again; else as the migration has recorded it.
    std::optional<Endpoint> to;    ///< The target again; else as the index knows it.
    /// A run that was begun without cut_over ends before the cutover here too: cutover(id) does that step.
    MigrationOptions run;
};

/// Moves whole databases between engines. Thread-safe as long as two calls do not run on one object at once.
///
///     migrate::CrossDatabaseMigrator migrator{migrate::MigratorConfig{}};
///     auto plan = migrator.plan_migration({migrate::parse_endpoint("app.db", false)},
///                                         {migrate::parse_endpoint("json:out/", true)});
///     auto result = migrator.execute_migration(plan);
///
/// Throws: Error from every call; State on failure: the source unchanged, the target as before or staged,
/// never half.
class MIGRATE_EXPORT CrossDatabaseMigrator {
  public:
    explicit CrossDatabaseMigrator(MigratorConfig config);
    ~CrossDatabaseMigrator();
    CrossDatabaseMigrator(CrossDatabaseMigrator&&) noexcept;
    CrossDatabaseMigrator& operator=(CrossDatabaseMigrator&&) noexcept;

    /// Reads both catalogs, without reading values.
    CompatibilityReport validate_compatibility(const Endpoint& from, const Endpoint& to);

    /// Reads the source's catalog and, where declared types do not bind, its values; decides everything.
    /// Writes nothing anywhere.
    MigrationPlan plan_migration(const MigrationSource& source, const MigrationTarget& target,
                                 const PlanOptions& options = {});

    /// Runs a sample of the plan in a place of its own (a database on the target's server, which takes the
    /// right to create one; a directory below $TMPDIR), with a sample of the target's tables that it changes
    /// and of what depends on them, and rolls it back there. Leaves nothing behind; writes nothing to the
    /// target. Recorded in the audit trail. Throws: Error{permission, unsupported, refused, usage, cancelled}
    /// and those of either side, where it cannot be rehearsed.
    RollbackRehearsal rehearse_rollback(const MigrationPlan& plan, const RehearsalOptions& options = {});

    /// Stages, verifies and cuts over. Refuses a plan whose source has changed so that the plan no longer
    /// fits. A run that fails after the first write returns a result whose state and exit code say so; a run
    /// that is refused before throws, as Error{differs} does for a rehearsal whose rollback does not work.
    MigrationResult execute_migration(const MigrationPlan& plan, const MigrationOptions& options = {});

    /// Goes on with a migration that was stopped, killed or cut off: chunks that are in the target with their
    /// checkpoints stay, the rest is loaded, built, verified and shown. The result is that of a run that was
    /// never interrupted. Where the source has changed since, or what is staged is not what its checkpoints
    /// say, everything is loaded anew under a new id, and a note says so. `migration` is an id or its
    /// beginning; empty = the newest unfinished one of `to`, or of the index.
    /// Throws: Error{not_found} where nothing is unfinished; Error{refused} for a migration that is done.
    MigrationResult resume_migration(const std::string& migration, const ResumeOptions& options = {});

    /// Compares two endpoints; changes nothing.
    VerificationReport verify(const VerifyRequest& request);
    /// Lists what differs. The report holds row values.
    DiffReport diff(const DiffRequest& request);
    CheckReport check(const Endpoint& endpoint);

    /// The last step of a migration that is `ready`.
    MigrationResult cutover(const std::string& migration, const std::optional<Endpoint>& target = {});
    /// Drops what was kept for a rollback (irreversible); returns the bytes freed, 0 if unknown.
    std::uint64_t finalize(const std::string& migration, const std::optional<Endpoint>& target = {});
    /// Drops the staging of a migration that did not finish; the target is as before.
    void abandon(const std::string& migration, const std::optional<Endpoint>& target = {});

    /// Hands over the rows that a migration left out or took a value from, as the target keeps them, and
    /// returns how many there are. They hold row values. Throws: Error{not_found} for an unknown migration.
    std::uint64_t dead_letters(const std::string& migration,
                               const std::function<void(const DeadLetter&)>& take,
                               const std::optional<Endpoint>& target = {});
    /// Tries the rows once more that a migration left out, or took a value from: those that fit now go into
    /// the tables that it made or loaded, in one transaction with the end of their dead letters, so that no
    /// row is lost or doubled wherever it is killed; the others stay dead letters, with the reason that holds
    /// now. What goes in belongs to the migration: a rollback takes it away with the rest. Without
    /// DeadLetterRetryOptions::execute it says what it would try, and writes nothing.
    /// Throws: Error{refused} for a migration that is not done; Error{unsupported} where the target's backend
    /// cannot do it, or not for documents; Error{not_found} for an unknown migration, or a table that it has
    /// not.
    DeadLetterRetry retry_dead_letters(const std::string& migration,
                                       const DeadLetterRetryOptions& options = {},
                                       const std::optional<Endpoint>& target = {});
    /// Undoes a migration that is done, in one step, and proves it: what was created goes, what was replaced
    /// or loaded into is as it was. Without RollbackOptions::execute it says what it would do. Idempotent.
    /// Throws: Error{refused} where something is in the way; Error{not_found} for a migration that the target
    /// does not know or that is final.
    RollbackResult rollback_migration(const std::string& migration, const RollbackOptions& options = {},
                                      const std::optional<Endpoint>& target = {});

    /// Records in the audit trail that a plan which was to be executed will not be, for what is in its way.
    void record_refusal(const MigrationPlan& plan);
    /// Records that an operation ("rollback") was refused before it was called, and why: by a host's own
    /// rules.
    void record_refusal(const std::string& operation, const std::string& migration, const std::string& why);
    /// The places in audit trails that the migrations into a target have left there, newest first.
    std::vector<ExpectedAuditHead> audit_heads(const Endpoint& target);
    /// Makes a backup of a database as it is now: compressed, encrypted where a key is given, durable and
    /// read back to the last byte on return. SQLite and JSON come as their own files, a server as JSON that
    /// comes back exactly. Killed, it leaves nothing that is taken for a backup. Throws: Error{refused} where
    /// the disk has no room for it.
    CreatedBackup create_backup(const Endpoint& from, const BackupOptions& options);
    /// All that stand in a directory, the newest first. Reads their manifests only.
    std::vector<BackupInfo> list_backups(const std::string& directory);
    /// Reads a backup from its first byte to its last. `backup` is its path, its id or the beginning of it,
    /// or that of its migration's. Without a key an encrypted one is looked at as it is stored. Throws:
    /// Error{not_found}; Error{permission} for another key than it was made with.
    BackupVerification verify_backup(const std::string& backup, const std::string& directory,
                                     const BackupKey& key = {});
    /// Puts a database back from a backup, in one step and only where all of it is what was backed up.
    /// Throws: Error{exists} where something stands there already; Error{differs} for a damaged backup.
    RestoreResult restore_backup(const std::string& backup, const Endpoint& to,
                                 const RestoreOptions& options = {});

    /// The index of migrations, newest first; one with its events. Throws: Error{not_found}.
    std::vector<MigrationRecord> history();
    MigrationRecord status(const std::string& migration);

  private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

MIGRATE_NAMESPACE_END
