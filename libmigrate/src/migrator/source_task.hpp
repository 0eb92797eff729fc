#pragma once

#include <migrate/migration_plan.hpp>

#include "verify/digest_scan.hpp"

namespace migrate {

/// The rows of one way as the load has them: mapped, in the types that are compared. The plan must outlive
/// it.
verify::DigestTask source_task(const MigrationPlan& plan, const TablePlan& way);

}  // namespace migrate
