#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <migrate/migration_plan.hpp>

namespace migrate::plan {

/// How much a run has to do, in what its time depends on. Kept in the index of migrations for each run.
struct Workload {
    std::uint64_t tables = 0;  ///< At the target.
    std::uint64_t rows = 0;
    std::uint64_t values = 0;       ///< Rows times columns.
    std::uint64_t bytes = 0;        ///< As the source counts them.
    std::uint64_t keyed_rows = 0;   ///< Rows, once for each key, index and reference that is built over them.
    std::uint64_t merged_rows = 0;  ///< Rows that the cutover moves into tables that are there.
    std::uint64_t backup_bytes = 0;  ///< Of source and target, where they are backed up first.
    bool reads_back = true;          ///< Verification reads every row.

    friend bool operator==(const Workload&, const Workload&) = default;
};

Workload workload_of(const MigrationPlan& plan);

/// True where the source of the plan is copied before anything is written.
bool backs_up_source(const MigrationPlan& plan);
/// True where the target of the plan, as it is, is.
bool backs_up_target(const MigrationPlan& plan);
/// Says of a side that the automatic policy would back up, were it smaller.
std::vector<Finding> sides_too_large_to_back_up(const MigrationPlan& plan);

/// What the load and the verification of a row cost beside those of other rows. Units: the cost of one byte.
double row_work(std::size_t columns, double bytes);
/// The same of all rows.
double row_work(const Workload& work);
/// The same of the table's average row.
double row_work(const TablePlan& table);

}  // namespace migrate::plan
