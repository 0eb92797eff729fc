#include "plan/estimate.hpp"

#include <algorithm>

namespace migrate::plan {
namespace {

// Seconds a byte and a row take on a small machine with everything verified, rounded to the careful side.
constexpr double k_bytes_per_second = 60e6;
constexpr double k_rows_per_second = 400e3;
constexpr double k_seconds_per_table = 0.01;
constexpr double k_seconds_per_run = 0.2;
// Staging is the only copy; indexes and page overhead come on top of the rows.
constexpr double k_disk_factor = 2.0;
constexpr std::uint64_t k_disk_floor = 1ULL << 20U;

}  // namespace

Estimates estimate(const MigrationPlan& plan) {
    Estimates estimates;
    for (const TablePlan& table : plan.tables) {
        estimates.rows += table.rows;
        estimates.bytes += table.bytes;
    }
    estimates.target_bytes =
        static_cast<std::uint64_t>(static_cast<double>(estimates.bytes) * k_disk_factor) + k_disk_floor;
    const double work = std::max(static_cast<double>(estimates.bytes) / k_bytes_per_second,
                                 static_cast<double>(estimates.rows) / k_rows_per_second);
    const double seconds =
        k_seconds_per_run + k_seconds_per_table * static_cast<double>(plan.tables.size()) + work;
    estimates.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    estimates.basis = "assumed: 60 MB/s and 400,000 rows/s, verified";
    return estimates;
}

}  // namespace migrate::plan
