#pragma once

#include <string>
#include <vector>

#include "backends/sqlite/cell.hpp"

namespace migrate::backends::sqlite {

/// SQL that makes SQLite spell a column's value as text, with its storage class before it: "i-12", "r" and 21
/// digits, "t" and the text as it is, "b" and hexadecimal digits; NULL is NULL. Zeros of class REAL and blobs
/// too large to be spelled out are left as they are: no text says the sign of a zero.
/// `column` is quoted already.
std::string text_expression(const std::string& column);

/// The second way to the values that read_cell() gives: reads what text_expression() made. Keeps the bytes of
/// blobs until the same column is read again. Throws: Error{corrupt} where a text is no such.
class TextCells {
  public:
    explicit TextCells(std::size_t columns) : m_blobs(columns) {}
    Cell read(sqlite3_stmt* statement, int column);

  private:
    std::vector<std::string> m_blobs;
};

}  // namespace migrate::backends::sqlite
