#include "backends/sqlite/text_cell.hpp"

#include <charconv>
#include <limits>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "util/hex.hpp"

namespace migrate::backends::sqlite {
namespace {

[[noreturn]] void throw_unreadable() {
    throw Error(ErrorFacts{.code = ErrorCode::corrupt, .backend = "sqlite"},
                "SQLite spelled a value as it spells none");
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw_unreadable();
    }
    return number;
}

double real_of(std::string_view text) {
    constexpr double k_infinity = std::numeric_limits<double>::infinity();
    return text == "Inf" ? k_infinity : text == "-Inf" ? -k_infinity : number_of<double>(text);
}

}  // namespace

std::string text_expression(const std::string& column) {
    // 21 digits tell every double from its neighbours, also as far as SQLite's own are right. A blob's
    // digits have to stay under SQLite's limit of 1,000,000,000 bytes.
    return "CASE typeof(" + column + ") WHEN 'integer' THEN 'i' || " + column +
           " WHEN 'real' THEN CASE WHEN " + column + " = 0.0 THEN " + column +
           " ELSE 'r' || printf('%!.20e', " + column + ") END WHEN 'text' THEN 't' || " + column +
           " WHEN 'blob' THEN CASE WHEN length(" + column + ") > 450000000 THEN " + column +
           " ELSE 'b' || hex(" + column + ") END END";
}

Cell TextCells::read(sqlite3_stmt* statement, int column) {
    const Cell cell = read_cell(statement, column);
    if (cell.storage != Cell::Class::text) {
        return cell;
    }
    if (cell.bytes.empty()) {
        throw_unreadable();
    }
    const std::string_view text = cell.bytes.substr(1);
    switch (cell.bytes.front()) {
        case 'i':
            return Cell::of_integer(number_of<std::int64_t>(text));
        case 'r':
            return Cell::of_real(real_of(text));
        case 't':
            return Cell::of_text(text);
        case 'b': {
            std::string& blob = m_blobs[static_cast<std::size_t>(column)];
            blob.clear();
            if (!util::read_hex(text, blob)) {
                throw_unreadable();
            }
            return Cell::of_blob(blob);
        }
        default:
            throw_unreadable();
    }
}

}  // namespace migrate::backends::sqlite
