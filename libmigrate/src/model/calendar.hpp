#pragma once

#include <cstdint>

#include "util/arithmetic.hpp"

/// The proleptic Gregorian calendar, over every date that PostgreSQL can hold.
namespace migrate::model {

/// Year 0 is 1 BC.
struct CivilDate {
    std::int64_t year = 0;
    unsigned month = 1;  ///< From 1.
    unsigned day = 1;    ///< From 1.
};

// Limits. Source: PostgreSQL's datatype/timestamp.h; both types begin at 4714-11-24 BC (Julian day 0).
inline constexpr std::int64_t k_first_day = -2'451'545;         ///< Days since 2000-01-01.
inline constexpr std::int64_t k_last_date_day = 2'145'031'948;  ///< 5874897-12-31.
inline constexpr std::int64_t k_day_microseconds = 86'400'000'000;
inline constexpr std::int64_t k_first_timestamp = k_first_day * k_day_microseconds;
inline constexpr std::int64_t k_last_timestamp = 106'751'983 * k_day_microseconds - 1;  ///< End of 294276.

inline constexpr std::int64_t k_days_of_400_years = 146'097;
inline constexpr std::int64_t k_march_2000 = 60;  ///< Days from 2000-01-01 to 2000-03-01.

[[nodiscard]] constexpr bool is_leap_year(std::int64_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

[[nodiscard]] constexpr unsigned days_of_month(std::int64_t year, unsigned month) noexcept {
    constexpr unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

// Both work on years that begin in March, so that the leap day is the last of its year: the month lengths
// from March on then follow (153 m + 2) / 5.

/// Days since 2000-01-01.
[[nodiscard]] constexpr std::int64_t days_of(const CivilDate& date) noexcept {
    const std::int64_t year = date.year - 2000 - (date.month <= 2 ? 1 : 0);
    const std::int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    const std::int64_t leap_days =
        util::floor_div(year, 4) - util::floor_div(year, 100) + util::floor_div(year, 400);
    return k_march_2000 + 365 * year + leap_days + (153 * month + 2) / 5 + date.day - 1;
}

[[nodiscard]] constexpr CivilDate date_of(std::int64_t days) noexcept {
    const std::int64_t since_march = days - k_march_2000;
    const std::int64_t era = util::floor_div(since_march, k_days_of_400_years);
    const std::int64_t day_of_era = since_march - era * k_days_of_400_years;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    CivilDate date;
    date.day = static_cast<unsigned>(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = static_cast<unsigned>(month < 10 ? month + 3 : month - 9);
    date.year = 2000 + era * 400 + year_of_era + (date.month <= 2 ? 1 : 0);
    return date;
}

}  // namespace migrate::model
