#include "backends/sqlite/time_pattern.hpp"

#include <limits>

#include "model/calendar.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

constexpr std::int64_t k_day_us = 86'400'000'000;
constexpr std::int64_t k_minute_us = 60'000'000;
constexpr std::int64_t k_unit_us[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
/// 0001-01-01 and 9999-12-31 in days since 2000-01-01: what four digits of a year can say.
constexpr std::int64_t k_first_day = -730'119;
constexpr std::int64_t k_last_day = 2'921'939;

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) {
        return false;
    }
    text.remove_prefix(word.size());
    return true;
}

std::size_t leading_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && util::is_digit(text[count])) {
        ++count;
    }
    return count;
}

bool looks_like_date(std::string_view text) {
    return text.size() >= 10 && leading_digits(text) == 4 && text[4] == '-' && text[7] == '-';
}

bool looks_like_time(std::string_view text) {
    return text.size() >= 5 && leading_digits(text) == 2 && text[2] == ':';
}

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

std::string fraction_text(std::int64_t microseconds, const TimePattern& pattern) {
    std::string digits = std::to_string(1'000'000 + microseconds).substr(1);
    if (pattern.fraction == TimePattern::Fraction::trimmed) {
        digits.erase(digits.find_last_not_of('0') + 1);
    } else if (pattern.fraction == TimePattern::Fraction::optional && microseconds == 0) {
        digits.clear();
    } else {
        digits.resize(static_cast<std::size_t>(pattern.digits));
    }
    return digits.empty() ? digits : "." + digits;
}

/// "[.SSS]", "[.S*]", ".SSS"; consumes them.
bool read_fraction_picture(std::string_view& picture, TimePattern& pattern) {
    if (take(picture, "[.S*]")) {
        pattern.fraction = TimePattern::Fraction::trimmed;
        pattern.digits = 6;
        return true;
    }
    const bool optional = take(picture, "[.");
    if (!optional && !take(picture, ".")) {
        return true;
    }
    while (take(picture, "S")) {
        ++pattern.digits;
    }
    pattern.fraction = optional ? TimePattern::Fraction::optional : TimePattern::Fraction::fixed;
    return pattern.digits >= 1 && pattern.digits <= 6 && (!optional || take(picture, "]"));
}

/// The two digits at a place; 100 where they are none.
unsigned two_digits(const char* at) noexcept {
    return util::is_digit(at[0]) && util::is_digit(at[1])
               ? static_cast<unsigned>(at[0] - '0') * 10 + static_cast<unsigned>(at[1] - '0')
               : 100;
}

/// "YYYY-MM-DD" from year 1 on. Requires: ten bytes.
bool read_plain_day(const char* at, std::int64_t& day) noexcept {
    const unsigned century = two_digits(at);
    const unsigned in_century = two_digits(at + 2);
    const unsigned month = two_digits(at + 5);
    const unsigned in_month = two_digits(at + 8);
    const unsigned year = century * 100 + in_century;
    if (century > 99 || in_century > 99 || year == 0 || at[4] != '-' || at[7] != '-' || month < 1 ||
        month > 12 || in_month < 1 || in_month > model::days_of_month(year, month)) {
        return false;
    }
    day = model::days_of({year, month, in_month});
    return true;
}

/// "HH:MM:SS", or "HH:MM", up to 23:59:59. Requires: as many bytes.
bool read_plain_clock(const char* at, bool seconds, std::int64_t& in_day) noexcept {
    const unsigned hour = two_digits(at);
    const unsigned minute = two_digits(at + 3);
    const unsigned second = seconds ? two_digits(at + 6) : 0;
    if (hour > 23 || minute > 59 || second > 59 || at[2] != ':' || (seconds && at[5] != ':')) {
        return false;
    }
    in_day = (hour * 60 + minute) * k_minute_us + second * k_unit_us[0];
    return true;
}

/// What has each digit in its place, and no fraction, is written the same way again. False: not known.
bool read_plain(const TimePattern& pattern, std::string_view text, std::int64_t& value) noexcept {
    const std::size_t day_size = !pattern.date ? 0 : pattern.time ? 11 : 10;
    const std::size_t clock_size = !pattern.time ? 0 : pattern.seconds ? 8 : 5;
    if (text.size() != day_size + clock_size + pattern.zone.size() || !text.ends_with(pattern.zone) ||
        (pattern.digits > 0 && pattern.fraction == TimePattern::Fraction::fixed)) {
        return false;
    }
    std::int64_t day = 0;
    std::int64_t in_day = 0;
    if ((pattern.date && !read_plain_day(text.data(), day)) ||
        (pattern.time && !read_plain_clock(text.data() + day_size, pattern.seconds, in_day)) ||
        (pattern.date && pattern.time && text[10] != pattern.separator)) {
        return false;
    }
    value = pattern.time ? day * k_day_us + in_day : day;
    return true;
}

}  // namespace

bool TimePattern::read(std::string_view text, std::int64_t& value) const {
    if (read_plain(*this, text, value)) {
        return true;
    }
    std::string completed;
    std::string_view whole = text;
    if (!zone.empty()) {
        if (!whole.ends_with(zone)) {
            return false;
        }
        whole.remove_suffix(zone.size());
    }
    if (time && !seconds) {
        completed.assign(whole).append(":00");
        whole = completed;
    }
    if (date && time && (whole.size() < 11 || whole[10] != separator)) {
        return false;
    }
    const bool is_read = !time   ? model::read_date(whole, value)
                         : !date ? model::read_time(whole, value)
                                 : model::read_timestamp(whole, false, value);
    if (!is_read) {
        return false;
    }
    std::string again;
    return write(value, again) && again == text;
}

bool TimePattern::write(std::int64_t value, std::string& out) const {
    const std::int64_t day = !time ? value : date ? floor_div(value, k_day_us) : 0;
    if (day < k_first_day || day > k_last_day) {
        return false;
    }
    if (date) {
        model::append_date(day, out);
        if (!time) {
            return true;
        }
        out += separator;
    }
    const std::int64_t in_day = value - day * k_day_us;
    const std::int64_t fraction_us = in_day % k_unit_us[0];
    if ((!seconds && in_day % k_minute_us != 0) || fraction_us % k_unit_us[digits] != 0) {
        return false;
    }
    std::string clock;
    model::append_time(in_day - fraction_us, clock);
    out.append(clock, 0, seconds ? 8 : 5);
    if (seconds) {
        out += fraction_text(fraction_us, *this);
    }
    out += zone;
    return true;
}

std::string TimePattern::picture() const {
    std::string out = date ? "YYYY-MM-DD" : "";
    if (!time) {
        return out;
    }
    if (date) {
        out += separator;
    }
    out += seconds ? "HH:MM:SS" : "HH:MM";
    if (digits > 0) {
        const std::string run = "." + std::string(static_cast<std::size_t>(digits), 'S');
        out += fraction == Fraction::trimmed    ? "[.S*]"
               : fraction == Fraction::optional ? "[" + run + "]"
                                                : run;
    }
    return out + zone;
}

std::optional<TimePattern> TimePattern::of_picture(std::string_view picture) {
    TimePattern pattern;
    pattern.date = take(picture, "YYYY-MM-DD");
    if (pattern.date && picture.empty()) {
        pattern.time = false;
        return pattern;
    }
    if (pattern.date) {
        pattern.separator = picture.front();
        if (pattern.separator != ' ' && pattern.separator != 'T') {
            return std::nullopt;
        }
        picture.remove_prefix(1);
    }
    if (!take(picture, "HH:MM")) {
        return std::nullopt;
    }
    pattern.seconds = take(picture, ":SS");
    if (pattern.seconds && !read_fraction_picture(picture, pattern)) {
        return std::nullopt;
    }
    pattern.zone = picture;
    const bool known_zone = picture.empty() || (pattern.date && (picture == "Z" || picture == "+00:00"));
    return known_zone ? std::optional(pattern) : std::nullopt;
}

std::vector<TimePattern> TimePattern::guess(std::string_view text) {
    TimePattern pattern;
    pattern.date = looks_like_date(text);
    if (pattern.date) {
        text.remove_prefix(10);
        if (text.empty()) {
            pattern.time = false;
            return {pattern};
        }
        pattern.separator = text.front();
        text.remove_prefix(1);
    }
    if (!looks_like_time(text) || (pattern.separator != ' ' && pattern.separator != 'T')) {
        return {};
    }
    text.remove_prefix(5);
    pattern.seconds = text.starts_with(':') && text.size() >= 3;
    if (pattern.seconds) {
        text.remove_prefix(3);
    }
    std::size_t digits = 0;
    if (text.starts_with('.')) {
        digits = leading_digits(text.substr(1));
        text.remove_prefix(1 + digits);
    }
    pattern.zone = text;
    if (digits > 6 || (!text.empty() && (!pattern.date || (text != "Z" && text != "+00:00")))) {
        return {};
    }
    pattern.digits = static_cast<int>(digits);
    std::vector<TimePattern> all = {pattern};
    for (const int optional : {3, 6}) {
        pattern.fraction = Fraction::optional;
        pattern.digits = optional;
        all.push_back(pattern);
    }
    pattern.fraction = Fraction::trimmed;
    all.push_back(pattern);
    if (!pattern.seconds) {
        all.resize(1);
    }
    return all;
}

}  // namespace migrate::backends::sqlite
