#include "migrator/migrator_impl.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "io/machine.hpp"
#include "migrator/known_migration.hpp"
#include "plan/planner.hpp"
#include "util/kill_point.hpp"
#include "util/random_id.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

MigrationRecord start_record(const MigratorContext& context, const MigrationPlan& plan) {
    MigrationRecord record;
    record.id = plan.id;
    record.state = MigrationState::loading;
    record.from = plan.from.display();
    record.to = plan.to.display();
    record.started_at = context.now();
    return record;
}

/// How fast a run was that was held back, or paused, says nothing of the next one.
bool was_held_back(const MigrationResult& result) {
    return std::any_of(result.stages.begin(), result.stages.end(), [&](const StageTime& time) {
        return time.stage == Stage::held && time.waiting > result.duration / 20;
    });
}

state::RunKind kind_of(const Endpoint& from, const Endpoint& to) {
    return {io::machine_name(), from.engine, to.engine};
}

std::uint64_t committed_rows(const MigrationResult& result) {
    std::uint64_t rows = 0;
    for (const TableResult& table : result.tables) {
        rows += table.committed;
    }
    return rows;
}

}  // namespace

audit::CallLogOptions CrossDatabaseMigrator::Impl::audit_options() const {
    audit::CallLogOptions options;
    options.path = m_config.audit_path;
    options.key = m_config.audit_key;
    options.application = m_config.application_name;
    options.patience = m_config.busy_timeout;
    options.clock = m_config.clock;
    return options;
}

void CrossDatabaseMigrator::Impl::record_phases(const MigratorContext& context) {
    context.events.on_phase([&log = context.audit](Phase phase, bool begun) {
        if (phase == Phase::done) {
            return;  // how it ended is said apart
        }
        if (begun) {
            log.phase_begun(phase);
        } else {
            log.phase_ended(phase);
        }
    });
}

std::unique_ptr<backend::Target> CrossDatabaseMigrator::Impl::open_recorded(
    const MigratorContext& context, const std::string& migration,
    const std::optional<Endpoint>& given) const {
    const Endpoint to = target_of(migration, given);
    context.audit.set_migration(migration);
    context.audit.set_sides("", to.display());
    auto target = context.open_target(to);
    context.audit.set_roles("", backend::identity_of(*target).role);
    context.audit.started("");
    return target;
}

MigrationIndex CrossDatabaseMigrator::Impl::index_in(const MigratorContext& context, state::StateStore* store,
                                                     const std::shared_ptr<bool>& recorded) {
    MigrationIndex index;
    index.knows = [store](const std::string& id) {
        try {
            return store != nullptr && !store->find(id).id.empty();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found) {
                throw;
            }
            return false;
        }
    };
    index.is_unfinished = [store](const std::string& id) {
        if (store == nullptr) {
            return false;
        }
        const std::vector<MigrationRecord> all = store->list();
        return std::any_of(all.begin(), all.end(), [&](const MigrationRecord& one) {
            // One that makes its backups is still planned.
            return one.id == id && (one.state == MigrationState::planned || is_unfinished(one.state));
        });
    };
    index.write = [store, recorded, &context](const MigrationPlan& run, MigrationState state, Phase phase,
                                              const std::string& line) {
        if (store == nullptr) {
            return;
        }
        util::pass_kill_point("state-write");
        if (!*recorded) {
            store->record_start(start_record(context, run), render_json(run), {run.from, run.to});
            *recorded = true;
        }
        store->record_event(run.id, phase, line);
        store->record_state(run.id, state);
        util::pass_kill_point("state-written");
    };
    index.past = [store](const MigrationPlan& run) { return past_runs(store, run.from, run.to); };
    return index;
}

std::vector<plan::PastRun> CrossDatabaseMigrator::Impl::past_runs(const state::StateStore* store,
                                                                  const Endpoint& from, const Endpoint& to) {
    try {
        return store == nullptr ? std::vector<plan::PastRun>() : store->past_runs(kind_of(from, to));
    } catch (const Error&) {
        // An estimate is not worth a failure; whoever needs the index says what is wrong with it.
        return {};
    }
}

void CrossDatabaseMigrator::Impl::record_run(state::StateStore* store, bool recorded,
                                             const MigrationPlan& plan, MigrationResult& result) {
    if (store == nullptr || !recorded || result.error || result.state != MigrationState::done ||
        was_held_back(result)) {
        return;
    }
    plan::PastRun run;
    run.work = plan::workload_of(plan);
    run.duration = result.duration;
    for (const auto& [phase, duration] : result.phases) {
        run.phases.push_back({phase, duration});
    }
    try {
        store->record_run(result.id, kind_of(plan.from, plan.to), run, result.estimates.duration);
    } catch (const Error& error) {
        result.findings.push_back(index_not_written(error));
    }
}

void CrossDatabaseMigrator::Impl::record_end(state::StateStore* store, bool recorded,
                                             MigrationResult& result) {
    if (store == nullptr || !recorded) {
        return;
    }
    try {
        store->record_end(result.id, result.state, result.exit_code(), committed_rows(result),
                          result.failure);
    } catch (const Error& error) {
        result.findings.push_back(index_not_written(error));
    }
}

MigrationResult CrossDatabaseMigrator::Impl::result_of_done(
    const backend::RecordedMigration& recorded) const {
    MigrationResult result;
    result.id = recorded.id;
    result.state = MigrationState::done;
    if (recorded.plan_json.empty()) {
        // A directory of JSON that was new keeps nothing but its rows.
        result.findings.push_back({Severity::left_out, "account-lost", "migration " + recorded.id,
                                   "Its cutover had been done when its run was killed. What it left out, if "
                                   "anything, was not recorded.",
                                   "verify compares both sides.", 0});
    } else {
        const MigrationPlan plan = plan_of(recorded);
        result.findings = plan.findings;
        result.rollback = plan.rollback_strategy;
        result.verification.level = plan.options.level;
    }
    if (auto finding = record_state(recorded.id, result.state)) {
        result.findings.push_back(std::move(*finding));
    }
    return result;
}

MigrationResult CrossDatabaseMigrator::Impl::cut_over(const MigratorContext& context, backend::Target& target,
                                                      const backend::RecordedMigration& ready) const {
    // Whoever takes the lock ends a cutover that was killed between two names.
    const backend::RecordedMigration recorded = recorded_by(target, ready.id).value_or(ready);
    if (recorded.state == "done") {
        return result_of_done(recorded);
    }
    MigrationPlan plan = plan_of(ready);
    context.audit.set_sides(plan.from.display(), plan.to.display());
    if (!plan.verified.value_or(true)) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "resume " + recorded.id + " goes on with what is staged, and verifies it";
        throw Error(
            std::move(facts),
            "migration " + recorded.id + " is said to be ready, but was never verified; nothing was changed");
    }
    target.reopen(plan::target_plan_of(plan, util::random_id()));
    MigrationResult result;
    result.id = recorded.id;
    result.findings = plan.findings;
    result.rollback = plan.rollback_strategy;
    result.verification.level = plan.options.level;
    context.audit.target_is_written();
    context.events.start(Phase::cutover);
    record_taken_up(recorded.id);
    record_event(recorded.id, Phase::cutover, state::k_phase_started);
    plan.audit_head = context.audit.head();
    target.keep_audit_head(plan.audit_head);
    auto findings = target.cutover(account_of(plan));
    std::move(findings.begin(), findings.end(), std::back_inserter(result.findings));
    context.events.finish();
    result.state = MigrationState::done;
    result.phases = context.events.phases();
    record_event(recorded.id, Phase::cutover, state::k_phase_finished);
    if (auto finding = record_state(recorded.id, result.state)) {
        result.findings.push_back(std::move(*finding));
    }
    return result;
}

MIGRATE_NAMESPACE_END
