#include "util/clock.hpp"

#include <array>
#include <cstdio>

namespace migrate::util {
namespace {

struct Parts {
    int year;
    unsigned month;
    unsigned day;
    long hour;
    long minute;
    long second;
    long microsecond;
};

Parts split(std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto micro = floor<microseconds>(time);
    const auto midnight = floor<days>(micro);
    const year_month_day date{midnight};
    const hh_mm_ss clock{micro - midnight};
    return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()), clock.hours().count(),
            clock.minutes().count(),           clock.seconds().count(),
            clock.subseconds().count()};
}

}  // namespace

std::string iso_utc(std::chrono::system_clock::time_point time) {
    const Parts p = split(time);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ",
                                   p.year, p.month, p.day, p.hour, p.minute, p.second, p.microsecond);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string compact_utc(std::chrono::system_clock::time_point time) {
    const Parts p = split(time);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02ld%02ld%02ldZ", p.year, p.month,
                                   p.day, p.hour, p.minute, p.second);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace migrate::util
