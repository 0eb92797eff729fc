#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>

MIGRATE_NAMESPACE_BEGIN

void ColumnVector::append_from(const ColumnVector& other, std::size_t row) {
    if (other.is_null(row)) {
        append_null();
    } else if (m_layout == ValueLayout::fixed) {
        append_fixed(other.fixed(row));
    } else {
        append_bytes(other.bytes(row));
    }
}

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
           std::accumulate(old_keys.begin(), old_keys.end(), std::size_t{0}, add) + operations.size() +
           std::accumulate(
               rejects.begin(), rejects.end(), std::size_t{0},
               [](std::size_t sum, const RejectedRow& reject) { return sum + reject.row.size(); });
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

std::vector<std::uint64_t> RowBatch::ordinals() const {
    std::vector<std::uint64_t> taken;
    for (const RejectedRow& reject : rejects) {
        if (!reject.kept) {
            taken.push_back(reject.ordinal);
        }
    }
    std::sort(taken.begin(), taken.end());
    std::vector<std::uint64_t> numbers;
    numbers.reserve(row_count());
    auto next = taken.begin();
    for (std::uint64_t number = first_ordinal; numbers.size() < row_count(); ++number) {
        while (next != taken.end() && *next < number) {
            ++next;
        }
        if (next == taken.end() || *next != number) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::uint64_t RowBatch::rows_read() const noexcept {
    return row_count() +
           static_cast<std::uint64_t>(std::count_if(rejects.begin(), rejects.end(),
                                                    [](const auto& reject) { return !reject.kept; }));
}

RowBatch RowBatch::slice(std::size_t first, std::size_t last) const {
    RowBatch part;
    part.bare_rows = last - first;
    for (const ColumnVector& column : columns) {
        ColumnVector& copy = part.columns.emplace_back(column.kind());
        for (std::size_t row = first; row < last; ++row) {
            copy.append_from(column, row);
        }
    }
    return part;
}

MIGRATE_NAMESPACE_END
