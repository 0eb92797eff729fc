#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/logical_type.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The values of one column of a batch, all of one kind, NULLs apart. See LogicalType for how each kind's
/// values are held. Not thread-safe. Views from bytes() are valid until the next append or clear.
class MIGRATE_EXPORT ColumnVector {
  public:
    explicit ColumnVector(TypeKind kind) : m_kind(kind), m_layout(layout_of(kind)) {}

    void append_null() {
        m_valid.push_back(0);
        push_slot(0, 0);
    }
    /// Requires: layout() == fixed.
    void append_fixed(std::int64_t slot) {
        m_valid.push_back(1);
        m_slots.push_back(slot);
    }
    void append_float64(double value) { append_fixed(std::bit_cast<std::int64_t>(value)); }
    void append_float32(float value) { append_fixed(std::bit_cast<std::int32_t>(value)); }
    /// Requires: layout() == variable. Throws: Error{resource} past 4 GiB in one column of one batch.
    void append_bytes(std::string_view value) {
        m_valid.push_back(1);
        m_bytes.append(value);
        m_ends.push_back(checked_end());
    }
    /// Appends a value of the size given and returns its bytes for the caller to fill before anything else.
    char* append_room(std::size_t size) {
        m_valid.push_back(1);
        const std::size_t start = m_bytes.size();
        m_bytes.resize(start + size);
        m_ends.push_back(checked_end());
        return m_bytes.data() + start;
    }
    /// Requires: the same layout.
    void append_from(const ColumnVector& other, std::size_t row);
    /// Makes a value NULL in place; its bytes stay until clear().
    void set_null(std::size_t row) { m_valid[row] = 0; }
    /// Takes the last value off again.
    void pop_back();
    void clear();

    [[nodiscard]] TypeKind kind() const noexcept { return m_kind; }
    [[nodiscard]] ValueLayout layout() const noexcept { return m_layout; }
    [[nodiscard]] std::size_t size() const noexcept { return m_valid.size(); }
    [[nodiscard]] bool is_null(std::size_t row) const { return m_valid[row] == 0; }
    [[nodiscard]] std::int64_t fixed(std::size_t row) const { return m_slots[row]; }
    [[nodiscard]] double float64(std::size_t row) const { return std::bit_cast<double>(m_slots[row]); }
    [[nodiscard]] float float32(std::size_t row) const {
        return std::bit_cast<float>(static_cast<std::int32_t>(m_slots[row]));
    }
    [[nodiscard]] std::string_view bytes(std::size_t row) const {
        const std::size_t start = row == 0 ? 0 : m_ends[row - 1];
        return {m_bytes.data() + start, m_ends[row] - start};
    }
    /// Units: bytes held, slots included.
    [[nodiscard]] std::size_t byte_size() const noexcept {
        return m_valid.size() + m_slots.size() * sizeof(std::int64_t) +
               m_ends.size() * sizeof(std::uint32_t) + m_bytes.size();
    }

  private:
    void push_slot(std::int64_t slot, int /*unused*/) {
        if (m_layout == ValueLayout::fixed) {
            m_slots.push_back(slot);
        } else {
            m_ends.push_back(checked_end());
        }
    }
    [[nodiscard]] std::uint32_t checked_end() const {
        if (m_bytes.size() > UINT32_MAX) {
            throw_too_large();
        }
        return static_cast<std::uint32_t>(m_bytes.size());
    }
    [[noreturn]] static void throw_too_large();

    TypeKind m_kind;
    ValueLayout m_layout;
    std::vector<std::uint8_t> m_valid;
    std::vector<std::int64_t> m_slots;
    std::vector<std::uint32_t> m_ends;
    std::string m_bytes;
};

/// What a row of a change batch does. Persisted; do not change the values.
enum class RowOperation : std::uint8_t { insert = 0, update = 1, remove = 2 };

/// A row that a reader, the mapping or a writer could not take as it is; policy decides what becomes of it.
struct RejectedRow {
    std::uint64_t ordinal = 0;  ///< Position in its chunk, from 0, rejects counted; no two rows share one.
    std::string key;         ///< The primary key or row id as text; may be empty. A row value: never logged.
    std::string column;      ///< Empty when the row as a whole does not fit.
    std::string reason;      ///< For people; without the value.
    std::string row;         ///< The whole row as JSON text, for the dead letter. A row value: never logged.
    std::uint64_t line = 0;  ///< Of a text input, from 1; 0 = not known.
    bool kept = false;       ///< The row travels on, with NULL in the place of the value.
};

/// Columns × rows of logical values: what travels from a reader through the mapping to a writer, and what
/// digests are taken of. Columnar, so that per-type work is done once per column. Not thread-safe; moved
/// between threads, never shared.
///
/// Shape: every column has row_count() values; operations() is empty (all inserts) or has row_count()
/// entries, and then old_keys holds the key columns' former values.
struct MIGRATE_EXPORT RowBatch {
    std::vector<ColumnVector> columns;
    std::vector<RowOperation> operations;
    std::vector<ColumnVector> old_keys;
    std::vector<RejectedRow> rejects;  ///< Rows left out of the columns, and what is known of those kept.
    std::uint64_t first_ordinal = 0;   ///< Ordinal in its chunk of the first row, or of a reject before it.

    [[nodiscard]] std::size_t row_count() const noexcept {
        return columns.empty() ? bare_rows : columns[0].size();
    }
    [[nodiscard]] std::size_t byte_size() const noexcept;
    /// Empties every column and keeps their memory.
    void clear();
    /// Makes the columns of these kinds, empty.
    void reset(const std::vector<TypeKind>& kinds);
    /// The ordinals in its chunk of the rows: they and the rejects that were left out share the numbers from
    /// first_ordinal on.
    [[nodiscard]] std::vector<std::uint64_t> ordinals() const;
    /// Rows read for this batch: those in the columns and those left out.
    [[nodiscard]] std::uint64_t rows_read() const noexcept;
    /// Rows first … last − 1 as a batch of their own, without rejects, operations and old keys.
    [[nodiscard]] RowBatch slice(std::size_t first, std::size_t last) const;

    std::size_t bare_rows = 0;  ///< The row count of a table without columns (PostgreSQL allows one).
};

/// When a reader ends a batch: at whichever comes first. One row larger than the limit travels alone.
struct BatchLimits {
    std::size_t max_rows = 4096;              ///< Rows.
    std::size_t max_bytes = 1024UL * 1024UL;  ///< Bytes. Raising it costs memory for each batch in flight.
};

MIGRATE_NAMESPACE_END
