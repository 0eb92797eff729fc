#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "backends/sqlite/column_codec.hpp"
#include "bench/micro/loops.hpp"
#include "bench/micro/sample.hpp"

/// SQLite's values to ours, and back.
namespace migrate::bench {
namespace {

using backends::sqlite::Cell;
using backends::sqlite::ColumnCodec;
using benchmark::State;
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

/// Cells that own what they point to.
struct Cells {
    std::vector<Cell> cells;
    std::deque<std::string> bytes;
};

Cells cells_of(const SampleKind& kind) {
    const RowBatch batch = sample_of(kind);
    const ColumnCodec codec(kind.type, "");
    Cells out;
    std::string scratch;
    for (std::size_t row = 0; row < k_rows; ++row) {
        Cell cell;
        if (!batch.columns[0].is_null(row)) {
            scratch.clear();
            codec.encode(batch.columns[0], row, cell, scratch);
            out.bytes.emplace_back(cell.bytes);
            cell.bytes = out.bytes.back();
        }
        out.cells.push_back(cell);
    }
    return out;
}

void encode(State& state, const SampleKind& kind) {
    const RowBatch batch = sample_of(kind);
    const ColumnCodec codec(kind.type, "");
    std::string scratch;
    for (auto _ : state) {
        for (std::size_t row = 0; row < k_rows; ++row) {
            Cell cell;
            scratch.clear();
            if (!batch.columns[0].is_null(row)) {
                codec.encode(batch.columns[0], row, cell, scratch);
            }
            benchmark::DoNotOptimize(cell);
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

void encode_literal(State& state, const SampleKind& kind) {
    const RowBatch batch = sample_of(kind);
    for (auto _ : state) {
        for (std::size_t row = 0; row < k_rows; ++row) {
            std::string literal = "NULL";
            if (!batch.columns[0].is_null(row)) {
                literal = "'";
                for (const char c : naive_text(batch.columns[0], row, kind.type)) {
                    literal += c == '\'' ? std::string("''") : std::string(1, c);
                }
                literal += "'";
            }
            benchmark::DoNotOptimize(literal.data());
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

void decode(State& state, const SampleKind& kind) {
    const Cells cells = cells_of(kind);
    const ColumnCodec codec(kind.type, "");
    ColumnVector column(kind.type.kind);
    for (auto _ : state) {
        column.clear();
        for (const Cell& cell : cells.cells) {
            if (cell.storage == Cell::Class::null) {
                column.append_null();
            } else {
                benchmark::DoNotOptimize(codec.decode(cell, column));
            }
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

void decode_variants(State& state, const SampleKind& kind) {
    const Cells cells = cells_of(kind);
    for (auto _ : state) {
        std::vector<Value> column;
        for (const Cell& cell : cells.cells) {
            switch (cell.storage) {
                case Cell::Class::null:
                    column.emplace_back();
                    break;
                case Cell::Class::integer:
                    column.emplace_back(cell.integer);
                    break;
                case Cell::Class::real:
                    column.emplace_back(cell.real);
                    break;
                default:
                    column.emplace_back(std::string(cell.bytes));
            }
        }
        benchmark::DoNotOptimize(column.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

}  // namespace

void add_sqlite_loops() {
    for (const SampleKind& kind : sample_kinds()) {
        add_pair(
            "SQLite encode/" + std::string(kind.name), "a literal of SQL",
            [&kind](State& state) { encode(state, kind); },
            [&kind](State& state) { encode_literal(state, kind); });
    }
    for (const SampleKind& kind : sample_kinds()) {
        add_pair(
            "SQLite decode/" + std::string(kind.name),
            "a variant a value, as SQLite has it (no check of its type)",
            [&kind](State& state) { decode(state, kind); },
            [&kind](State& state) { decode_variants(state, kind); });
    }
}

}  // namespace migrate::bench
