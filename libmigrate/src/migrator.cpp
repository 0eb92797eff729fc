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
#include "migrator/plan_run.hpp"
#include "plan/planner.hpp"
#include "rehearsal/rehearsal.hpp"

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

std::string outcome_of(const RollbackRehearsal& rehearsal) {
    return "the rollback was rehearsed with " + std::to_string(rehearsal.rows_there) + " and " +
           std::to_string(rehearsal.rows_migrated) + " rows and " +
           (rehearsal.passed() ? "works" : "does not work");
}

/// What did not come back, by names.
std::string reason_of(const RollbackRehearsal& rehearsal) {
    if (!rehearsal.failure.empty()) {
        return rehearsal.failure;
    }
    for (const Finding& finding : rehearsal.rollback.findings) {
        if (finding.severity == Severity::blocker) {
            return finding.object + ": " + finding.message;
        }
    }
    for (const RolledBackTable& table : rehearsal.rollback.tables) {
        if (!table.proven) {
            return "table " + table.table + " is not what it was";
        }
    }
    for (const RollbackProof& proof : rehearsal.rollback.proofs) {
        if (!proof.proven) {
            return "the " + proof.what + " are not what they were";
        }
    }
    return "nothing of it was proven";
}

/// Throws: Error{differs} where the rollback does not work.
RollbackRehearsal require_rehearsal(const MigratorContext& context, const MigrationPlan& plan,
                                    const RehearsalOptions& options) {
    context.events.start(Phase::preflight, 0, "rehearsing the rollback");
    RollbackRehearsal rehearsal = rehearsal::Rehearsal(context, plan, options).run();
    context.audit.decide(outcome_of(rehearsal));
    if (!rehearsal.passed()) {
        ErrorFacts facts;
        facts.code = ErrorCode::differs;
        facts.next_step =
            rehearsal.next_step.empty()
                ? "See the rehearsal in the preview (without --execute); a backup of the target "
                  "is another way back."
                : rehearsal.next_step;
        throw Error(std::move(facts),
                    "nothing was changed, since the rollback does not work as it was rehearsed: " +
                        reason_of(rehearsal));
    }
    return rehearsal;
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

RollbackRehearsal CrossDatabaseMigrator::rehearse_rollback(const MigrationPlan& plan,
                                                           const RehearsalOptions& options) {
    return m_impl->audited_call("rehearse", plan.id, [&](const MigratorContext& context) {
        context.audit.set_sides(plan.from.display(), plan.to.display());
        context.audit.started(intent_of(plan));
        RollbackRehearsal rehearsal = rehearsal::Rehearsal(context, plan, options).run();
        conclude(context, outcome_of(rehearsal));
        return rehearsal;
    });
}

MigrationResult CrossDatabaseMigrator::execute_migration(const MigrationPlan& plan,
                                                         const MigrationOptions& options) {
    return m_impl->audited_call("migrate", plan.id, [&](const MigratorContext& context) {
        context.audit.set_sides(plan.from.display(), plan.to.display());
        context.audit.started(intent_of(plan));
        std::optional<RollbackRehearsal> rehearsal;
        if (options.rehearse_rollback) {
            rehearsal = require_rehearsal(context, plan, *options.rehearse_rollback);
        }
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
            // It was of the plan before this one.
            if (rehearsal) {
                result.findings.push_back(
                    {Severity::note, "rehearsed-before", "the rehearsal",
                     "The rollback was rehearsed by a plan that rested on first rows; all "
                     "rows have decided otherwise.",
                     "", 0});
            }
            conclude(context, result);
            Impl::record_end(index, *recorded, result);
            // What it took says nothing of runs that load once.
            return result;
        }
        result.rehearsal = std::move(rehearsal);
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
        side->require_letter_retry(plan::target_plan_of(plan, ""));
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
