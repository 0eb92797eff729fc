#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <migrate/migration_plan.hpp>

#include "plan/workload.hpp"

namespace migrate::plan {

/// How fast one reader takes rows out of a source, as measured.
struct ReadSpeed {
    double rows_per_second = 0;
    double bytes_per_second = 0;  ///< Of row data in memory.
    double work_per_second = 0;   ///< See row_work().
};

/// A run of the same engines that has ended well on this machine.
struct PastRun {
    Workload work;
    std::vector<PhaseEstimate> phases;  ///< As they took.
    std::chrono::milliseconds duration{0};
};

/// What is known of speeds before a run.
struct KnownSpeeds {
    std::optional<ReadSpeed> read;
    unsigned readers = 1;       ///< That will read side by side.
    std::vector<PastRun> past;  ///< Newest first; the first k_past_runs that say something are taken.
};

/// The median of so many runs outweighs one that ran while the machine had other work.
inline constexpr std::size_t k_past_runs = 5;

/// Rows, bytes, disk and time of a plan whose tables are set. What was neither measured nor done before is
/// assumed; the basis says what.
Estimates estimate(const MigrationPlan& plan, const KnownSpeeds& known);

}  // namespace migrate::plan
