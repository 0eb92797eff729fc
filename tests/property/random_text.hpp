#pragma once

#include <set>
#include <string>

#include "support/random.hpp"

namespace migrate::property {

/// Texts that are hard to carry.
class RandomText {
  public:
    explicit RandomText(test::Random& random) : m_random(random) {}

    /// Valid UTF-8 of any planes, without NUL.
    std::string unicode(std::int64_t characters);
    /// A name of 1 to 200 characters: plain, reserved, of another's case, with quotes, newlines, emoji. In
    /// double quotes, never one that was given before (as SQLite compares them).
    std::string quoted_name();
    /// As above, of its bytes at most so many.
    std::string quoted_name(std::size_t max_bytes);
    std::string word();
    std::string uuid(bool upper);
    std::string date();
    std::string clock(int fraction_digits);
    std::string integer(std::int64_t digits);
    std::string json(int depth);
    /// A JSON string, in quotes.
    std::string json_string();
    std::string json_number();

  private:
    std::string any_name();
    std::string character();

    test::Random& m_random;
    std::set<std::string> m_taken;
    std::string m_last = "name";
};

/// 'text' with its quotes doubled.
std::string literal(const std::string& text);
std::string hex_of(const std::string& bytes);
std::string in_double_quotes(const std::string& name);

}  // namespace migrate::property
