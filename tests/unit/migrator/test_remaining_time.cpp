#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "migrator/remaining_time.hpp"
#include "migrator/run_forecast.hpp"

using namespace migrate;

namespace {

using Seconds = RemainingTime::Seconds;
using Time = RemainingTime::Time;

Time at(double seconds) {
    return Time(std::chrono::duration_cast<Time::duration>(Seconds(1000 + seconds)));
}

struct SimulatedTable {
    std::string name;
    std::uint64_t rows = 0;
    double work = 0;  ///< Of a row, as the forecast has it.
};

PhaseWork work_of(const std::vector<SimulatedTable>& tables) {
    PhaseWork work;
    for (const SimulatedTable& table : tables) {
        work.unit[table.name] = table.work;
        work.total += table.work * static_cast<double>(table.rows);
    }
    return work;
}

/// What really happens, beside what is expected of it.
struct Simulation {
    std::vector<SimulatedTable> tables;
    Seconds load{0};    ///< Real, and in proportion to the work.
    Seconds build{0};   ///< In steps of 1, 2, 3 … parts.
    Seconds verify{0};  ///< In proportion to the work.
    RunForecast forecast;
    double uneven = 0;  ///< By how much one batch may be slower or faster than the next, from 0 to 1.
};

class Run {
  public:
    explicit Run(const Simulation& simulation) : m_simulation(simulation), m_remaining(simulation.forecast) {}

    /// The estimates of the whole run from its first tenth on, as parts of what it took.
    std::vector<double> factors() {
        rows(Phase::load, m_simulation.load);
        build();
        rows(Phase::verify, m_simulation.verify);
        m_remaining.start(Phase::done, at(m_now));
        CHECK(m_remaining.left(at(m_now)).count() == 0);
        std::vector<double> factors;
        for (const auto& [when, whole] : m_told) {
            if (when >= m_now / 10) {
                factors.push_back(whole / m_now);
            }
        }
        return factors;
    }

  private:
    void tell() { m_told.emplace_back(m_now, m_now + m_remaining.left(at(m_now)).count()); }

    void rows(Phase phase, Seconds real) {
        m_remaining.start(phase, at(m_now));
        const double all = work_of(m_simulation.tables).total;
        constexpr std::uint64_t k_batch = 1000;
        for (const SimulatedTable& table : m_simulation.tables) {
            for (std::uint64_t done = 0; done < table.rows; done += k_batch) {
                const double part = table.work * static_cast<double>(k_batch) / all;
                const double wave = 1 + m_simulation.uneven * std::sin(static_cast<double>(done / k_batch));
                m_now += real.count() * part * wave;
                m_remaining.advance(table.name, k_batch, at(m_now));
                tell();
            }
        }
    }

    void build() {
        constexpr int k_steps = 6;
        PhaseWork work;
        for (int i = 1; i <= k_steps; ++i) {
            work.unit["step " + std::to_string(i)] = i;
            work.total += i;
        }
        m_remaining.set_work(Phase::build, work);
        m_remaining.start(Phase::build, at(m_now));
        for (int i = 1; i <= k_steps; ++i) {
            m_now += m_simulation.build.count() * i / work.total;
            m_remaining.advance("step " + std::to_string(i), 1, at(m_now));
            tell();
        }
    }

    const Simulation& m_simulation;
    RemainingTime m_remaining;
    double m_now = 0;
    std::vector<std::pair<double, double>> m_told;
};

Simulation simulation(const std::vector<SimulatedTable>& tables, Seconds load, Seconds build, Seconds verify,
                      double slowness) {
    const PhaseWork rows = work_of(tables);
    Simulation made{tables, load * slowness, build * slowness, verify * slowness, {}};
    made.forecast.phases = {
        {Phase::load, load, rows}, {Phase::build, build, {}}, {Phase::verify, verify, rows}};
    return made;
}

void check_factors(const std::vector<double>& factors) {
    REQUIRE(factors.size() > 20);
    for (const double factor : factors) {
        CHECK(factor <= 1.5);
        CHECK(factor >= 1 / 1.5);
    }
}

}  // namespace

TEST_CASE("remaining time: is right after a tenth of rows that are alike", "[remaining]") {
    // Ten times faster than expected, as expected, ten times slower.
    for (const double slowness : {0.1, 1.0, 10.0}) {
        CAPTURE(slowness);
        check_factors(
            Run(simulation({{"t", 200'000, 300}}, Seconds(20), Seconds(5), Seconds(8), slowness)).factors());
    }
}

TEST_CASE("remaining time: is right after a tenth where wide tables come first", "[remaining]") {
    const std::vector<SimulatedTable> tables{
        {"wide", 20'000, 12'000}, {"middle", 100'000, 900}, {"narrow", 900'000, 90}};
    for (const double slowness : {0.2, 1.0, 6.0}) {
        CAPTURE(slowness);
        Simulation mixed = simulation(tables, Seconds(30), Seconds(9), Seconds(12), slowness);
        mixed.uneven = 0.8;
        check_factors(Run(mixed).factors());
        std::swap(mixed.tables.front(), mixed.tables.back());
        check_factors(Run(mixed).factors());
    }
}

TEST_CASE("remaining time: half or twice the share of keys and verification does not matter much",
          "[remaining]") {
    for (const double share : {0.5, 2.0}) {
        CAPTURE(share);
        Simulation other = simulation({{"t", 200'000, 300}}, Seconds(20), Seconds(6), Seconds(10), 3);
        other.build *= share;
        other.verify *= share;
        check_factors(Run(other).factors());
    }
}

TEST_CASE("remaining time: what an earlier run has loaded tells nothing of the pace", "[remaining]") {
    const std::vector<SimulatedTable> tables{{"t", 100'000, 100}};
    RunForecast forecast;
    forecast.phases = {{Phase::load, Seconds(10), work_of(tables)}};
    RemainingTime remaining(forecast);
    remaining.start(Phase::load, at(0));
    remaining.credit("t", 80'000);
    remaining.advance("t", 80'000, at(0));
    CHECK(remaining.left(at(0)).count() == Approx(2));
    // A tenth of what is left took a second: nine are to come.
    remaining.advance("t", 2'000, at(1));
    CHECK(remaining.left(at(1)).count() == Approx(9).epsilon(0.05));
}

TEST_CASE("remaining time: what it takes to begin is not taken for the pace", "[remaining]") {
    const std::vector<SimulatedTable> tables{{"t", 100'000, 100}};
    RunForecast forecast;
    forecast.phases = {{Phase::load, Seconds(10), work_of(tables)}};
    RemainingTime remaining(forecast);
    remaining.start(Phase::load, at(0));
    // Two seconds until the first hundredth is there: at that pace it would take 200.
    remaining.advance("t", 1'000, at(2));
    CHECK(remaining.left(at(2)).count() == Approx(9.9));
    remaining.advance("t", 9'000, at(3));
    CHECK(remaining.left(at(3)).count() == Approx(9).epsilon(0.15));
}

TEST_CASE("remaining time: a phase without progress is counted down, and never below zero", "[remaining]") {
    RunForecast forecast;
    forecast.phases = {{Phase::backup, Seconds(4), {}}, {Phase::cutover, Seconds(1), {}}};
    RemainingTime remaining(forecast);
    CHECK(remaining.left(at(0)).count() == Approx(5));
    remaining.start(Phase::backup, at(0));
    CHECK(remaining.left(at(3)).count() == Approx(2));
    CHECK(remaining.left(at(60)).count() == Approx(1));
    remaining.start(Phase::cutover, at(60));
    CHECK(remaining.left(at(62)).count() == 0);
}

TEST_CASE("remaining time: steps cost what their tables and kinds do", "[remaining]") {
    MigrationPlan plan;
    plan.target.tables.resize(2);
    plan.tables.resize(2);
    plan.tables[1].target = 1;
    plan.tables[1].rows = 1'000'000;
    using Kind = backend::BuildStep::Kind;
    const std::vector<backend::BuildStep> steps{
        {Kind::index, 0, 0, "small"}, {Kind::index, 1, 0, "large"}, {Kind::analyze, 1, 0, "analyze"}};
    const PhaseWork work = migrate::work_of(plan, steps);
    CHECK(work.unit.at("large") > 100 * work.unit.at("small"));
    CHECK(work.unit.at("large") > 5 * work.unit.at("analyze"));
    CHECK(work.total == Approx(work.unit.at("small") + work.unit.at("large") + work.unit.at("analyze")));
}

TEST_CASE("remaining time: a plan that is made once more in between does not begin the run again",
          "[remaining]") {
    RunForecast forecast;
    forecast.phases = {{Phase::load, Seconds(10), {100, {}, 1}},
                       {Phase::build, Seconds(10), {}},
                       {Phase::verify, Seconds(5), {}}};
    RemainingTime remaining(forecast);
    remaining.start(Phase::load, at(0));
    // Twice as slow as expected.
    for (int i = 1; i <= 100; ++i) {
        remaining.advance("rows", 1, at(0.2 * i));
    }
    for (const Phase phase : {Phase::plan, Phase::build}) {
        remaining.start(phase, at(20));
        CHECK(remaining.left(at(20)).count() == Approx(30).epsilon(0.05));
    }
}

TEST_CASE("remaining time: a pause is no pace", "[migrator][estimate]") {
    RunForecast forecast;
    forecast.phases.push_back({Phase::load, std::chrono::seconds(100), work_of({{"t", 1000, 1}})});
    RemainingTime remaining(forecast);
    remaining.start(Phase::load, at(0));
    for (int second = 1; second <= 50; ++second) {
        remaining.advance("t", 10, at(second));
    }
    const double before = remaining.left(at(50)).count();
    remaining.skip(std::chrono::hours(1));
    CHECK(remaining.left(at(50 + 3600)).count() == Approx(before));
    CHECK(before == Approx(50).margin(5));
}

TEST_CASE("remaining time: a plan that says only the whole is expected to take it", "[remaining]") {
    MigrationPlan plan;
    plan.estimates.duration = std::chrono::seconds(7);
    const RunForecast forecast = forecast_of(plan);
    CHECK(RemainingTime(forecast).left(at(0)).count() == Approx(7));
}
