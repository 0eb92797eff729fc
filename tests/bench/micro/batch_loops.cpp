#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "bench/micro/loops.hpp"
#include "bench/micro/sample.hpp"

/// Values put together to rows, used again for the next ones.
namespace migrate::bench {
namespace {

using benchmark::State;
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

void build_batch(State& state) {
    const RowBatch from = sample_rows();
    RowBatch batch = sample_rows();
    for (auto _ : state) {
        batch.clear();
        for (std::size_t row = 0; row < k_rows; ++row) {
            for (std::size_t column = 0; column < batch.columns.size(); ++column) {
                batch.columns[column].append_from(from.columns[column], row);
            }
        }
        benchmark::DoNotOptimize(batch.byte_size());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

Value value_of(const ColumnVector& column, std::size_t row) {
    if (column.layout() == ValueLayout::fixed) {
        return column.fixed(row);
    }
    return std::string(column.bytes(row));
}

void build_vectors(State& state) {
    const RowBatch from = sample_rows();
    for (auto _ : state) {
        std::vector<std::vector<Value>> rows;
        for (std::size_t row = 0; row < k_rows; ++row) {
            std::vector<Value>& values = rows.emplace_back();
            for (const ColumnVector& column : from.columns) {
                values.push_back(value_of(column, row));
            }
        }
        benchmark::DoNotOptimize(rows.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

}  // namespace

void add_batch_loops() {
    add_pair("batch building/row of 9", "a vector of variants a row", build_batch, build_vectors);
}

}  // namespace migrate::bench
