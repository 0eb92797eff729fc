#include "migrator/plan_run.hpp"

#include <utility>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "mapping/selection.hpp"
#include "plan/planner.hpp"

namespace migrate {
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

}  // namespace

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
    MigrationPlan plan = plan::make_plan({source.endpoint, target.endpoint, *from, *to, can, workers.readers,
                                          std::move(past), context.own_code},
                                         options, new_migration_id(), context.now());
    name_unfinished(*to, plan.findings);
    context.events.finish();
    return plan;
}

}  // namespace migrate
