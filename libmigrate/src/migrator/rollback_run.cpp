#include "migrator/rollback_run.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "migrator/backup_run.hpp"
#include "migrator/known_migration.hpp"
#include "plan/planner.hpp"
#include "plan/undo_strategy.hpp"
#include "util/random_id.hpp"

namespace migrate {
namespace {

constexpr unsigned k_schema = checkpoint_of(Phase::schema);
constexpr unsigned k_verified = checkpoint_of(Phase::verify);
constexpr unsigned k_cutover = checkpoint_of(Phase::cutover);

}  // namespace

RollbackRun::RollbackRun(const MigratorContext& context, std::unique_ptr<backend::Target> target,
                         Subject subject, const RollbackOptions& options)
    : m_context(context), m_target(std::move(target)), m_subject(std::move(subject)), m_options(options) {
    if (m_subject.recorded && !m_subject.recorded->plan_json.empty()) {
        m_plan = plan_of(*m_subject.recorded);
    }
}

void RollbackRun::refuse(const std::string& why, const std::string& next_step) const {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.next_step = next_step;
    throw Error(std::move(facts), "migration " + m_subject.id + ": " + why + "; nothing was changed");
}

/// Others have seen nothing of it.
bool RollbackRun::is_unfinished() const {
    if (m_subject.recorded) {
        return m_subject.recorded->state == "loading" || m_subject.recorded->state == "ready";
    }
    return m_subject.indexed &&
           (migrate::is_unfinished(*m_subject.indexed) || *m_subject.indexed == MigrationState::planned);
}

/// Nothing is left of it, by whatever command.
bool RollbackRun::is_gone() const {
    return !m_subject.recorded &&
           (m_subject.indexed == MigrationState::failed || m_subject.indexed == MigrationState::abandoned ||
            m_subject.indexed == MigrationState::rolled_back);
}

/// Before the schema phase has ended there is none.
bool RollbackRun::keeps_staging() const {
    return m_options.to_checkpoint.value_or(0) >= k_schema;
}

bool RollbackRun::any(Placement placement) const {
    return m_plan && std::any_of(m_plan->target.tables.begin(), m_plan->target.tables.end(),
                                 [&](const Table& table) { return table.placement == placement; });
}

void RollbackRun::check_checkpoint() const {
    if (!m_options.to_checkpoint) {
        return;
    }
    const unsigned number = *m_options.to_checkpoint;
    if (number < 1 || number > checkpoint_of(Phase::done)) {
        ErrorFacts facts;
        facts.code = ErrorCode::usage;
        facts.next_step = "status " + m_subject.id + " lists them";
        throw Error(std::move(facts), "there is no checkpoint " + std::to_string(number) +
                                          ": they are numbered from 1 (open) to 10 (done)");
    }
    if (number >= k_cutover) {
        refuse(is_unfinished() ? "it has not come to checkpoint " + std::to_string(number)
                               : "it stands at its end, and checkpoint " + std::to_string(number) +
                                     " is nothing to go back to",
               "Checkpoints 5 to 8 keep what was staged, 1 to 4 and a rollback without one keep nothing.");
    }
}

RollbackResult RollbackRun::run() {
    check_checkpoint();
    RollbackResult result;
    result.id = m_subject.id;
    if (is_gone()) {
        result.was_rolled_back = true;
    } else {
        result = is_unfinished() ? undo_unfinished() : undo_done();
    }
    result.checkpoint = m_options.to_checkpoint;
    result.state = keeps_staging() && !result.was_rolled_back
                       ? (*m_options.to_checkpoint == k_verified ? "ready" : "loading")
                       : "rolled_back";
    return result;
}

RollbackResult RollbackRun::undo_unfinished() {
    RollbackResult result;
    result.id = m_subject.id;
    result.executed = m_options.execute;
    const std::string state = m_subject.recorded ? m_subject.recorded->state : "begun";
    if (m_options.strategy) {
        refuse("it is " + state + ", so that there is nothing yet to undo by a strategy",
               "Without --strategy what is staged is dropped.");
    }
    if (!keeps_staging()) {
        result.steps.push_back("drop what is staged: the migration is " + state +
                               ", and the target shows what it showed before");
        if (m_options.execute) {
            m_target->abandon(m_subject.id);
        }
        return result;
    }
    require_staged();
    const unsigned number = *m_options.to_checkpoint;
    if (state != "ready" && number > k_schema) {
        refuse("it is " + state + ", and has not come to the end of that phase as far as the target knows",
               "resume goes on with it.");
    }
    if (number == k_verified) {
        refuse("it is ready, which is where that checkpoint stands", "cutover shows what is staged.");
    }
    go_further_back(result);
    return result;
}

/// The index can know a run that was killed before the target knew it.
void RollbackRun::require_staged() const {
    if (m_subject.recorded && m_plan) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::not_found;
    facts.next_step = "Undo it whole: leave --to-checkpoint out.";
    throw Error(std::move(facts),
                "migration " + m_subject.id + ": the target " +
                    (m_subject.recorded ? "keeps no plan of it" : "has nothing of it staged") +
                    ", so that there is no checkpoint to go back to; nothing was changed");
}

/// From what is staged and ready, or loading, to an earlier phase.
void RollbackRun::go_further_back(RollbackResult& result) {
    const unsigned number = *m_options.to_checkpoint;
    if (number == k_verified) {
        return;
    }
    result.steps.emplace_back(
        number == k_schema ? "empty the staged tables; resume loads all rows again"
                           : "keep the rows that are staged; resume makes the keys again and verifies");
    if (!m_options.execute) {
        return;
    }
    const backend::TargetPlan plan = plan::target_plan_of(m_plan.value(), util::random_id());
    if (number == k_schema) {
        m_target->empty_staging(plan);
    } else {
        m_target->unready(plan);
    }
}

backend::RollbackRequest RollbackRun::request() const {
    backend::RollbackRequest request;
    request.migration = m_subject.id;
    request.options = m_options;
    if (m_plan) {
        request.schema = m_plan->target;
    }
    // No row may go: also not one that others have written since.
    request.options.discard_later_changes =
        m_options.discard_later_changes && m_strategy != RollbackStrategy::schema_only;
    return request;
}

void RollbackRun::require_swap_of_all(const char* what) const {
    if (any(Placement::load)) {
        refuse("rows went into tables that were there, where nothing was put aside " + std::string(what),
               "Without --strategy it is undone by revert.");
    }
}

void RollbackRun::choose_strategy() {
    const plan::ChosenStrategy planned =
        m_plan ? plan::strategy_of(*m_plan)
               : plan::ChosenStrategy{RollbackStrategy::swap, "it is of an earlier version"};
    m_strategy = m_options.strategy.value_or(planned.strategy);
    m_reason = m_options.strategy && m_strategy != planned.strategy
                   ? "it was asked for; the plan's is " + std::string(to_string(planned.strategy))
                   : planned.reason;
    switch (m_strategy) {
        case RollbackStrategy::swap:
            require_swap_of_all("that could be swapped back");
            return;
        case RollbackStrategy::revert:
            if (!any(Placement::load)) {
                refuse(
                    "nothing was changed in place, so there is no undo log to revert by",
                    "Without --strategy it is undone by " + std::string(to_string(planned.strategy)) + ".");
            }
            return;
        case RollbackStrategy::schema_only:
            if (any(Placement::load) || any(Placement::replace)) {
                refuse(
                    "it has changed or replaced tables that were there: that is more than a schema",
                    "Without --strategy it is undone by " + std::string(to_string(planned.strategy)) + ".");
            }
            return;
        case RollbackStrategy::restore:
            if (keeps_staging()) {
                refuse("a backup holds nothing that was staged", "Leave --strategy or --to-checkpoint out.");
            }
            return;
    }
}

RollbackResult RollbackRun::undo_done() {
    choose_strategy();
    backend::RollbackRequest wanted = request();
    if (keeps_staging()) {
        if (any(Placement::load)) {
            refuse(
                "what it had staged was merged into rows of others, and cannot be told from them again as "
                "it was staged",
                "Undo it whole: leave --to-checkpoint out.");
        }
        if (!m_plan) {
            refuse("the target keeps no plan of it, without which staging could not be gone on with",
                   "Undo it whole: leave --to-checkpoint out.");
        }
        wanted.staging = plan::target_plan_of(*m_plan, util::random_id());
    }
    if (m_strategy == RollbackStrategy::restore) {
        return restore();
    }
    if (m_strategy == RollbackStrategy::schema_only) {
        backend::RollbackRequest look = wanted;
        look.options.execute = false;
        for (const RolledBackTable& table : m_target->rollback(look).tables) {
            if (table.rows_now > 0) {
                refuse("table " + table.table + " has " + std::to_string(table.rows_now) +
                           " rows, and schema-only drops none",
                       "swap drops them with their table.");
            }
        }
    }
    RollbackResult result = m_target->rollback(wanted);
    if (result.was_rolled_back) {
        return result;
    }
    result.strategy = to_string(m_strategy);
    result.strategy_reason = m_reason;
    if (keeps_staging()) {
        go_further_back(result);
    }
    return result;
}

std::string RollbackRun::backup_of_target() const {
    const std::string directory = !m_options.backup_directory.empty() ? m_options.backup_directory
                                  : m_plan                            ? m_plan->options.backup_directory
                                                                      : "";
    if (!directory.empty()) {
        for (const BackupInfo& info : CrossDatabaseMigrator(MigratorConfig{}).list_backups(directory)) {
            if (info.migration == m_subject.id && info.kind == "target" && info.state == BackupState::whole) {
                if (info.form == "export") {
                    refuse(
                        "its backup of a server puts tables back one by one, beside what else is there: "
                        "what the migration and others have made would stay, and a table with triggers, "
                        "policies or partitions gives way to none, so that the target would not be what it "
                        "was",
                        "Undo it by another strategy, or put the tables back with backup restore " + info.id +
                            ".");
                }
                return info.path;
            }
        }
    }
    refuse("no backup that it made of its target is there" + (directory.empty() ? "" : " in " + directory),
           "--target-backup always makes one before a migration; --backup-dir says where they are.");
}

/// The whole target as it was. What others have written to it since cannot be told from the backup, and goes.
RollbackResult RollbackRun::restore() {
    const std::string backup = backup_of_target();
    backend::RollbackRequest look = request();
    look.options.execute = false;
    RollbackResult result = m_target->rollback(look);
    if (result.was_rolled_back) {
        return result;
    }
    result.strategy = to_string(m_strategy);
    result.strategy_reason = m_reason;
    result.steps = {"put the whole target back from the backup " + backup};
    result.findings.push_back(
        {m_options.discard_later_changes ? Severity::risk : Severity::blocker, "changes-go", "the target",
         "all of it will be what it was before the migration; whatever else was written to it since goes",
         m_options.discard_later_changes ? "" : "To restore it all the same, use --discard-later-changes.",
         0});
    if (!m_options.execute) {
        return result;
    }
    if (!m_options.discard_later_changes) {
        refuse(result.findings.back().message, result.findings.back().next_step);
    }
    m_target.reset();  // Its lock is the restoring one's now.
    RestoreOptions options;
    options.key = m_options.backup_key;
    options.overwrite = true;
    CrossDatabaseMigrator(quiet_config(m_context)).restore_backup(backup, m_subject.to, options);
    result.executed = true;
    const auto target = m_context.open_target(m_subject.to);
    // What it kept to be undone with is what was there, or of what is there no longer.
    target->finalize(m_subject.id);
    for (RolledBackTable& table : result.tables) {
        table.digest_restored = target->stored_digest(table.table);
        table.proven = table.digest_restored == table.digest_before;
    }
    result.proofs.clear();
    return result;
}

}  // namespace migrate
