#include <cstddef>
#include <numeric>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>

MIGRATE_NAMESPACE_BEGIN

void ColumnVector::pop_back() {
    m_valid.pop_back();
    if (m_layout == ValueLayout::fixed) {
        m_slots.pop_back();
        return;
    }
    m_ends.pop_back();
    m_bytes.resize(m_ends.empty() ? 0 : m_ends.back());
}

void ColumnVector::clear() {
    m_valid.clear();
    m_slots.clear();
    m_ends.clear();
    m_bytes.clear();
}

void ColumnVector::throw_too_large() {
    throw Error(ErrorCode::resource,
                "the values of one column of one batch exceed 4 GiB; lower the rows per batch");
}

std::size_t RowBatch::byte_size() const noexcept {
    const auto add = [](std::size_t sum, const ColumnVector& column) { return sum + column.byte_size(); };
    return std::accumulate(columns.begin(), columns.end(), std::size_t{0}, add) +
           std::accumulate(old_keys.begin(), old_keys.end(), std::size_t{0}, add) + operations.size();
}

void RowBatch::clear() {
    for (ColumnVector& column : columns) {
        column.clear();
    }
    for (ColumnVector& column : old_keys) {
        column.clear();
    }
    operations.clear();
    rejects.clear();
    first_ordinal = 0;
    bare_rows = 0;
}

void RowBatch::reset(const std::vector<TypeKind>& kinds) {
    clear();
    columns.clear();
    columns.reserve(kinds.size());
    for (const TypeKind kind : kinds) {
        columns.emplace_back(kind);
    }
    old_keys.clear();
}

MIGRATE_NAMESPACE_END
