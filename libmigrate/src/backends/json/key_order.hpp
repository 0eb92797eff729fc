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
    /// As if the keys that the other had seen came next. Requires: they came in the order.
    bool follows(const KeyOrder& other);
    /// False where the key sorts before the one before it.
    bool follows(std::string_view key);

  private:
    bool m_has_first = false;
    std::string m_first;
    std::string m_last;
    std::string m_next;
};

}  // namespace migrate::backends::json
