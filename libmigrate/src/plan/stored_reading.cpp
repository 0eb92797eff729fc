#include "plan/stored_reading.hpp"

#include <algorithm>
#include <string>

#include "backend/stored_form.hpp"
#include "mapping/sql_names.hpp"

namespace migrate::plan {
namespace {

/// A column of text keeps every character; any other spells values its own way.
bool keeps_spelling(const Column& column) {
    return column.type.kind == TypeKind::text || column.type.kind == TypeKind::opaque;
}

bool is_respelled(const MigrationPlan& plan, const Table& target, const Column& from, const Column& to) {
    if (to.hidden || to.generated || !from.properties.contains(backend::k_stored_as)) {
        return false;
    }
    const bool same_engine = plan.source.engine == plan.target.engine;
    return (target.placement == Placement::load && keeps_spelling(to)) ||
           (same_engine && from.properties.contains(backend::k_respelled));
}

bool is_computed_with(const MigrationPlan& plan, const mapping::TableInput& input, const Column& column) {
    const mapping::ColumnNames name{{column.name, column.name}};
    const Dialect dialect = mapping::dialect_of(plan.source);
    return mapping::mentions(input.where, name, dialect) ||
           std::any_of(input.columns.begin(), input.columns.end(), [&](const mapping::ColumnSource& one) {
               return mapping::mentions(one.expression, name, dialect);
           });
}

void take_as_stored(Column& column) {
    const std::string stored = column.properties.at(backend::k_stored_as);
    const std::size_t colon = stored.find(':');
    const std::string recorded = to_string(column.type);
    if (parse_logical_type(recorded) == column.type) {
        column.properties[backend::k_recorded_as] = recorded + ":" + column.format;
    }
    column.type = parse_logical_type(stored.substr(0, colon)).value_or(TypeKind::text);
    column.format = colon == std::string::npos ? "" : stored.substr(colon + 1);
    column.why = "taken as it is spelled";
    column.properties.erase(backend::k_stored_as);
    column.properties.erase(backend::k_respelled);
    column.properties.erase(backend::k_many_spellings);
}

}  // namespace

bool read_as_stored(const mapping::MappedSchema& mapped, MigrationPlan& plan) {
    bool any = false;
    for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
        const Table& target = plan.target.tables[t];
        for (const mapping::TableInput& input : mapped.tables[t].inputs) {
            Table& source = plan.source.tables[input.source];
            for (std::size_t c = 0; c < target.columns.size(); ++c) {
                const std::size_t at = input.columns[c].source;
                if (at == mapping::k_no_column ||
                    !is_respelled(plan, target, source.columns[at], target.columns[c])) {
                    continue;
                }
                Column& column = source.columns[at];
                if (!is_computed_with(plan, input, column)) {
                    take_as_stored(column);
                    any = true;
                    continue;
                }
                plan.findings.push_back({Severity::risk, "values-respelled",
                                         "table " + source.name.display() + ", column " + column.name,
                                         "its values are read as " + to_string(column.type) +
                                             ", because the mapping computes with them, and arrive as that "
                                             "type spells them",
                                         "", 0});
            }
        }
    }
    return any;
}

void forget_stored_forms(MigrationPlan& plan) {
    for (Schema* schema : {&plan.source, &plan.target}) {
        for (Table& table : schema->tables) {
            for (Column& column : table.columns) {
                column.properties.erase(backend::k_stored_as);
                column.properties.erase(backend::k_respelled);
                column.properties.erase(backend::k_many_spellings);
            }
        }
    }
}

}  // namespace migrate::plan
