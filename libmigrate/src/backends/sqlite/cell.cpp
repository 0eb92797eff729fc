#include "backends/sqlite/cell.hpp"

#include <bit>
#include <new>

#include <sqlite3.h>

namespace migrate::backends::sqlite {

bool operator==(const Cell& a, const Cell& b) noexcept {
    return a.storage == b.storage && a.integer == b.integer &&
           std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real) && a.bytes == b.bytes;
}

Cell read_cell(sqlite3_stmt* statement, int column) {
    // Asking the value takes no mutex, unlike asking the statement, each time for each thing.
    return cell_of(sqlite3_column_value(statement, column));
}

Cell cell_of(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            return Cell::of_integer(sqlite3_value_int64(value));
        case SQLITE_FLOAT:
            return Cell::of_real(sqlite3_value_double(value));
        case SQLITE_TEXT: {
            const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
            const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
            if (text == nullptr) {
                throw std::bad_alloc();
            }
            return Cell::of_text({text, size});
        }
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
            const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
            return Cell::of_blob(bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
        }
        default:
            return {};
    }
}

int bind_cell(sqlite3_stmt* statement, int parameter, const Cell& cell) {
    switch (cell.storage) {
        case Cell::Class::integer:
            return sqlite3_bind_int64(statement, parameter, cell.integer);
        case Cell::Class::real:
            return sqlite3_bind_double(statement, parameter, cell.real);
        case Cell::Class::text:
            return sqlite3_bind_text64(statement, parameter, cell.bytes.empty() ? "" : cell.bytes.data(),
                                       cell.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
        case Cell::Class::blob:
            return cell.bytes.empty() ? sqlite3_bind_zeroblob(statement, parameter, 0)
                                      : sqlite3_bind_blob64(statement, parameter, cell.bytes.data(),
                                                            cell.bytes.size(), SQLITE_STATIC);
        case Cell::Class::null:
            break;
    }
    return sqlite3_bind_null(statement, parameter);
}

}  // namespace migrate::backends::sqlite
