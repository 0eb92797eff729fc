#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/migration_plan.hpp>

#include "backend/source.hpp"
#include "backend/target.hpp"
#include "copy/chunk_list.hpp"
#include "verify/digest_scan.hpp"

/// How what is staged of a source that has moved on becomes a part of what the source says now.
namespace migrate {

struct ReconcileRequest {
    backend::Source& source;  ///< Its snapshot is pinned.
    backend::Target& target;  ///< The migration is taken up.
    const MigrationPlan& plan;
    const backend::TargetPlan& target_plan;
    const std::vector<copy::ListedChunk>& chunks;  ///< As the source is split now.
    const verify::ScanContext& scan;
};

/// Compares every chunk that is staged with the same part of the source, by digest, and takes out of the
/// staging what is another now: those chunks where their rows can be found by a key, else the whole table.
/// Chunks of which rows were refused are loaded anew, since what was wrong may be right now. `staged` becomes
/// what is left. Returns what stays, and what is to be loaded anew; nullopt where the target cannot do that.
/// Throws: Error of either side.
std::optional<Finding> reconcile(const ReconcileRequest& request, backend::Resumption& staged);

}  // namespace migrate
