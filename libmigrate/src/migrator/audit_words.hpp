#pragma once

#include <string>

#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/migrator.hpp>

#include "audit/call_log.hpp"
#include "migrator/context.hpp"

/// What a run says of itself in the audit trail. Numbers and names; never a row's value.
namespace migrate {

/// What it set out to do.
std::string intent_of(const MigrationPlan& plan);

/// How verification ended, and what became of rows that did not fit; on the disk when it returns.
void record_decisions(audit::CallLog& log, const MigrationPlan& plan, const MigrationResult& result);

/// The last line of a call, and what the result says of the trail.
void conclude(const MigratorContext& context, MigrationResult& result);
void conclude(const MigratorContext& context, RollbackResult& result);
void conclude(const MigratorContext& context, DeadLetterRetry& retry);
/// Of a call without a result to say it in: the observer is told where the trail could not be written.
void conclude(const MigratorContext& context, const std::string& detail);

}  // namespace migrate
