#pragma once

#include <cstddef>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/migration_plan.hpp>

#include "copy/reject_policy.hpp"
#include "mapping/conversion.hpp"
#include "mapping/row_program.hpp"

namespace migrate::copy {

/// One table's part of a load, made once.
struct TableWork {
    const Table* source = nullptr;
    std::size_t target = 0;  ///< Index into the target schema.
    mapping::RowProgram program;
    std::vector<TypeKind> kinds;  ///< Of the columns read.
    mapping::Transform transform;
    RejectPolicy policy;
    DigestAlgorithm digests = DigestAlgorithm::xxh3;
    bool profile =
        false;  ///< What the values show is to be kept: the plan is provisional (ScanSpec::profile).
};

/// Requires: the plan outlives it.
TableWork make_work(const MigrationPlan& plan, const TablePlan& table);

}  // namespace migrate::copy
