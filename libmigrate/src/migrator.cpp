#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "mapping/selection.hpp"
#include "migrator/audit_words.hpp"
#include "migrator/compare.hpp"
#include "migrator/context.hpp"
#include "migrator/known_migration.hpp"
#include "migrator/letter_retry.hpp"
#include "migrator/migrator_impl.hpp"
#include "plan/planner.hpp"

MIGRATE_NAMESPACE_BEGIN

bool CompatibilityReport::compatible() const noexcept {
    return std::none_of(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.severity == Severity::blocker; });
}

int CheckReport::exit_code() const noexcept {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::blocker; })
               ? 4
               : 0;
}

namespace {

/// What was begun into the target before, and may be gone on with instead.
void name_unfinished(backend::Target& target, std::vector<Finding>& findings) {
    for (const backend::RecordedMigration& one : target.recorded_migrations()) {
        if (one.state == "loading" || one.state == "ready") {
            findings.push_back(
                {Severity::note, "unfinished-migration", "migration " + one.id,
                 "was begun into this target at " + one.created_at + " and is " + one.state,
                 "resume " + one.id + " goes on with it, abandon " + one.id + " drops what it has staged.",
                 0});
        }
    }
}

MigrationPlan make_plan(const MigratorContext& context, const MigrationSource& source,
                        const MigrationTarget& target, const PlanOptions& options,
                        std::vector<plan::PastRun> past) {
    context.events.start(Phase::open);
    refuse_same_place(source.endpoint, target.endpoint);
    context.require_sessions(source.endpoint, target.endpoint, SessionUse::run);
    const auto from = context.open_source(source.endpoint);
    const auto to = context.open_target(target.endpoint);
    // Too few sessions for a run are found out before it.
    const Workers workers = context.workers_for(source.endpoint, backend::identity_of(*from), target.endpoint,
                                                backend::identity_of(*to), SessionUse::run, options.workers);
    backend::hold_tables(*from, mapping::selection_of(options));
    from->pin_snapshot(workers.readers);
    refuse_same_place(source.endpoint, backend::identity_of(*from), target.endpoint,
                      backend::identity_of(*to));
    context.events.start(Phase::plan);
    const backend::Capabilities& can = backend::backend_named(target.endpoint.engine).capabilities();
    MigrationPlan plan =
        plan::make_plan({source.endpoint, target.endpoint, *from, *to, can, workers.readers, std::move(past)},
                        options, new_migration_id(), context.now());
    name_unfinished(*to, plan.findings);
    context.events.finish();
    return plan;
}

void require_retries(const Endpoint& target) {
    if (backend::backend_named(target.engine).capabilities().retries_letters) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::unsupported;
    facts.backend = target.engine;
    facts.next_step =
        "mend what was in the way and migrate again; dead-letters export writes the rows to a file";
    throw Error(std::move(facts), "a target of kind " + target.engine + " takes no dead letters back");
}

}  // namespace

CrossDatabaseMigrator::CrossDatabaseMigrator(MigratorConfig config)
    : m_impl(std::make_unique<Impl>(std::move(config))) {}
CrossDatabaseMigrator::~CrossDatabaseMigrator() = default;
CrossDatabaseMigrator::CrossDatabaseMigrator(CrossDatabaseMigrator&&) noexcept = default;
CrossDatabaseMigrator& CrossDatabaseMigrator::operator=(CrossDatabaseMigrator&&) noexcept = default;

CompatibilityReport CrossDatabaseMigrator::validate_compatibility(const Endpoint& from, const Endpoint& to) {
    return m_impl->call([&](const MigratorContext& context) {
        const MigrationPlan plan = make_plan(context, {from}, {to}, {}, {});
        return CompatibilityReport{plan.from_summary, plan.to_summary, plan.findings};
    });
}

MigrationPlan CrossDatabaseMigrator::plan_migration(const MigrationSource& source,
                                                    const MigrationTarget& target,
                                                    const PlanOptions& options) {
    const auto body = [&](const MigratorContext& context) {
        context.audit.set_sides(source.endpoint.display(), target.endpoint.display());
        const auto store = m_impl->store();
        return make_plan(context, source, target, options,
                         Impl::past_runs(store ? &*store : nullptr, source.endpoint, target.endpoint));
    };
    return m_impl->config().audit_plans ? m_impl->audited_call("migrate", "", body) : m_impl->call(body);
}

void CrossDatabaseMigrator::record_refusal(const MigrationPlan& plan) {
    m_impl->call([&](const MigratorContext& context) {
        context.audit.begin("migrate", plan.id);
        context.audit.set_sides(plan.from.display(), plan.to.display());
        std::string reasons;
        for (const Finding& finding : plan.findings) {
            if (finding.severity == Severity::blocker) {
                reasons += (reasons.empty() ? "" : "; ") + finding.object + ": " + finding.message;
            }
        }
        context.audit.end("refused", reasons);
        return 0;
    });
}

void CrossDatabaseMigrator::record_refusal(const std::string& operation, const std::string& migration,
                                           const std::string& why) {
    m_impl->call([&](const MigratorContext& context) {
        context.audit.begin(operation, migration);
        context.audit.end("refused", why);
        return 0;
    });
}

std::vector<ExpectedAuditHead> CrossDatabaseMigrator::audit_heads(const Endpoint& target) {
    return m_impl->call([&](const MigratorContext& context) {
        std::vector<ExpectedAuditHead> heads;
        for (const backend::RecordedMigration& one : context.open_target(target)->recorded_migrations()) {
            const std::string text = one.audit_head.empty() && !one.plan_json.empty()
                                         ? parse_plan(one.plan_json).audit_head
                                         : one.audit_head;
            if (auto head = parse_audit_head(text)) {
                heads.push_back({std::move(*head), one.id});
            }
        }
        return heads;
    });
}

MigrationResult CrossDatabaseMigrator::execute_migration(const MigrationPlan& plan,
                                                         const MigrationOptions& options) {
    return m_impl->audited_call("migrate", plan.id, [&](const MigratorContext& context) {
        context.audit.set_sides(plan.from.display(), plan.to.display());
        context.audit.started(intent_of(plan));
        auto store = m_impl->store();
        state::StateStore* index = store ? &*store : nullptr;
        const auto recorded = std::make_shared<bool>(false);
        auto execution =
            std::make_unique<Execution>(context, plan, options, Impl::index_in(context, index, recorded));
        MigrationResult result = execution->run();
        MigrationPlan run = execution->plan();
        if (const std::string surprise = execution->surprise(); !surprise.empty()) {
            execution.reset();
            m_impl->record_state(run.id, MigrationState::abandoned);
            *recorded = false;
            const std::chrono::milliseconds in_vain = result.duration;
            result = Impl::begin_anew(context, run, options, Impl::index_in(context, index, recorded),
                                      {surprise, Severity::note, result.source_backup, result.target_backup});
            result.duration += in_vain;
            conclude(context, result);
            Impl::record_end(index, *recorded, result);
            // What it took says nothing of runs that load once.
            return result;
        }
        conclude(context, result);
        Impl::record_end(index, *recorded, result);
        Impl::record_run(index, *recorded, run, result);
        return result;
    });
}

VerificationReport CrossDatabaseMigrator::verify(const VerifyRequest& request) {
    return m_impl->call(
        [&](const MigratorContext& context) { return compare_endpoints(context, request, 0, nullptr); });
}

DiffReport CrossDatabaseMigrator::diff(const DiffRequest& request) {
    return m_impl->call([&](const MigratorContext& context) {
        DiffReport report;
        compare_endpoints(context, request.compare, request.max_rows, &report);
        return report;
    });
}

CheckReport CrossDatabaseMigrator::check(const Endpoint& endpoint) {
    return m_impl->call([&](const MigratorContext& context) { return check_endpoint(context, endpoint); });
}

MigrationResult CrossDatabaseMigrator::cutover(const std::string& migration,
                                               const std::optional<Endpoint>& target) {
    return m_impl->audited_call("cutover", migration, [&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = m_impl->open_recorded(context, id, target);
        const auto recorded = recorded_by(*side, id);
        require_state(id, recorded ? recorded->state : "", {"ready"}, "be cut over",
                      "look at its status, and at the list of migrations in the history");
        side->lock(id);
        MigrationResult result = m_impl->cut_over(context, *side, *recorded);
        conclude(context, result);
        return result;
    });
}

std::uint64_t CrossDatabaseMigrator::finalize(const std::string& migration,
                                              const std::optional<Endpoint>& target) {
    return m_impl->audited_call("finalize", migration, [&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = m_impl->open_recorded(context, id, target);
        const std::string state = state_of(recorded_by(*side, id), m_impl->indexed_state(id));
        const std::string next = "cutover shows what is ready, abandon drops what is not to be shown";
        if (!state.empty()) {
            require_state(id, state, {"done", "rolled_back", "finalized"}, "be made final", next);
        }
        side->lock(id);
        context.audit.target_is_written(true);
        // Of a new file that was taken away again nobody knows without an index, but what was kept is there.
        const std::uint64_t freed = side->finalize(id);
        if (state.empty() && freed == 0) {
            require_state(id, state, {}, "be made final", next);
        }
        m_impl->record_state(id, MigrationState::finalized);
        conclude(context, "what was kept for a rollback is dropped, " + std::to_string(freed) + " bytes");
        return freed;
    });
}

void CrossDatabaseMigrator::abandon(const std::string& migration, const std::optional<Endpoint>& target) {
    m_impl->audited_call("abandon", migration, [&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = m_impl->open_recorded(context, id, target);
        const std::string state = state_of(recorded_by(*side, id), m_impl->indexed_state(id));
        require_state(id, state,
                      {"planned", "loading", "verifying", "ready", "failed", "interrupted", "abandoned"},
                      "be abandoned", "rollback undoes what is done, finalize ends what was undone");
        side->lock(id);
        context.audit.target_is_written();
        side->abandon(id);
        m_impl->record_state(id, MigrationState::abandoned);
        conclude(context, "what was staged is dropped");
        return 0;
    });
}

std::uint64_t CrossDatabaseMigrator::dead_letters(const std::string& migration,
                                                  const std::function<void(const DeadLetter&)>& take,
                                                  const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        const auto recorded = side->recorded_migrations();
        const bool known = std::any_of(recorded.begin(), recorded.end(),
                                       [&](const backend::RecordedMigration& m) { return m.id == id; });
        if (!known) {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.next_step =
                "look at the list of migrations in the history; what failed leaves nothing behind";
            throw Error(std::move(facts), "migration " + id + " is not known to the target");
        }
        std::uint64_t letters = 0;
        side->dead_letters(id, [&](const DeadLetter& letter) {
            context.check_stop();
            ++letters;
            take(letter);
        });
        return letters;
    });
}

DeadLetterRetry CrossDatabaseMigrator::retry_dead_letters(const std::string& migration,
                                                          const DeadLetterRetryOptions& options,
                                                          const std::optional<Endpoint>& target) {
    const auto body = [&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        require_retries(m_impl->target_of(id, target));
        const auto side = m_impl->open_recorded(context, id, target);
        if (options.execute) {
            side->lock(id);
        }
        const auto recorded = recorded_by(*side, id);
        require_state(id, recorded ? recorded->state : "", {"done"}, "have its dead letters retried",
                      "cutover or resume ends it first; what was rolled back has to be migrated again");
        const MigrationPlan plan = plan_of(*recorded);
        LetterRetryRun run(context, *side, plan, options);
        if (!options.execute) {
            return run.preview();
        }
        context.audit.target_is_written(true);
        DeadLetterRetry retry = run.execute();
        conclude(context, retry);
        return retry;
    };
    return options.execute ? m_impl->audited_call("retry", migration, body) : m_impl->call(body);
}

std::vector<MigrationRecord> CrossDatabaseMigrator::history() {
    const auto index = m_impl->store();
    return index ? index->list() : std::vector<MigrationRecord>{};
}

MigrationRecord CrossDatabaseMigrator::status(const std::string& migration) {
    const auto index = m_impl->store();
    if (!index) {
        throw Error(ErrorCode::not_found,
                    "no index of migrations is kept, so there is no migration " + migration);
    }
    return index->find(migration);
}

MIGRATE_NAMESPACE_END
