#include "plan/table_program.hpp"

#include <string>
#include <utility>
#include <vector>

#include <migrate/error.hpp>

#include "mapping/row_compiler.hpp"

namespace migrate::plan {

static_assert(ColumnPlan::k_computed == mapping::k_no_column);

mapping::RowProgram program_of(const Table& source, const Table& target, const TablePlan& plan) {
    std::vector<mapping::RowOutput> outputs;
    for (const ColumnPlan& column : plan.columns) {
        if (!column.expression.empty()) {
            outputs.push_back(
                {target.columns.at(column.target).name, mapping::k_no_column, column.expression});
        } else {
            outputs.push_back({source.columns.at(column.source).name, column.source, {}});
        }
    }
    try {
        return {source, plan.where, std::move(outputs)};
    } catch (const mapping::ExpressionError& error) {
        throw Error(ErrorCode::malformed, "the plan's expressions for table " + source.name.display() +
                                              " do not fit it: " + error.what());
    }
}

mapping::Transform transform_of(const MigrationPlan& plan, const TablePlan& table,
                                const mapping::RowProgram& program) {
    const Table& target = plan.target.tables[table.target];
    std::vector<LogicalType> from = program.types();
    std::vector<LogicalType> to;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = target.columns[table.columns[i].target];
        if (plan.source.engine != plan.target.engine && column.native_type == "jsonb" &&
            from[i].kind == TypeKind::jsonb) {
            from[i] = LogicalType(TypeKind::json);
        }
        to.push_back(column.type);
        names.push_back(program.outputs()[i].name);
    }
    return {std::move(from), std::move(to), std::move(names)};
}

}  // namespace migrate::plan
