#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "model/calendar.hpp"
#include "model/datetime_parts.hpp"
#include "model/value_text.hpp"
#include "util/arithmetic.hpp"
#include "util/byte_order.hpp"

namespace migrate::model {
namespace {

constexpr std::string_view k_infinity = "infinity";
constexpr std::string_view k_minus_infinity = "-infinity";
constexpr std::size_t k_time_tz_size = 12;

/// A date, a time, a zone and what stands between them.
using Buffer = std::array<char, 4 * k_part_room>;

template <typename Slot>
bool append_infinity(std::int64_t value, std::string& out) {
    if (value == std::numeric_limits<Slot>::max()) {
        out += k_infinity;
        return true;
    }
    if (value == std::numeric_limits<Slot>::min()) {
        out += k_minus_infinity;
        return true;
    }
    return false;
}

template <typename Slot>
bool read_infinity(std::string_view text, std::int64_t& out) {
    if (text == k_infinity) {
        out = std::numeric_limits<Slot>::max();
        return true;
    }
    if (text == k_minus_infinity) {
        out = std::numeric_limits<Slot>::min();
        return true;
    }
    return false;
}

void append_buffer(const Buffer& buffer, const char* end, std::string& out) {
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

/// 24:00:00, the end of a day, is a time of its own.
bool take_end_of_day(DateTimeScanner& scanner) noexcept {
    if (!scanner.take("24:00:00")) {
        return false;
    }
    if (scanner.take('.')) {
        int zeros = 0;
        while (zeros < 6 && scanner.take('0')) {
            ++zeros;
        }
        return zeros > 0;
    }
    return true;
}

bool take_time_of_day(DateTimeScanner& scanner, std::int64_t& out) noexcept {
    DateTimeScanner end_of_day = scanner;
    if (take_end_of_day(end_of_day)) {
        scanner = end_of_day;
        out = k_day_microseconds;
        return true;
    }
    return scanner.take_time(out);
}

}  // namespace

void append_date(std::int64_t days, std::string& out) {
    if (append_infinity<std::int32_t>(days, out)) {
        return;
    }
    Buffer buffer;
    const CivilDate date = date_of(days);
    append_buffer(buffer, put_bc(put_date(buffer.data(), date), date), out);
}

bool read_date(std::string_view text, std::int64_t& out) {
    DateTimeScanner scanner(text);
    CivilDate date;
    if (!scanner.take_date(date)) {
        return read_infinity<std::int32_t>(text, out);
    }
    scanner.take_bc(date);
    out = days_of(date);
    return scanner.at_end() && is_real_day(date) && out >= k_first_day && out <= k_last_date_day;
}

void append_time(std::int64_t microseconds, std::string& out, int fraction_digits) {
    Buffer buffer;
    append_buffer(buffer, put_time(buffer.data(), microseconds, fraction_digits), out);
}

bool read_time(std::string_view text, std::int64_t& out) {
    DateTimeScanner scanner(text);
    return take_time_of_day(scanner, out) && scanner.at_end();
}

void append_time_tz(std::string_view value, std::string& out) {
    if (value.size() != k_time_tz_size) {
        return;
    }
    Buffer buffer;
    char* const zone = put_time(buffer.data(), util::load_big<std::int64_t>(value.data()), -1);
    append_buffer(buffer, put_zone(zone, util::load_big<std::int32_t>(value.data() + 8)), out);
}

bool read_time_tz(std::string_view text, std::string& out) {
    DateTimeScanner scanner(text);
    std::int64_t time = 0;
    std::int32_t zone = 0;
    if (!take_time_of_day(scanner, time) || !scanner.take_zone(zone) || !scanner.at_end()) {
        return false;
    }
    util::append_big(out, time);
    util::append_big(out, zone);
    return true;
}

void append_timestamp(std::int64_t microseconds, char separator, bool utc, std::string& out,
                      int fraction_digits) {
    if (append_infinity<std::int64_t>(microseconds, out)) {
        return;
    }
    const std::int64_t days = util::floor_div(microseconds, k_day_microseconds);
    const CivilDate date = date_of(days);
    Buffer buffer;
    char* to = put_date(buffer.data(), date);
    *to++ = separator;
    // The remainder, not a subtraction of whole days, which would overflow at the type's lower end.
    const std::int64_t remainder = microseconds % k_day_microseconds;
    to = put_time(to, remainder < 0 ? remainder + k_day_microseconds : remainder, fraction_digits);
    if (utc) {
        *to++ = 'Z';
    }
    append_buffer(buffer, put_bc(to, date), out);
}

bool read_timestamp(std::string_view text, bool zone, std::int64_t& out) {
    DateTimeScanner scanner(text);
    CivilDate date;
    if (!scanner.take_date(date)) {
        return read_infinity<std::int64_t>(text, out);
    }
    std::int64_t time = 0;
    std::int32_t seconds_west = 0;
    if ((!scanner.take('T') && !scanner.take(' ')) || !scanner.take_time(time) ||
        (zone && !scanner.take('Z') && !scanner.take_zone(seconds_west))) {
        return false;
    }
    scanner.take_bc(date);
    if (!scanner.at_end() || !is_real_day(date)) {
        return false;
    }
    // A zone can bring a local time past the limits back into them, so the sum is taken without overflow.
    const __int128 sum = static_cast<__int128>(days_of(date)) * k_day_microseconds + time +
                         static_cast<__int128>(seconds_west) * 1'000'000;
    if (sum < k_first_timestamp || sum > k_last_timestamp) {
        return false;
    }
    out = static_cast<std::int64_t>(sum);
    return true;
}

}  // namespace migrate::model
