#include "copy/table_work.hpp"

#include <algorithm>
#include <set>

#include "plan/table_program.hpp"

namespace migrate::copy {
namespace {

/// Each row is read once then, with all its values.
bool reads_all_once(const MigrationPlan& plan, const TablePlan& table, const Table& source,
                    const std::vector<std::size_t>& columns) {
    const auto ways = std::count_if(plan.tables.begin(), plan.tables.end(),
                                    [&](const TablePlan& other) { return other.source == table.source; });
    return ways == 1 && std::set<std::size_t>(columns.begin(), columns.end()).size() == source.columns.size();
}

}  // namespace

TableWork make_work(const MigrationPlan& plan, const TablePlan& table) {
    TableWork work;
    work.source = &plan.source.tables[table.source];
    work.target = table.target;
    const Table& target = plan.target.tables[table.target];
    work.program = plan::program_of(*work.source, target, table);
    for (const LogicalType& type : work.program.read_types()) {
        work.kinds.push_back(type.kind);
    }
    work.transform = plan::transform_of(plan, table, work.program);
    work.policy = make_reject_policy(plan, table);
    work.transform.describe_rejects(work.policy.columns.key, work.policy.may_be_null);
    work.digests = digest_algorithm_of(plan.options.level);
    work.profile = plan.provisional && reads_all_once(plan, table, *work.source, work.program.columns());
    return work;
}

}  // namespace migrate::copy
