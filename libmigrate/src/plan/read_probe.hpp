#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <migrate/migration_plan.hpp>

#include "backend/source.hpp"
#include "plan/estimate.hpp"

namespace migrate::plan {

/// The most that a probe may take, but for the one batch that is under way then.
inline constexpr std::chrono::milliseconds k_probe_time{50};
/// Smaller tables are migrated in less time than it is worth to know.
inline constexpr std::uint64_t k_probe_rows = 50'000;

/// Reads the beginning of the table that is the most work, for k_probe_time at most, and tells how fast that
/// went. Nullopt where no table is large, for a session that is lent (it would have to be read to the end),
/// and where the beginning cannot be read: the run itself says why. Requires: the snapshot is pinned.
std::optional<ReadSpeed> probe_read_speed(
    backend::Source& source, const MigrationPlan& plan,
    const std::function<std::chrono::steady_clock::time_point()>& now = std::chrono::steady_clock::now);

}  // namespace migrate::plan
