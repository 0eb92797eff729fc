#include "plan/estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "util/human.hpp"

namespace migrate::plan {
namespace {

using Seconds = std::chrono::duration<double>;

// What is assumed of a machine where nothing ran before, on the careful side; the first run there corrects
// it. Work is counted as row_work() does.
constexpr double k_load_work_per_second = 150e6;
constexpr double k_verify_work_per_second = 250e6;
constexpr double k_keyed_rows_per_second = 2.5e6;
constexpr double k_merged_rows_per_second = 250e3;
constexpr double k_backup_bytes_per_second = 300e6;
constexpr double k_seconds_per_table = 0.004;
constexpr double k_seconds_per_run = 0.1;

// Staging is the only copy; indexes and page overhead come on top of the rows.
constexpr double k_disk_factor = 2.0;
constexpr std::uint64_t k_disk_floor = 1ULL << 20U;

// Of fewer rows a run says what it costs to begin, and not how fast rows are.
constexpr std::uint64_t k_telling_rows = 20'000;

constexpr std::array k_phases{Phase::backup, Phase::schema, Phase::load,
                              Phase::build,  Phase::verify, Phase::cutover};

double assumed_seconds(Phase phase, const Workload& work) {
    const double tables = static_cast<double>(work.tables);
    switch (phase) {
        case Phase::backup:
            return static_cast<double>(work.backup_bytes) / k_backup_bytes_per_second;
        case Phase::schema:
            return k_seconds_per_run / 2 + k_seconds_per_table * tables;
        case Phase::load:
            return row_work(work) / k_load_work_per_second + k_seconds_per_table * tables;
        case Phase::build:
            return static_cast<double>(work.keyed_rows) / k_keyed_rows_per_second;
        case Phase::verify:
            return (work.reads_back ? row_work(work) / k_verify_work_per_second : 0) +
                   k_seconds_per_table * tables;
        default:
            return k_seconds_per_run / 2 + static_cast<double>(work.merged_rows) / k_merged_rows_per_second;
    }
}

/// A run tells of a phase what it did in it at all, and in the same way.
bool tells(const PastRun& past, Phase phase, const Workload& work) {
    switch (phase) {
        case Phase::backup:
            return past.work.backup_bytes >= (1U << 20U);
        case Phase::verify:
            return past.work.rows >= k_telling_rows && past.work.reads_back == work.reads_back;
        case Phase::load:
        case Phase::build:
            return past.work.rows >= k_telling_rows;
        case Phase::cutover:
            return (past.work.merged_rows > 0) == (work.merged_rows > 0);
        default:
            return true;
    }
}

Seconds taken(const PastRun& past, Phase phase) {
    Seconds sum{0};
    for (const PhaseEstimate& entry : past.phases) {
        sum += entry.phase == phase ? Seconds(entry.duration) : Seconds(0);
    }
    return sum;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// How many times longer than assumed the newest runs took in a phase; nullopt where none tells.
std::optional<double> slowness(const std::vector<PastRun>& past, Phase phase, const Workload& work) {
    std::vector<double> ratios;
    for (const PastRun& run : past) {
        const double assumed = assumed_seconds(phase, run.work);
        if (ratios.size() < k_past_runs && assumed > 0 && tells(run, phase, work)) {
            ratios.push_back(taken(run, phase).count() / assumed);
        }
    }
    return ratios.empty() ? std::nullopt : std::optional(median(std::move(ratios)));
}

std::size_t telling_runs(const std::vector<PastRun>& past) {
    const auto telling = std::count_if(past.begin(), past.end(),
                                       [](const PastRun& run) { return run.work.rows >= k_telling_rows; });
    return std::min(k_past_runs, static_cast<std::size_t>(telling));
}

std::string basis_of(const KnownSpeeds& known) {
    std::string read = "reading assumed";
    if (known.read) {
        read = "reading measured: " +
               util::human_count(static_cast<std::uint64_t>(known.read->rows_per_second)) + " rows/s, " +
               util::human_bytes(static_cast<std::uint64_t>(known.read->bytes_per_second)) + "/s";
    }
    const std::size_t runs = telling_runs(known.past);
    if (runs == 0) {
        return read + "; writing and verifying assumed: no run of these engines is known here";
    }
    return read + "; writing and verifying as in the last " +
           (runs == 1 ? "run" : std::to_string(runs) + " runs") + " of these engines here";
}

std::chrono::milliseconds rounded(double seconds) {
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

}  // namespace

Estimates estimate(const MigrationPlan& plan, const KnownSpeeds& known) {
    const Workload work = workload_of(plan);
    Estimates estimates;
    estimates.rows = work.rows;
    estimates.bytes = work.bytes;
    estimates.target_bytes =
        static_cast<std::uint64_t>(static_cast<double>(work.bytes) * k_disk_factor) + k_disk_floor;
    for (const Phase phase : k_phases) {
        double seconds = assumed_seconds(phase, work) * slowness(known.past, phase, work).value_or(1);
        if (phase == Phase::load && known.read) {
            // Rows are written while others are read: the slower of the two decides.
            seconds = std::max(seconds, row_work(work) / known.read->work_per_second /
                                            static_cast<double>(std::max(1U, known.readers)));
        }
        estimates.phases.push_back({phase, rounded(seconds)});
        estimates.duration += estimates.phases.back().duration;
    }
    if (known.read) {
        estimates.read_rows_per_second = static_cast<std::uint64_t>(known.read->rows_per_second);
        estimates.read_bytes_per_second = static_cast<std::uint64_t>(known.read->bytes_per_second);
    }
    estimates.basis = basis_of(known);
    return estimates;
}

}  // namespace migrate::plan
