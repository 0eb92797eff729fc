#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

#include "backends/postgresql/native_type.hpp"

/// The values that the microbenchmarks move. The same in every run.
namespace migrate::bench {

inline constexpr std::size_t k_rows = 4096;

/// A kind of value as it stands in tables: its type here and in PostgreSQL.
struct SampleKind {
    std::string_view name;
    LogicalType type;
    backends::postgresql::PhysicalType physical;
};

/// Every kind that has values of its own.
const std::vector<SampleKind>& sample_kinds();

/// k_rows values of the kind, every eighth NULL.
RowBatch sample_of(const SampleKind& kind);
/// Rows of an order database: two keys, numbers, a price, dates, two texts.
RowBatch sample_rows();
std::vector<LogicalType> types_of_sample_rows();

/// A value as text, in a string of its own: what programs do that have no other way.
std::string naive_text(const ColumnVector& column, std::size_t row, const LogicalType& type);

}  // namespace migrate::bench
