#include <migrate/row_stream.hpp>

MIGRATE_NAMESPACE_BEGIN

RowStream::~RowStream() = default;

std::vector<Finding> RowStream::findings() const {
    return {};
}

std::vector<std::size_t> delivered_columns(const Table& table) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].generated && !table.columns[i].hidden) {
            columns.push_back(i);
        }
    }
    return columns;
}

RowBatch batch_for(const Schema& schema, const StreamedTable& turn) {
    std::vector<TypeKind> kinds;
    for (const std::size_t column : turn.columns) {
        kinds.push_back(schema.tables.at(turn.table).columns.at(column).type.kind);
    }
    RowBatch batch;
    batch.reset(kinds);
    return batch;
}

MIGRATE_NAMESPACE_END
