#include "unit/json/json_fixture.hpp"

#include <catch2/catch.hpp>

#include "model/canonical.hpp"

namespace migrate::test {

namespace {

std::string spelled(const ColumnVector& column, std::size_t row) {
    if (column.is_null(row)) {
        return "NULL";
    }
    if (column.layout() == ValueLayout::fixed) {
        return std::to_string(column.fixed(row));
    }
    std::string out;
    for (const char c : column.bytes(row)) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x20 && code != 0x7f) {
            out += c;
        } else {
            static constexpr const char* k_hex = "0123456789abcdef";
            out += std::string("\\x") + k_hex[code >> 4U] + k_hex[code & 15U];
        }
    }
    return out;
}

}  // namespace

Endpoint json_endpoint(const std::string& path, std::map<std::string, std::string> options) {
    Endpoint endpoint;
    endpoint.engine = "json";
    endpoint.location = path;
    endpoint.options = std::move(options);
    return endpoint;
}

Table make_table(const std::string& name, const std::vector<std::pair<std::string, LogicalType>>& columns) {
    Table table;
    table.name.name = name;
    for (const auto& [column_name, type] : columns) {
        Column column;
        column.name = column_name;
        column.type = type;
        table.columns.push_back(std::move(column));
    }
    return table;
}

RowBatch make_batch(const Table& table) {
    std::vector<TypeKind> kinds;
    for (const Column& column : table.columns) {
        kinds.push_back(column.type.kind);
    }
    RowBatch batch;
    batch.reset(kinds);
    return batch;
}

void migrate_into(backend::Target& target, const std::string& id, const std::vector<Table>& tables,
                  const std::vector<RowBatch>& batches, const std::string& provenance) {
    Schema source;
    source.engine = "sqlite";
    source.tables = tables;
    backend::TargetPlan plan;
    plan.migration = id;
    plan.schema = target.adopt(source, {}).schema;
    plan.provenance_json = provenance;
    for (const Finding& finding : target.preflight(plan, 1000)) {
        INFO(finding.message);
        REQUIRE(finding.severity != Severity::blocker);
    }
    target.lock(id);
    target.begin(plan);
    const auto writer = target.open_writer();
    for (std::size_t i = 0; i < tables.size(); ++i) {
        ChunkClaim claim{id, "owner", 1, i, {}};
        const auto transaction = writer->begin(claim, WriteMode::append);
        transaction->write(batches[i]);
        Checkpoint checkpoint{id, tables[i].name, {}, batches[i].row_count(), 0, {}};
        model::digest_rows(batches[i], checkpoint.digest);
        transaction->record(checkpoint);
        transaction->commit();
    }
    target.open_staging();
    target.cutover({});
}

std::vector<std::string> rows_of(const RowBatch& batch) {
    std::vector<std::string> rows(batch.row_count());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (const ColumnVector& column : batch.columns) {
            rows[row] += (&column == batch.columns.data() ? "" : "|") + spelled(column, row);
        }
    }
    return rows;
}

std::vector<std::string> rows_of(backend::Source& source, const Table& table, BatchLimits limits,
                                 std::vector<RejectedRow>* rejects) {
    std::vector<std::string> rows;
    for (const Chunk& chunk : source.chunks(table, {})) {
        ScanSpec spec;
        spec.table = &table;
        spec.chunk = chunk;
        spec.limits = limits;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            spec.columns.push_back(i);
        }
        const auto reader = source.open_reader(spec);
        RowBatch batch;
        bool more = true;
        while (more) {
            more = reader->next(batch);
            CHECK(batch.row_count() <= limits.max_rows);
            for (std::string& row : rows_of(batch)) {
                rows.push_back(std::move(row));
            }
            if (rejects != nullptr) {
                rejects->insert(rejects->end(), batch.rejects.begin(), batch.rejects.end());
            } else {
                CHECK(batch.rejects.empty());
            }
        }
    }
    return rows;
}

std::string describe(const Schema& schema) {
    std::string out;
    for (const Table& table : schema.tables) {
        out += table.name.display() + ":";
        for (const Column& column : table.columns) {
            out += " " + column.name + " " + to_string(column.type) + (column.nullable ? "" : " not null");
        }
        out += table.primary_key ? " (" : "";
        for (std::size_t i = 0; table.primary_key && i < table.primary_key->columns.size(); ++i) {
            out += (i == 0 ? "" : ", ") + table.primary_key->columns[i];
        }
        out += table.primary_key ? ")" : "";
        for (const ForeignKey& key : table.foreign_keys) {
            out += " " + key.columns[0] + "->" + key.referenced_table.name;
        }
        out += "\n";
    }
    return out;
}

}  // namespace migrate::test
