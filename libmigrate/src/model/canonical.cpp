#include "model/canonical.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <sodium.h>
#include <xxhash.h>

#include <migrate/error.hpp>

#include "util/byte_order.hpp"

namespace migrate::model {
namespace {

/// How a column's values become canonical bytes: fixed slots by their width, the two floats apart for their
/// NaNs, and of the variable kinds the two that can hold a NaN apart from the rest.
enum class Form : std::uint8_t { one, two, four, eight, float32, float64, bytes, decimal, variant };

constexpr std::size_t k_length_size = sizeof(std::int32_t);

Form form_of(TypeKind kind) noexcept {
    switch (kind) {
        case TypeKind::boolean:
            return Form::one;
        case TypeKind::int16:
            return Form::two;
        case TypeKind::int32:
        case TypeKind::date:
            return Form::four;
        case TypeKind::int64:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return Form::eight;
        case TypeKind::float32:
            return Form::float32;
        case TypeKind::float64:
            return Form::float64;
        case TypeKind::decimal:
            return Form::decimal;
        case TypeKind::variant:
            return Form::variant;
        default:
            return Form::bytes;
    }
}

constexpr std::size_t width_of(Form form) noexcept {
    switch (form) {
        case Form::one:
            return 1;
        case Form::two:
            return 2;
        case Form::four:
        case Form::float32:
            return 4;
        default:
            return 8;
    }
}

constexpr bool is_fixed(Form form) noexcept {
    return form <= Form::float64;
}

/// What numeric_send gives for the three values without digits. Their scale means nothing, so it is made the
/// same whoever sent them.
constexpr std::size_t k_decimal_header = 8;
constexpr std::string_view k_decimal_nan{"\0\0\0\0\xC0\0\0\0", k_decimal_header};
constexpr std::string_view k_decimal_infinity{"\0\0\0\0\xD0\0\0\x20", k_decimal_header};
constexpr std::string_view k_decimal_minus_infinity{"\0\0\0\0\xF0\0\0\x20", k_decimal_header};

std::string_view canonical_decimal(std::string_view value) noexcept {
    if (value.size() != k_decimal_header) {
        return value;
    }
    switch (util::load_big<std::uint16_t>(value.data() + 4)) {
        case 0xC000:
            return k_decimal_nan;
        case 0xD000:
            return k_decimal_infinity;
        case 0xF000:
            return k_decimal_minus_infinity;
        default:
            return value;
    }
}

std::int64_t one_nan(std::int64_t bits) noexcept {
    const double value = std::bit_cast<double>(bits);
    return std::isnan(value) ? std::bit_cast<std::int64_t>(std::numeric_limits<double>::quiet_NaN()) : bits;
}

std::int32_t one_nan(std::int32_t bits) noexcept {
    const float value = std::bit_cast<float>(bits);
    return std::isnan(value) ? std::bit_cast<std::int32_t>(std::numeric_limits<float>::quiet_NaN()) : bits;
}

char* put_length(char* to, std::int64_t length) noexcept {
    util::store_big(to, static_cast<std::int32_t>(length));
    return to + k_length_size;
}

template <typename T>
char* put_slot(char* to, T value) noexcept {
    to = put_length(to, sizeof(T));
    util::store_big(to, value);
    return to + sizeof(T);
}

char* put_bytes(char* to, std::string_view value) noexcept {
    to = put_length(to, static_cast<std::int64_t>(value.size()));
    if (!value.empty()) {
        std::memcpy(to, value.data(), value.size());
    }
    return to + value.size();
}

char* put_variant(char* to, std::string_view value) noexcept {
    char* const end = put_bytes(to, value);
    if (value.size() == 1 + sizeof(std::int64_t) && value.front() == 'r') {
        char* const real = to + k_length_size + 1;
        util::store_big(real, one_nan(util::load_big<std::int64_t>(real)));
    }
    return end;
}

std::size_t size_of_value(const ColumnVector& column, Form form, std::size_t row) {
    if (column.is_null(row)) {
        return k_length_size;
    }
    if (is_fixed(form)) {
        return k_length_size + width_of(form);
    }
    return k_length_size + column.bytes(row).size();
}

char* put_value(const ColumnVector& column, Form form, std::size_t row, char* to) {
    if (column.is_null(row)) {
        return put_length(to, -1);
    }
    switch (form) {
        case Form::one:
            return put_slot(to, static_cast<std::int8_t>(column.fixed(row)));
        case Form::two:
            return put_slot(to, static_cast<std::int16_t>(column.fixed(row)));
        case Form::four:
            return put_slot(to, static_cast<std::int32_t>(column.fixed(row)));
        case Form::eight:
            return put_slot(to, column.fixed(row));
        case Form::float32:
            return put_slot(to, one_nan(static_cast<std::int32_t>(column.fixed(row))));
        case Form::float64:
            return put_slot(to, one_nan(column.fixed(row)));
        case Form::bytes:
            return put_bytes(to, column.bytes(row));
        case Form::decimal:
            return put_bytes(to, canonical_decimal(column.bytes(row)));
        case Form::variant:
            return put_variant(to, column.bytes(row));
    }
    return to;
}

/// Rows are encoded a block at a time, column by column: the kind is looked at once per column and block, and
/// the block stays in the processor's cache until its rows are hashed.
constexpr std::size_t k_block_rows = 256;

struct Block {
    std::size_t first = 0;
    std::size_t rows = 0;
    std::array<std::size_t, k_block_rows + 1> starts{};
    std::array<char*, k_block_rows> cursors{};
};

void measure(const ColumnVector& column, Form form, Block& block) {
    for (std::size_t i = 0; i < block.rows; ++i) {
        block.starts[i + 1] += size_of_value(column, form, block.first + i);
    }
}

template <Form form>
void put_column(const ColumnVector& column, Block& block) {
    for (std::size_t i = 0; i < block.rows; ++i) {
        block.cursors[i] = put_value(column, form, block.first + i, block.cursors[i]);
    }
}

void put_column(const ColumnVector& column, Form form, Block& block) {
    switch (form) {
        case Form::one:
            return put_column<Form::one>(column, block);
        case Form::two:
            return put_column<Form::two>(column, block);
        case Form::four:
            return put_column<Form::four>(column, block);
        case Form::eight:
            return put_column<Form::eight>(column, block);
        case Form::float32:
            return put_column<Form::float32>(column, block);
        case Form::float64:
            return put_column<Form::float64>(column, block);
        case Form::bytes:
            return put_column<Form::bytes>(column, block);
        case Form::decimal:
            return put_column<Form::decimal>(column, block);
        case Form::variant:
            return put_column<Form::variant>(column, block);
    }
}

void encode(const RowBatch& batch, Block& block, std::string& bytes) {
    block.starts.fill(0);
    for (const ColumnVector& column : batch.columns) {
        measure(column, form_of(column.kind()), block);
    }
    for (std::size_t i = 0; i < block.rows; ++i) {
        block.starts[i + 1] += block.starts[i];
    }
    bytes.resize(block.starts[block.rows]);
    for (std::size_t i = 0; i < block.rows; ++i) {
        block.cursors[i] = bytes.data() + block.starts[i];
    }
    for (const ColumnVector& column : batch.columns) {
        put_column(column, form_of(column.kind()), block);
    }
}

void add_row(std::string_view row, Digest& digest) {
    if (digest.algorithm == DigestAlgorithm::sha256) {
        std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
        crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(row.data()), row.size());
        const auto* const halves = reinterpret_cast<const char*>(hash.data());
        digest.add(util::load_big<std::uint64_t>(halves + 8), util::load_big<std::uint64_t>(halves));
        return;
    }
    const XXH128_hash_t hash = XXH3_128bits(row.data(), row.size());
    digest.add(hash.low64, hash.high64);
}

}  // namespace

void append_canonical_row(const RowBatch& batch, std::size_t row, std::string& out) {
    std::size_t size = 0;
    for (const ColumnVector& column : batch.columns) {
        size += size_of_value(column, form_of(column.kind()), row);
    }
    const std::size_t start = out.size();
    out.resize(start + size);
    char* to = out.data() + start;
    for (const ColumnVector& column : batch.columns) {
        to = put_value(column, form_of(column.kind()), row, to);
    }
}

void digest_canonical_row(std::string_view row, Digest& digest) {
    add_row(row, digest);
}

void digest_rows(const RowBatch& batch, Digest& digest) {
    const std::size_t rows = batch.row_count();
    std::string bytes;
    Block block;
    for (block.first = 0; block.first < rows; block.first += block.rows) {
        block.rows = std::min(k_block_rows, rows - block.first);
        encode(batch, block, bytes);
        for (std::size_t i = 0; i < block.rows; ++i) {
            add_row({bytes.data() + block.starts[i], block.starts[i + 1] - block.starts[i]}, digest);
        }
    }
}

}  // namespace migrate::model
