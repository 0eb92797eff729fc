#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <migrate/migration_plan.hpp>

#include "backend/source.hpp"
#include "verify/digest_scan.hpp"

namespace migrate {

/// The target's columns that do not hold what was loaded into one table by these ways (indexes into the
/// plan's tables), with their types; empty where whole rows are missing, so that no column tells. Reads both
/// sides once more.
std::vector<std::string> differing_columns(backend::Source& source, backend::Source& staging,
                                           const MigrationPlan& plan, std::span<const std::size_t> ways,
                                           const verify::ScanContext& context);

}  // namespace migrate
