#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How many rules of one kind the target's schema has, which were counted on its rows.
struct RuleCount {
    std::string kind;  ///< "not null", "primary key", "unique", "check", "foreign key", "sequence".
    std::uint64_t rules = 0;
};

/// What a run can be told by afterwards, beside its outcome: for its report (run_report.hpp). Never holds row
/// values or secrets.
struct RunRecord {
    std::string tool_version;
    EndpointSummary from;  ///< As the plan has them.
    EndpointSummary to;
    std::string plan_sha256;         ///< Of the plan as it was given to the run, as render_json() spells it.
    std::string source_fingerprint;  ///< Identifies the source's state; empty = cannot be told.
    std::string started_at;          ///< ISO 8601, UTC.
    std::string ended_at;
    std::vector<Checkpoint>
        checkpoints;               ///< Of every chunk, those of earlier runs that were gone on with too.
    std::vector<RuleCount> rules;  ///< At rigorous and above.
    /// This run has compared both sides to the end, at the level that its plan asks for. False of one that
    /// ended before, and of one that only did the last step, or said how an earlier one had ended.
    bool compared = false;
};

MIGRATE_NAMESPACE_END
