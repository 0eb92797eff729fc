#include "migrator/run_forecast.hpp"

#include <algorithm>

#include "plan/workload.hpp"

namespace migrate {
namespace {

/// Rows of all tables, as the events of load and verification count them.
PhaseWork work_of_rows(const MigrationPlan& plan) {
    PhaseWork work;
    std::map<std::string, double> rows;
    double all_rows = 0;
    for (const TablePlan& table : plan.tables) {
        const std::string name = plan.source.tables[table.source].name.display();
        const double count = static_cast<double>(table.rows);
        work.total += plan::row_work(table) * count;
        work.unit[name] += plan::row_work(table) * count;
        rows[name] += count;
        all_rows += count;
    }
    // A source table that is split is counted under one name: its rows cost what they do on average.
    for (auto& [name, unit] : work.unit) {
        unit = rows[name] > 0 ? unit / rows[name] : 0;
    }
    work.other_unit = all_rows > 0 ? work.total / all_rows : 0;
    return work;
}

/// Beside looking at every row once to sort them.
double cost_of(backend::BuildStep::Kind kind) {
    switch (kind) {
        case backend::BuildStep::Kind::primary_key:
        case backend::BuildStep::Kind::unique_key:
        case backend::BuildStep::Kind::index:
            return 1;
        case backend::BuildStep::Kind::foreign_key:
        case backend::BuildStep::Kind::validate_foreign_key:
            return 0.5;
        case backend::BuildStep::Kind::check:
            return 0.2;
        case backend::BuildStep::Kind::settle:
        case backend::BuildStep::Kind::analyze:
            return 0.1;
        default:
            return 0;
    }
}

}  // namespace

RunForecast forecast_of(const MigrationPlan& plan) {
    RunForecast forecast;
    const PhaseWork rows = work_of_rows(plan);
    for (const PhaseEstimate& entry : plan.estimates.phases) {
        const bool counts_rows = entry.phase == Phase::load || entry.phase == Phase::verify;
        forecast.phases.push_back({entry.phase, entry.duration, counts_rows ? rows : PhaseWork()});
    }
    if (forecast.phases.empty()) {
        // A plan that an earlier version has saved says only the whole.
        forecast.phases.push_back({Phase::load, plan.estimates.duration, rows});
    }
    return forecast;
}

PhaseWork work_of(const MigrationPlan& plan, const std::vector<backend::BuildStep>& steps) {
    constexpr double k_step = 1000;  // rows; what any statement costs
    std::vector<double> rows(plan.target.tables.size(), 0);
    for (const TablePlan& table : plan.tables) {
        rows[table.target] += static_cast<double>(table.rows);
    }
    const auto is_checked_later = [&](const backend::BuildStep& step) {
        return step.kind == backend::BuildStep::Kind::foreign_key &&
               std::any_of(steps.begin(), steps.end(), [&](const backend::BuildStep& other) {
                   return other.kind == backend::BuildStep::Kind::validate_foreign_key &&
                          other.table == step.table && other.item == step.item;
               });
    };
    PhaseWork work;
    for (const backend::BuildStep& step : steps) {
        const bool looks_at_rows = step.table < rows.size() && !is_checked_later(step);
        const double own = looks_at_rows ? rows[step.table] * cost_of(step.kind) : 0;
        work.unit[step.description] = k_step + own;
        work.total += k_step + own;
    }
    work.other_unit = k_step;
    return work;
}

}  // namespace migrate
