#include <algorithm>
#include <memory>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "migrator/audit_words.hpp"
#include "migrator/known_migration.hpp"
#include "migrator/migrator_impl.hpp"
#include "migrator/patience.hpp"
#include "plan/planner.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

[[noreturn]] void throw_nothing(const std::string& where) {
    ErrorFacts facts;
    facts.code = ErrorCode::not_found;
    facts.next_step = "begin it with migrate";
    throw Error(std::move(facts), "there is no unfinished migration " + where + ": nothing to resume");
}

std::string newest_unfinished(backend::Target& target) {
    for (const backend::RecordedMigration& one : target.recorded_migrations()) {
        if (one.state == "loading" || one.state == "ready") {
            return one.id;
        }
    }
    throw_nothing("in the target");
}

/// The newest of the index that its target knows too: a run that was killed early has left nothing there.
std::string newest_unfinished(const MigratorContext& context, const std::optional<state::StateStore>& index) {
    for (const MigrationRecord& record : index ? index->list() : std::vector<MigrationRecord>()) {
        if (!is_unfinished(record.state)) {
            continue;
        }
        const auto target = context.open_target(index->endpoints(record.id).to);
        const auto recorded = recorded_by(*target, record.id);
        if (recorded &&
            (recorded->state == "loading" || recorded->state == "ready" || recorded->state == "done")) {
            return record.id;
        }
    }
    throw_nothing("in the index");
}

void abandon_staging(const MigratorContext& context, const MigrationPlan& plan) {
    const auto target = context.open_target(plan.to);
    lock_patiently(context, *target, plan.id);
    context.audit.target_is_written();
    target->abandon(plan.id);
}

/// One attempt to go on; a nullopt says in why_not that what is staged cannot be used.
std::optional<MigrationResult> try_resume(const MigratorContext& context, const MigrationPlan& plan,
                                          const MigrationOptions& options, const MigrationIndex& index,
                                          std::string& why_not) {
    const auto execution = patiently(context, [&] {
        context.audit.forget_attempt();
        auto taken_up = std::make_unique<Execution>(context, plan, options, index);
        return taken_up->resume(why_not) ? std::move(taken_up) : nullptr;
    });
    if (!execution) {
        return std::nullopt;
    }
    MigrationResult result = execution->go_on();
    if (!execution->surprise().empty()) {
        why_not = execution->surprise();
        return std::nullopt;
    }
    if (result.error == ErrorCode::differs) {
        why_not = "what was staged was not what it should have been: " + result.failure;
        return std::nullopt;
    }
    return result;
}

}  // namespace

MigrationResult CrossDatabaseMigrator::Impl::begin_anew(const MigratorContext& context, MigrationPlan& plan,
                                                        const MigrationOptions& options,
                                                        const MigrationIndex& index, const Anew& anew) {
    const std::string old = plan.id;
    plan::give_id(plan, new_migration_id());
    plan.options.profile_ahead = true;
    context.audit.decide("what migration " + old + " had staged was dropped, and it is begun anew as " +
                         plan.id + ", because " + anew.why);
    MigrationOptions as_before = options;
    as_before.cut_over = options.cut_over && plan.cut_over;
    MigrationResult result;
    Execution execution(context, plan, as_before, index);
    execution.use_backups(anew.source_backup, anew.target_backup);
    try {
        result = execution.run();
    } catch (const Error& error) {
        throw Error(error.facts(), "what migration " + old + " had staged was dropped, because " + anew.why +
                                       "; begun anew it went no further: " + error.what());
    }
    plan = execution.plan();
    result.findings.push_back({anew.severity, "begun-anew", "migration " + old,
                               "What it had staged was dropped and everything loaded anew as " + plan.id +
                                   ", because " + anew.why + ".",
                               "", 0});
    return result;
}

/// Goes on with one whose load is not finished.
MigrationResult CrossDatabaseMigrator::Impl::resume(const MigratorContext& context, const MigrationPlan& plan,
                                                    const MigrationOptions& options) const {
    auto kept = store();
    state::StateStore* index = kept ? &*kept : nullptr;
    auto written = std::make_shared<bool>(false);
    std::string why_not;
    auto result = try_resume(context, plan, options, index_in(context, index, written), why_not);
    if (!result) {
        abandon_staging(context, plan);
        record_state(plan.id, MigrationState::abandoned);
        written = std::make_shared<bool>(false);
        MigrationPlan again = plan;
        result = begin_anew(context, again, options, index_in(context, index, written),
                            {why_not, Severity::risk, {}, {}});
    }
    conclude(context, *result);
    record_end(index, *written, *result);
    return std::move(*result);
}

MigrationResult CrossDatabaseMigrator::resume_migration(const std::string& migration,
                                                        const ResumeOptions& options) {
    return m_impl->audited_call("resume", migration, [&](const MigratorContext& context) {
        std::string id = migration.empty() ? "" : m_impl->resolve(migration);
        if (id.empty() && !options.to) {
            id = newest_unfinished(context, m_impl->store());
        }
        const Endpoint to = m_impl->target_of(id, options.to);
        MigrationPlan plan;
        {
            const auto target = m_impl->open_recorded(context, id, to);
            id = id.empty() ? newest_unfinished(*target) : id;
            context.audit.set_migration(id);
            const auto recorded = recorded_by(*target, id);
            const std::string state = state_of(recorded, m_impl->indexed_state(id));
            if (recorded && state == "done" && m_impl->indexed_state(id) != MigrationState::done) {
                // Whoever has the lock clears away what the killed run has left.
                lock_patiently(context, *target, id);
                require_shown(*target, *recorded);
                MigrationResult result = m_impl->result_of_done(*recorded);
                conclude(context, result);
                return result;
            }
            plan = recorded && !recorded->plan_json.empty() ? plan_of(*recorded) : plan;
            // What says so though nothing was verified was changed by others: the rest is done first.
            const std::string known = state == "ready" && !plan.verified.value_or(true) ? "loading" : state;
            if (known == "ready" && recorded && options.run.cut_over && plan.cut_over) {
                lock_patiently(context, *target, id);
                MigrationResult result = m_impl->cut_over(context, *target, *recorded);
                conclude(context, result);
                return result;
            }
            require_state(id, recorded ? known : "", {"loading"}, "be gone on with",
                          "cutover shows what is ready; what was killed before it had recorded anything is "
                          "begun again with migrate; status shows where a migration stands");
        }
        plan.from = options.from.value_or(plan.from);
        plan.to = to;
        context.audit.set_sides(plan.from.display(), plan.to.display());
        return m_impl->resume(context, plan, options.run);
    });
}

MIGRATE_NAMESPACE_END
