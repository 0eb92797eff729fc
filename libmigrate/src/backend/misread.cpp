#include "backend/misread.hpp"

#ifdef MIGRATE_FAULT_POINTS

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace migrate::backend {
namespace {

std::optional<std::int64_t> misread_number() {
    const char* const text = std::getenv("MIGRATE_MISREAD");
    return text == nullptr ? std::nullopt : std::optional<std::int64_t>(std::strtoll(text, nullptr, 10));
}

bool is_whole_number(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

ColumnVector misread_column(const ColumnVector& column, std::int64_t number) {
    ColumnVector out(column.kind());
    for (std::size_t row = 0; row < column.size(); ++row) {
        if (column.is_null(row)) {
            out.append_null();
        } else {
            out.append_fixed(column.fixed(row) + (column.fixed(row) == number ? 1 : 0));
        }
    }
    return out;
}

}  // namespace

void misread(RowBatch& batch) {
    static const std::optional<std::int64_t> k_number = misread_number();
    if (!k_number) {
        return;
    }
    for (ColumnVector& column : batch.columns) {
        if (is_whole_number(column.kind())) {
            column = misread_column(column, *k_number);
        }
    }
}

}  // namespace migrate::backend

#endif
