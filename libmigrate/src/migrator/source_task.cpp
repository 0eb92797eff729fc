#include "migrator/source_task.hpp"

#include "plan/table_program.hpp"

namespace migrate {

verify::DigestTask source_task(const MigrationPlan& plan, const TablePlan& way) {
    verify::DigestTask task;
    task.table = &plan.source.tables[way.source];
    task.program = plan::program_of(*task.table, plan.target.tables[way.target], way);
    task.columns = task.program.columns();
    task.transform = plan::transform_of(plan, way, task.program);
    return task;
}

}  // namespace migrate
