#include "model/datetime_parts.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>

#include "util/ascii.hpp"
#include "util/digits.hpp"

namespace migrate::model {
namespace {

/// More than any year that a date or timestamp can have, few enough not to overflow.
constexpr std::size_t k_max_year_digits = 7;
constexpr unsigned k_max_zone_hours = 15;
constexpr std::string_view k_bc = " BC";

}  // namespace

char* put_date(char* to, const CivilDate& date) noexcept {
    const std::int64_t year = date.year > 0 ? date.year : 1 - date.year;
    if (year < 10'000) {
        to = util::put_four(to, static_cast<std::uint64_t>(year));
    } else {
        to = std::to_chars(to, to + k_part_room, year).ptr;
    }
    *to++ = '-';
    to = util::put_two(to, date.month);
    *to++ = '-';
    return util::put_two(to, date.day);
}

char* put_bc(char* to, const CivilDate& date) noexcept {
    if (date.year > 0) {
        return to;
    }
    std::memcpy(to, k_bc.data(), k_bc.size());
    return to + k_bc.size();
}

char* put_time(char* to, std::int64_t microseconds, int fraction_digits) noexcept {
    const auto all = static_cast<std::uint64_t>(microseconds);
    const std::uint64_t seconds = all / 1'000'000;
    to = util::put_two(to, seconds / 3600);
    *to++ = ':';
    to = util::put_two(to, seconds / 60 % 60);
    *to++ = ':';
    to = util::put_two(to, seconds % 60);
    if (fraction_digits == 0) {
        return to;
    }
    *to++ = '.';
    util::put_six(to, all % 1'000'000);
    return to + (fraction_digits < 0 || fraction_digits > 6 ? 6 : fraction_digits);
}

char* put_zone(char* to, std::int32_t seconds_west) noexcept {
    *to++ = seconds_west > 0 ? '-' : '+';
    const std::int64_t west = seconds_west;
    const auto seconds = static_cast<std::uint64_t>(west > 0 ? west : -west);
    to = util::put_two(to, seconds / 3600);
    *to++ = ':';
    to = util::put_two(to, seconds / 60 % 60);
    if (seconds % 60 != 0) {
        *to++ = ':';
        to = util::put_two(to, seconds % 60);
    }
    return to;
}

bool DateTimeScanner::take(char c) noexcept {
    if (!m_text.starts_with(c)) {
        return false;
    }
    m_text.remove_prefix(1);
    return true;
}

bool DateTimeScanner::take(std::string_view word) noexcept {
    if (!m_text.starts_with(word)) {
        return false;
    }
    m_text.remove_prefix(word.size());
    return true;
}

bool DateTimeScanner::take_two(unsigned& value, unsigned limit) noexcept {
    if (m_text.size() < 2 || !util::is_digit(m_text[0]) || !util::is_digit(m_text[1])) {
        return false;
    }
    value = static_cast<unsigned>((m_text[0] - '0') * 10 + (m_text[1] - '0'));
    m_text.remove_prefix(2);
    return value <= limit;
}

bool DateTimeScanner::take_date(CivilDate& date) noexcept {
    std::size_t digits = 0;
    date.year = 0;
    while (digits < m_text.size() && util::is_digit(m_text[digits]) && digits <= k_max_year_digits) {
        date.year = date.year * 10 + (m_text[digits] - '0');
        ++digits;
    }
    if (digits < 4 || digits > k_max_year_digits || date.year == 0 || (digits > 4 && m_text[0] == '0')) {
        return false;
    }
    m_text.remove_prefix(digits);
    return take('-') && take_two(date.month, 12) && date.month > 0 && take('-') && take_two(date.day, 31) &&
           date.day > 0;
}

bool DateTimeScanner::take_time(std::int64_t& microseconds) noexcept {
    unsigned hours = 0;
    unsigned minutes = 0;
    unsigned seconds = 0;
    if (!take_two(hours, 23) || !take(':') || !take_two(minutes, 59) || !take(':') ||
        !take_two(seconds, 59)) {
        return false;
    }
    std::int64_t fraction = 0;
    if (take('.')) {
        std::size_t digits = 0;
        for (; digits < m_text.size() && util::is_digit(m_text[digits]) && digits <= 6; ++digits) {
            fraction = fraction * 10 + (m_text[digits] - '0');
        }
        if (digits == 0 || digits > 6) {
            return false;
        }
        m_text.remove_prefix(digits);
        for (; digits < 6; ++digits) {
            fraction *= 10;
        }
    }
    microseconds = (static_cast<std::int64_t>(hours) * 3600 + minutes * 60 + seconds) * 1'000'000 + fraction;
    return true;
}

bool DateTimeScanner::take_zone(std::int32_t& seconds_west) noexcept {
    const bool west = m_text.starts_with('-');
    if (!west && !m_text.starts_with('+')) {
        return false;
    }
    m_text.remove_prefix(1);
    unsigned hours = 0;
    unsigned minutes = 0;
    unsigned seconds = 0;
    if (!take_two(hours, k_max_zone_hours)) {
        return false;
    }
    if (take(':') && (!take_two(minutes, 59) || (take(':') && !take_two(seconds, 59)))) {
        return false;
    }
    const auto all = static_cast<std::int32_t>(hours * 3600 + minutes * 60 + seconds);
    seconds_west = west ? all : -all;
    return true;
}

void DateTimeScanner::take_bc(CivilDate& date) noexcept {
    if (take(k_bc)) {
        date.year = 1 - date.year;
    }
}

bool is_real_day(const CivilDate& date) noexcept {
    return date.day <= days_of_month(date.year, date.month);
}

}  // namespace migrate::model
