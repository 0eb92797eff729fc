#pragma once

#include <string>
#include <vector>

#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

#include "fuzz/fuzz_input.hpp"
#include "model/value_text.hpp"

/// A database for what needs one: a table with a column of every kind that values are computed with, and two
/// that refer to each other by what a mapping has to follow (keys, checks, indexes, generated columns).
namespace migrate::fuzz {

struct SampleColumn {
    const char* name;
    LogicalType type;
    std::vector<const char*> values;  ///< One per row of the sample; nullptr = NULL.
};

inline const std::vector<SampleColumn>& sample_columns() {
    static const std::vector<SampleColumn> columns{
        {"id", TypeKind::int64, {"1", "9223372036854775807", "-9223372036854775808"}},
        {"small", TypeKind::int16, {"7", nullptr, "-32768"}},
        {"price", LogicalType::decimal(10, 2), {"10.10", nullptr, "-99999999.99"}},
        {"exact", TypeKind::decimal, {"0.000", "NaN", "12345678901234567890123456789012345678.9"}},
        {"ratio", TypeKind::float64, {"0.1", "NaN", "-0"}},
        {"name", TypeKind::text, {"  Élan Vital ", nullptr, ""}},
        {"yes", TypeKind::boolean, {"true", nullptr, "false"}},
        {"day", TypeKind::date, {"2024-02-29", "infinity", "0044-03-15 BC"}},
        {"noon", TypeKind::time, {"12:00:00.000000", nullptr, "24:00:00.000000"}},
        {"at", TypeKind::timestamp, {"2024-02-29T12:34:56.000001", "-infinity", nullptr}},
        {"instant", TypeKind::timestamp_tz, {"1970-01-01T00:00:01.000000Z", "infinity", nullptr}},
        {"data", TypeKind::bytes, {"AP8=", nullptr, ""}},
        {"key", TypeKind::uuid, {"00112233-4455-6677-8899-aabbccddeeff", nullptr, nullptr}},
        {"doc", TypeKind::json, {"{\"a\": [1, null]}", nullptr, "\"\""}},
        {"docb", TypeKind::jsonb, {"{\"a\": 1.50}", nullptr, "null"}},
        {"any", TypeKind::variant, {"12", nullptr, ""}},
        {"Odd \"Name\"", LogicalType::text(3), {"odd", nullptr, "1"}},
    };
    return columns;
}

inline constexpr std::size_t k_sample_rows = 3;

inline Table sample_table() {
    Table table;
    table.name = {"public", "sample"};
    for (const SampleColumn& sample : sample_columns()) {
        Column& column = table.columns.emplace_back();
        column.name = sample.name;
        column.type = sample.type;
        column.nullable = column.name != "id";
    }
    table.primary_key = Key();
    table.primary_key->columns = {"id"};
    table.checks.resize(1);
    table.checks[0].expression = "small < 10 OR price > 0";
    Index& index = table.indexes.emplace_back();
    index.name = "sample_name";
    index.parts.resize(2);
    index.parts[0].column = "name";
    index.parts[1].expression = "lower(name)";
    index.predicate = "yes";
    return table;
}

inline Schema sample_schema() {
    Schema schema;
    schema.engine = "postgresql";
    schema.tables.push_back(sample_table());
    for (const char* name : {"old", "new"}) {
        Table& table = schema.tables.emplace_back();
        table.name = {"public", name};
        table.columns.resize(3);
        table.columns[0].name = "id";
        table.columns[0].type = TypeKind::int32;
        table.columns[1].name = "sample";
        table.columns[1].type = TypeKind::int64;
        table.columns[2].name = "double";
        table.columns[2].type = TypeKind::int64;
        table.columns[2].generated = GeneratedValue{"sample * 2", true};
        ForeignKey& key = table.foreign_keys.emplace_back();
        key.columns = {"sample"};
        key.referenced_table = {"public", "sample"};
        key.referenced_columns = {"id"};
    }
    SchemaObject& view = schema.objects.emplace_back();
    view.kind = "view";
    view.name = {"public", "looks"};
    view.native_sql = "SELECT id FROM public.sample";
    return schema;
}

/// The rows of the sample, of the columns asked for.
inline RowBatch sample_rows(const std::vector<std::size_t>& columns) {
    RowBatch batch;
    for (const std::size_t index : columns) {
        const SampleColumn& sample = sample_columns()[index];
        ColumnVector& values = batch.columns.emplace_back(sample.type.kind);
        for (const char* value : sample.values) {
            if (value == nullptr) {
                values.append_null();
            } else if (sample.type.kind == TypeKind::variant) {
                values.append_bytes(std::string("t") + value);
            } else {
                require(model::append_from_text(values, sample.type, value), "the sample's values are such");
            }
        }
    }
    batch.bare_rows = columns.empty() ? k_sample_rows : 0;
    return batch;
}

/// Every value of a batch can be written as text and read again as the same value.
inline void check_values(const RowBatch& batch, const std::vector<LogicalType>& types) {
    require(batch.columns.size() == types.size(), "a batch has the columns that were promised");
    std::string text;
    std::string again;
    for (std::size_t c = 0; c < types.size(); ++c) {
        const ColumnVector& column = batch.columns[c];
        require(column.kind() == types[c].kind, "a column is of the type that was promised");
        require(column.size() == batch.row_count(), "columns are of one length");
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (column.is_null(row) || types[c].kind == TypeKind::variant) {
                continue;
            }
            ColumnVector read(types[c].kind);
            text.clear();
            model::append_text(column, row, types[c], text);
            require(model::append_from_text(read, types[c], text), "a value that was made can be read");
            again.clear();
            model::append_text(read, 0, types[c], again);
            require(again == text, "a value that was made is read as it was");
        }
    }
}

}  // namespace migrate::fuzz
