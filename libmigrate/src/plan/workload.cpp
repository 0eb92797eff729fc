#include "plan/workload.hpp"

#include <algorithm>

#include "backend/registry.hpp"

namespace migrate::plan {
namespace {

// A row costs as much as so many bytes, and so does each of its values, whatever is in them. Rough: tables of
// 1 to 16 integers and of texts of 200 and 2,000 bytes came out within a factor of 2.7 of each other, timed
// on a busy machine.
constexpr double k_row_work = 60;
constexpr double k_value_work = 12;

constexpr std::uint64_t k_automatic_backup_bytes = 1ULL << 30U;

std::uint64_t keys_of(const Table& table) {
    return (table.primary_key ? 1U : 0U) + table.unique_keys.size() + table.indexes.size() +
           table.foreign_keys.size();
}

bool is_small(const EndpointSummary& side) {
    return side.byte_size <= k_automatic_backup_bytes;
}

bool changes_what_is_there(const MigrationPlan& plan) {
    return std::any_of(plan.target.tables.begin(), plan.target.tables.end(),
                       [](const Table& table) { return table.placement != Placement::create; });
}

}  // namespace

bool backs_up_source(const MigrationPlan& plan) {
    if (plan.options.backup_directory.empty()) {
        return false;
    }
    const bool is_file = backend::backend_named(plan.from.engine).capabilities().file_based;
    return plan.options.source_backup == BackupPolicy::always ||
           (plan.options.source_backup == BackupPolicy::automatic && is_file && is_small(plan.from_summary));
}

bool backs_up_target(const MigrationPlan& plan) {
    if (plan.options.backup_directory.empty() || plan.options.target_backup == BackupPolicy::never) {
        return false;
    }
    if (plan.options.target_backup == BackupPolicy::always) {
        return plan.to_summary.byte_size > 0;
    }
    return changes_what_is_there(plan) && is_small(plan.to_summary);
}

std::vector<Finding> sides_too_large_to_back_up(const MigrationPlan& plan) {
    const PlanOptions& options = plan.options;
    std::vector<Finding> findings;
    const auto say = [&](const EndpointSummary& side, const char* name) {
        findings.push_back(
            {Severity::note, std::string(name) + "-not-backed-up", side.display,
             "is larger than 1 GiB, and so is not backed up first",
             "--" + std::string(name) + "-backup always does it; never says that it is not wanted.", 0});
    };
    if (options.backup_directory.empty()) {
        return findings;
    }
    const bool is_file = backend::backend_named(plan.from.engine).capabilities().file_based;
    if (options.source_backup == BackupPolicy::automatic && is_file && !is_small(plan.from_summary)) {
        say(plan.from_summary, "source");
    }
    if (options.target_backup == BackupPolicy::automatic && changes_what_is_there(plan) &&
        !is_small(plan.to_summary)) {
        say(plan.to_summary, "target");
    }
    return findings;
}

Workload workload_of(const MigrationPlan& plan) {
    Workload work;
    work.tables = plan.target.tables.size();
    for (const TablePlan& table : plan.tables) {
        const Table& target = plan.target.tables[table.target];
        work.rows += table.rows;
        work.values += table.rows * table.columns.size();
        work.bytes += table.bytes;
        work.keyed_rows += table.rows * keys_of(target);
        work.merged_rows += target.placement == Placement::load ? table.rows : 0;
    }
    work.backup_bytes = (backs_up_source(plan) ? plan.from_summary.byte_size : 0) +
                        (backs_up_target(plan) ? plan.to_summary.byte_size : 0);
    work.reads_back = plan.options.level != VerificationLevel::basic;
    return work;
}

double row_work(std::size_t columns, double bytes) {
    return k_row_work + k_value_work * static_cast<double>(columns) + bytes;
}

double row_work(const Workload& work) {
    return k_row_work * static_cast<double>(work.rows) + k_value_work * static_cast<double>(work.values) +
           static_cast<double>(work.bytes);
}

double row_work(const TablePlan& table) {
    const double bytes =
        table.rows == 0 ? 0 : static_cast<double>(table.bytes) / static_cast<double>(table.rows);
    return row_work(table.columns.size(), bytes);
}

}  // namespace migrate::plan
