#include "copy/table_work.hpp"

#include "plan/table_program.hpp"

namespace migrate::copy {

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
    return work;
}

}  // namespace migrate::copy
