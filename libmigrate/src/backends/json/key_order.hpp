#pragma once

#include <string>
#include <string_view>

namespace migrate::backends::json {

/// Appends bytes whose order is the order in which records come out that say no other: integers as numbers,
/// then all else as bytes.
void append_order_key(std::string_view key, std::string& out);

/// Tells whether keys come in that order.
class KeyOrder {
  public:
    /// What comes next need follow nothing.
    void begin() { m_last.clear(); }
    /// False where the key sorts before the one before it.
    bool follows(std::string_view key);

  private:
    std::string m_last;
    std::string m_next;
};

}  // namespace migrate::backends::json
