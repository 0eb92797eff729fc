#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "support/compare/meaning.hpp"

namespace migrate::test {
namespace {

using std::chrono::microseconds;

std::string without_trailing_zeros(std::string clock) {
    if (clock.find('.') != std::string::npos) {
        clock.erase(clock.find_last_not_of('0') + 1);
        if (clock.back() == '.') {
            clock.pop_back();
        }
    }
    return clock;
}

std::string show(std::chrono::sys_time<microseconds> time) {
    using namespace std::chrono;
    const auto midnight = floor<days>(time);
    const year_month_day date{midnight};
    const hh_mm_ss clock{time - midnight};
    char text[64];
    std::snprintf(text, sizeof(text), "%04d-%02u-%02u %02ld:%02ld:%02ld.%06ld", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                  clock.subseconds().count());
    return without_trailing_zeros(text);
}

std::string from_number(const std::string& text, Reading::Unit unit) {
    constexpr double epoch_in_julian_days = 2440587.5;
    const bool whole = text.find_first_of(".eE") == std::string::npos;
    const long long number = std::strtoll(text.c_str(), nullptr, 10);
    const double real = std::strtod(text.c_str(), nullptr);
    const auto scaled = [&](long long factor) {
        return whole ? number * factor : std::llround(real * static_cast<double>(factor));
    };
    long long micro = 0;
    switch (unit) {
        case Reading::Unit::seconds:
            micro = scaled(1'000'000);
            break;
        case Reading::Unit::milliseconds:
            micro = scaled(1'000);
            break;
        case Reading::Unit::microseconds:
            micro = scaled(1);
            break;
        case Reading::Unit::julian_days:
            // A double holds a Julian day to about 40 µs, SQLite reckons in milliseconds.
            micro = std::llround((real - epoch_in_julian_days) * 86'400'000) * 1'000;
            break;
    }
    constexpr long long year_9999 = 253'402'300'800'000'000;
    if (micro > year_9999 || micro < -year_9999) {
        return "no moment " + text;
    }
    return show(std::chrono::sys_time<microseconds>(microseconds(micro)));
}

/// "+05:30" and the like at the end of a clock time, taken off. Units: seconds east.
long take_zone(std::string& clock) {
    if (clock.ends_with('Z')) {
        clock.pop_back();
        return 0;
    }
    const std::size_t sign = clock.find_first_of("+-");
    if (sign == std::string::npos) {
        return 0;
    }
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    std::sscanf(clock.c_str() + sign + 1, "%d:%d:%d", &hours, &minutes, &seconds);
    const long east = hours * 3600L + minutes * 60L + seconds;
    const bool minus = clock[sign] == '-';
    clock.erase(sign);
    return minus ? -east : east;
}

std::string shifted(const std::string& date, const std::string& clock, long seconds_east) {
    using namespace std::chrono;
    int y = 0;
    unsigned m = 0;
    unsigned d = 0;
    int hours = 0;
    int minutes = 0;
    double rest = 0;
    std::sscanf(date.c_str(), "%d-%u-%u", &y, &m, &d);
    std::sscanf(clock.c_str(), "%d:%d:%lf", &hours, &minutes, &rest);
    const sys_days day = year(y) / month(m) / std::chrono::day(d);
    return show(sys_time<microseconds>(day) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
                microseconds(std::llround(rest * 1e6)) - seconds(seconds_east));
}

std::string from_text(std::string text) {
    if (text.ends_with("infinity")) {
        return text;
    }
    std::string era;
    if (text.ends_with(" BC")) {
        era = " BC";
        text.resize(text.size() - 3);
    }
    const std::size_t gap = text.find_first_of("T ");
    const std::string date = text.substr(0, gap);
    std::string clock = gap == std::string::npos ? "00:00:00" : text.substr(gap + 1);
    const long zone = take_zone(clock);
    if (clock.size() == 5) {
        clock += ":00";
    }
    if (zone != 0 && era.empty()) {
        return shifted(date, clock, zone);
    }
    return date + " " + without_trailing_zeros(clock) + era;
}

}  // namespace

std::string moment_meaning(const Value& value, bool is_date, Reading::Unit unit) {
    const bool is_number = value.kind == Value::Kind::integer || value.kind == Value::Kind::real ||
                           value.kind == Value::Kind::number;
    std::string form = is_number ? from_number(value.text, unit) : from_text(value.text);
    const std::size_t midnight = form.find(" 00:00:00");
    if (is_date && midnight != std::string::npos &&
        (form.size() == midnight + 9 || form[midnight + 9] == ' ')) {
        form.erase(midnight, 9);
    }
    return form;
}

std::string clock_meaning(const std::string& text) {
    std::string clock = text;
    if (clock.find_first_of("+-Z") == std::string::npos) {
        return without_trailing_zeros(clock.size() == 5 ? clock + ":00" : clock);
    }
    const long zone = take_zone(clock);
    return without_trailing_zeros(clock) + " zone " + std::to_string(zone);
}

}  // namespace migrate::test
