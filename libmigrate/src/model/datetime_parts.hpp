#pragma once

#include <cstdint>
#include <string_view>

#include "model/calendar.hpp"

/// What the spellings of dates, times and timestamps are made of.
namespace migrate::model {

/// Room that any of the put_ functions below needs at most.
inline constexpr std::size_t k_part_room = 40;

/// Without " BC"; the caller puts that last, where the year is not positive.
char* put_date(char* to, const CivilDate& date) noexcept;
/// fraction_digits −1 = six.
char* put_time(char* to, std::int64_t microseconds, int fraction_digits) noexcept;
char* put_zone(char* to, std::int32_t seconds_west) noexcept;
char* put_bc(char* to, const CivilDate& date) noexcept;

/// Reads from the front of a text. Every member gives false, and has taken an unspecified part, where the
/// text goes on otherwise.
class DateTimeScanner {
  public:
    explicit DateTimeScanner(std::string_view text) noexcept : m_text(text) {}

    [[nodiscard]] bool at_end() const noexcept { return m_text.empty(); }
    bool take(char c) noexcept;
    bool take(std::string_view word) noexcept;
    /// A year (positive, four digits or more), month and day that may be one.
    bool take_date(CivilDate& date) noexcept;
    /// Units: µs since midnight, below one day.
    bool take_time(std::int64_t& microseconds) noexcept;
    /// +HH, +HH:MM or +HH:MM:SS.
    bool take_zone(std::int32_t& seconds_west) noexcept;
    /// Makes the date's year one BC where " BC" follows.
    void take_bc(CivilDate& date) noexcept;

  private:
    bool take_two(unsigned& value, unsigned limit) noexcept;

    std::string_view m_text;
};

/// A day that exists in its month. The year is not looked at beyond leap years.
[[nodiscard]] bool is_real_day(const CivilDate& date) noexcept;

}  // namespace migrate::model
