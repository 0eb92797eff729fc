#include "mapping/origin_mapper.hpp"

#include <memory>
#include <utility>

namespace migrate::mapping {
namespace {

/// The former table with its present names, without what may no longer hold.
Table reshaped(const Table& former) {
    Table table = former;
    table.native_sql.clear();
    table.primary_key.reset();
    table.unique_keys.clear();
    table.checks.clear();
    table.foreign_keys.clear();
    table.indexes.clear();
    table.properties.clear();
    return table;
}

TableOrigin map_origin(const TableOrigin& origin, const Table& before, const Table& now,
                       const MappedColumns& columns) {
    auto table = std::make_shared<Table>(reshaped(*origin.table));
    TableOrigin out{origin.engine, nullptr, {}, true};
    if (before.name != now.name) {
        table->name.name = now.name.name;
    }
    for (const MappedColumn& column : columns.columns) {
        const std::size_t source = column.source.source;
        const bool known = source != k_no_column && source < origin.columns.size();
        const int there = known ? origin.columns[source] : -1;
        out.columns.push_back(there);
        if (there >= 0 && before.columns[source].name != column.column.name) {
            table->columns.at(static_cast<std::size_t>(there)).name = column.column.name;
        }
    }
    out.table = std::move(table);
    return out;
}

}  // namespace

void map_origins(const Schema& source, const std::vector<std::vector<MappedColumns>>& columns,
                 MappedSchema& mapped) {
    for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
        Table& table = mapped.schema.tables[t];
        if (!mapped.tables[t].changed) {
            continue;
        }
        table.origins.clear();
        if (mapped.tables[t].inputs.size() > 1) {
            continue;
        }
        const Table& before = source.tables[mapped.tables[t].inputs[0].source];
        for (const TableOrigin& origin : before.origins) {
            table.origins.push_back(map_origin(origin, before, table, columns[t][0]));
        }
    }
    // The record that is handed on has to hold the tables as they are named now.
    for (auto& former : mapped.schema.origins) {
        auto copy = std::make_shared<Schema>(*former);
        bool any = false;
        for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
            const TableOrigin* origin =
                mapped.tables[t].changed ? mapped.schema.tables[t].origin_on(former->engine) : nullptr;
            if (origin != nullptr) {
                copy->tables.push_back(*origin->table);
                any = true;
            }
        }
        if (!any) {
            continue;
        }
        const std::shared_ptr<const Schema> kept = std::move(copy);
        std::size_t next = former->tables.size();
        for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
            for (TableOrigin& origin : mapped.schema.tables[t].origins) {
                if (mapped.tables[t].changed && origin.engine == former->engine) {
                    origin.table = std::shared_ptr<const Table>(kept, &kept->tables[next++]);
                }
            }
        }
        former = kept;
    }
}

}  // namespace migrate::mapping
