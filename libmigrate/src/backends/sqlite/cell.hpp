#pragma once

#include <cstdint>
#include <string_view>

struct sqlite3_stmt;
struct sqlite3_value;

namespace migrate::backends::sqlite {

/// One value as SQLite holds it. `bytes` points into the statement (until its next step) or the caller's
/// memory.
struct Cell {
    enum class Class : std::uint8_t { null, integer, real, text, blob };
    Class storage = Class::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view bytes;

    static Cell of_integer(std::int64_t value) { return {Class::integer, value, 0, {}}; }
    static Cell of_real(double value) { return {Class::real, 0, value, {}}; }
    static Cell of_text(std::string_view value) { return {Class::text, 0, 0, value}; }
    static Cell of_blob(std::string_view value) { return {Class::blob, 0, 0, value}; }
};

/// Same storage class and same value; reals by their bits.
bool operator==(const Cell& a, const Cell& b) noexcept;

/// The value of a column of the current row. Text comes as UTF-8. Requires: the connection's mutex is held
/// (SqliteHold).
Cell read_cell(sqlite3_stmt* statement, int column);
/// The same of an argument that SQLite hands to a function.
Cell cell_of(sqlite3_value* value);

/// Binds without copying: the bytes must live until the statement has run.
/// Returns SQLite's result code.
int bind_cell(sqlite3_stmt* statement, int parameter, const Cell& cell);

}  // namespace migrate::backends::sqlite
