#pragma once

#include <string>
#include <vector>

#include <migrate/migration_plan.hpp>
#include <migrate/plan_options.hpp>

#include "backend/capabilities.hpp"
#include "backend/source.hpp"
#include "backend/target.hpp"
#include "plan/estimate.hpp"
#include "plan/source_reading.hpp"

namespace migrate::plan {

/// Both sides, open; the source's snapshot is pinned.
struct Sides {
    Endpoint from;
    Endpoint to;
    backend::Source& source;
    backend::Target& target;
    const backend::Capabilities& target_can;
    unsigned readers = 1;            ///< That the load will have at once.
    std::vector<PastRun> past = {};  ///< Runs of the same engines, newest first; for the estimate.
    bool own_code = false;           ///< As AdoptOptions has it.
};

/// Reads, maps, estimates and looks for what is in the way; writes nothing.
MigrationPlan make_plan(const Sides& sides, const PlanOptions& options, const std::string& id,
                        const std::string& created_at);

/// What an earlier plan is for the source as it is now, all values read. The target has something of it
/// staged, and is not asked what it has to say.
MigrationPlan plan_again(const Sides& sides, const MigrationPlan& earlier);

/// What the plan of a provisional one's options would be now, as far as the source's values and both catalogs
/// decide it: schemas, tables and findings, without estimates and what the target itself has to say.
MigrationPlan decide(const Sides& sides, const PlanOptions& options);

/// True when two of decide()'s give the same target in every detail, from values read in the same way.
bool same_decision(const MigrationPlan& a, const MigrationPlan& b);

/// True when what a target has staged for one of them is as the other wants it: same_decision(), but for the
/// next values of sequences, which are set after the load.
bool same_staging(const MigrationPlan& a, const MigrationPlan& b);

/// Another id for a plan that is run again; the texts that name it are changed too.
void give_id(MigrationPlan& plan, const std::string& id);

/// What the target is told.
backend::TargetPlan target_plan_of(const MigrationPlan& plan, const std::string& owner);

EndpointSummary summary_of(const backend::SourceInfo& info);

/// True when a plan made earlier still says what a plan made now does: same tables, columns, types and
/// formats.
bool same_mapping(const MigrationPlan& earlier, const MigrationPlan& now);

}  // namespace migrate::plan
