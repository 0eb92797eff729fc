#include <numeric>

#include <catch2/catch.hpp>

#include "plan/estimate.hpp"

using namespace migrate;
using std::chrono::milliseconds;

namespace {

MigrationPlan plan_of(std::uint64_t rows, std::size_t columns, std::uint64_t row_bytes) {
    MigrationPlan plan;
    plan.target.tables.resize(1);
    plan.target.tables[0].primary_key = Key{"pk", {"id"}, {}, false, false, "", ""};
    TablePlan& table = plan.tables.emplace_back();
    table.columns.resize(columns);
    table.rows = rows;
    table.bytes = rows * row_bytes;
    return plan;
}

milliseconds of(const Estimates& estimates, Phase phase) {
    for (const PhaseEstimate& entry : estimates.phases) {
        if (entry.phase == phase) {
            return entry.duration;
        }
    }
    return milliseconds(-1);
}

/// A run that took `times` what is assumed of it in every phase.
plan::PastRun past_of(const MigrationPlan& plan, int times) {
    plan::PastRun run;
    run.work = plan::workload_of(plan);
    for (const PhaseEstimate& entry : plan::estimate(plan, {}).phases) {
        run.phases.push_back({entry.phase, entry.duration * times});
        run.duration += entry.duration * times;
    }
    return run;
}

}  // namespace

TEST_CASE("estimate: what is not known is assumed, and said to be", "[plan][estimate]") {
    const Estimates estimates = plan::estimate(plan_of(1'000'000, 10, 100), {});
    CHECK(estimates.rows == 1'000'000);
    CHECK(estimates.bytes == 100'000'000);
    CHECK(of(estimates, Phase::load) > milliseconds(0));
    CHECK(of(estimates, Phase::build) > milliseconds(0));
    CHECK(of(estimates, Phase::verify) > milliseconds(0));
    CHECK(of(estimates, Phase::backup) == milliseconds(0));
    CHECK(estimates.duration ==
          std::accumulate(estimates.phases.begin(), estimates.phases.end(), milliseconds(0),
                          [](milliseconds sum, const PhaseEstimate& entry) { return sum + entry.duration; }));
    CHECK(estimates.basis ==
          "reading assumed; writing and verifying assumed: no run of these engines is known here");
    CHECK(estimates.read_rows_per_second == 0);
}

TEST_CASE("estimate: without reading back verification takes next to nothing", "[plan][estimate]") {
    MigrationPlan plan = plan_of(1'000'000, 10, 100);
    const Estimates standard = plan::estimate(plan, {});
    plan.options.level = VerificationLevel::basic;
    CHECK(of(plan::estimate(plan, {}), Phase::verify) * 10 < of(standard, Phase::verify));
}

TEST_CASE("estimate: the median of the newest runs of another size is carried over", "[plan][estimate]") {
    const MigrationPlan small = plan_of(100'000, 5, 50);
    const MigrationPlan large = plan_of(10'000'000, 5, 50);
    plan::KnownSpeeds known;
    // The newest five count: 3, 3, 2, 9 and 3 times as slow as assumed.
    for (const int times : {3, 3, 2, 9, 3, 50, 50, 50, 50, 50, 50}) {
        known.past.push_back(past_of(small, times));
    }
    const Estimates estimates = plan::estimate(large, known);
    const Estimates assumed = plan::estimate(large, {});
    for (const Phase phase : {Phase::load, Phase::build, Phase::verify, Phase::schema, Phase::cutover}) {
        CAPTURE(to_string(phase));
        CHECK(static_cast<double>(of(estimates, phase).count()) ==
              Approx(3.0 * static_cast<double>(of(assumed, phase).count())).epsilon(0.02));
    }
    CHECK(estimates.basis ==
          "reading assumed; writing and verifying as in the last 5 runs of these engines here");
}

TEST_CASE("estimate: runs of few rows, and those that read nothing back, say nothing of rows",
          "[plan][estimate]") {
    const MigrationPlan plan = plan_of(1'000'000, 5, 50);
    MigrationPlan basic = plan;
    basic.options.level = VerificationLevel::basic;
    plan::KnownSpeeds known;
    known.past = {past_of(plan_of(100, 5, 50), 40), past_of(basic, 30)};
    const Estimates estimates = plan::estimate(plan, known);
    const Estimates assumed = plan::estimate(plan, {});
    CHECK(of(estimates, Phase::verify) == of(assumed, Phase::verify));
    CHECK(of(estimates, Phase::load) > of(assumed, Phase::load) * 29);
    CHECK(of(estimates, Phase::load) < of(assumed, Phase::load) * 31);
    CHECK(estimates.basis ==
          "reading assumed; writing and verifying as in the last run of these engines here");
}

TEST_CASE("estimate: a source that is read slowly is waited for", "[plan][estimate]") {
    const MigrationPlan plan = plan_of(1'000'000, 5, 50);
    plan::KnownSpeeds known;
    known.readers = 2;
    const double row = plan::row_work(5, 50);
    known.read = plan::ReadSpeed{1'000, 50'000, 1'000 * row};
    Estimates estimates = plan::estimate(plan, known);
    CHECK(of(estimates, Phase::load) == std::chrono::seconds(500));
    CHECK(estimates.read_rows_per_second == 1'000);
    CHECK(estimates.read_bytes_per_second == 50'000);
    CHECK(estimates.basis.starts_with("reading measured: 1,000 rows/s, 50.0 kB/s; writing"));
    known.read = plan::ReadSpeed{1e9, 5e10, 1e9 * row};
    estimates = plan::estimate(plan, known);
    CHECK(of(estimates, Phase::load) == of(plan::estimate(plan, {}), Phase::load));
}

TEST_CASE("estimate: what is merged into tables that are there is counted in the cutover",
          "[plan][estimate]") {
    MigrationPlan plan = plan_of(1'000'000, 5, 50);
    const milliseconds created = of(plan::estimate(plan, {}), Phase::cutover);
    plan.target.tables[0].placement = Placement::load;
    CHECK(of(plan::estimate(plan, {}), Phase::cutover) > created * 5);
}
