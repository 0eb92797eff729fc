#include "backends/sqlite/stored_row.hpp"

#include <array>
#include <charconv>

#include <sqlite3.h>

#include "model/canonical.hpp"

namespace migrate::backends::sqlite {
namespace {

/// SQLite's own numbers of the storage classes.
constexpr char class_of(Cell::Class storage) noexcept {
    switch (storage) {
        case Cell::Class::integer:
            return '1';
        case Cell::Class::real:
            return '2';
        case Cell::Class::text:
            return '3';
        case Cell::Class::blob:
            return '4';
        case Cell::Class::null:
            break;
    }
    return '5';
}

}  // namespace

Cell read_stored(sqlite3_stmt* statement, int column) {
    sqlite3_value* value = sqlite3_column_value(statement, column);
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        return read_cell(statement, column);
    }
    // Asked for as a blob it is not converted, and what is no text of its encoding stays what it is.
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return Cell::of_text(bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
}

void StoredRow::add(const Cell& cell) {
    m_bytes += class_of(cell.storage);
    if (cell.storage == Cell::Class::integer) {
        m_bytes.append(reinterpret_cast<const char*>(&cell.integer), sizeof(cell.integer));
    } else if (cell.storage == Cell::Class::real) {
        m_bytes.append(reinterpret_cast<const char*>(&cell.real), sizeof(cell.real));
    } else if (cell.storage != Cell::Class::null) {
        std::array<char, 24> size{};
        const auto end = std::to_chars(size.begin(), size.end(), cell.bytes.size());
        *end.ptr = ':';
        m_bytes.append(size.begin(), end.ptr + 1);
        m_bytes += cell.bytes;
    }
}

void StoredRow::finish(Digest& digest) {
    model::digest_canonical_row(m_bytes, digest);
    m_bytes.clear();
}

}  // namespace migrate::backends::sqlite
