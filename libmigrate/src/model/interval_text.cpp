#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "model/value_text.hpp"
#include "util/ascii.hpp"
#include "util/byte_order.hpp"
#include "util/digits.hpp"

namespace migrate::model {
namespace {

constexpr std::size_t k_interval_size = 16;
constexpr std::int64_t k_second = 1'000'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
/// Nine parts of at most 20 characters and their letters.
constexpr std::size_t k_room = 256;

char* put_field(char* to, std::int64_t value, char unit) noexcept {
    if (value == 0) {
        return to;
    }
    to = std::to_chars(to, to + 20, value).ptr;
    *to++ = unit;
    return to;
}

char* put_seconds(char* to, std::int64_t microseconds) noexcept {
    if (microseconds == 0) {
        return to;
    }
    if (microseconds < 0) {
        *to++ = '-';
        microseconds = -microseconds;
    }
    to = std::to_chars(to, to + 20, microseconds / k_second).ptr;
    if (microseconds % k_second != 0) {
        *to++ = '.';
        to = util::put_six(to, static_cast<std::uint64_t>(microseconds % k_second));
        while (to[-1] == '0') {
            --to;
        }
    }
    *to++ = 'S';
    return to;
}

/// Takes number-and-unit fields from the front of a text.
class FieldScanner {
  public:
    explicit FieldScanner(std::string_view text) noexcept : m_text(text) {}

    [[nodiscard]] bool at_end() const noexcept { return m_text.empty(); }

    bool take(char c) noexcept {
        if (!m_text.starts_with(c)) {
            return false;
        }
        m_text.remove_prefix(1);
        return true;
    }

    /// The value before the unit, or 0 with nothing taken where the next field has another unit.
    std::int64_t take_field(char unit) noexcept {
        std::int64_t value = 0;
        const char* const end = m_text.data() + m_text.size();
        const auto [stop, error] = std::from_chars(m_text.data(), end, value);
        if (error != std::errc{} || stop == end || *stop != unit) {
            return 0;
        }
        m_text.remove_prefix(static_cast<std::size_t>(stop - m_text.data()) + 1);
        return value;
    }

    /// Units: µs.
    __int128 take_seconds() noexcept {
        const bool negative = m_text.starts_with('-');
        std::int64_t whole = 0;
        const char* const end = m_text.data() + m_text.size();
        auto [stop, error] = std::from_chars(m_text.data(), end, whole);
        if (error != std::errc{}) {
            return 0;
        }
        std::int64_t fraction = 0;
        if (stop != end && *stop == '.') {
            std::int64_t unit = k_second;
            for (++stop; stop != end && util::is_digit(*stop) && unit > 1; ++stop) {
                unit /= 10;
                fraction += (*stop - '0') * unit;
            }
        }
        if (stop == end || *stop != 'S') {
            return 0;
        }
        m_text.remove_prefix(static_cast<std::size_t>(stop - m_text.data()) + 1);
        return static_cast<__int128>(whole) * k_second + (negative ? -fraction : fraction);
    }

  private:
    std::string_view m_text;
};

template <typename To>
bool narrow(__int128 value, To& out) noexcept {
    out = static_cast<To>(value);
    return value >= std::numeric_limits<To>::min() && value <= std::numeric_limits<To>::max();
}

}  // namespace

void append_interval(std::string_view value, std::string& out) {
    if (value.size() != k_interval_size) {
        return;
    }
    const auto time = util::load_big<std::int64_t>(value.data());
    const auto days = util::load_big<std::int32_t>(value.data() + 8);
    const auto months = util::load_big<std::int32_t>(value.data() + 12);
    if (time == 0 && days == 0 && months == 0) {
        out += "PT0S";
        return;
    }
    std::array<char, k_room> buffer;
    char* to = buffer.data();
    *to++ = 'P';
    to = put_field(to, months / 12, 'Y');
    to = put_field(to, months % 12, 'M');
    to = put_field(to, days, 'D');
    if (time != 0) {
        *to++ = 'T';
        to = put_field(to, time / k_hour, 'H');
        to = put_field(to, time % k_hour / k_minute, 'M');
        to = put_seconds(to, time % k_minute);
    }
    out.append(buffer.data(), static_cast<std::size_t>(to - buffer.data()));
}

bool read_interval(std::string_view text, std::string& out) {
    FieldScanner scanner(text);
    if (!scanner.take('P')) {
        return false;
    }
    const __int128 years = scanner.take_field('Y');
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::int64_t time = 0;
    if (!narrow(years * 12 + scanner.take_field('M'), months) || !narrow(scanner.take_field('D'), days)) {
        return false;
    }
    if (scanner.take('T')) {
        __int128 sum = static_cast<__int128>(scanner.take_field('H')) * k_hour;
        sum += static_cast<__int128>(scanner.take_field('M')) * k_minute;
        sum += scanner.take_seconds();
        if (!narrow(sum, time)) {
            return false;
        }
    }
    if (!scanner.at_end()) {
        return false;
    }
    const std::size_t start = out.size();
    util::append_big(out, time);
    util::append_big(out, days);
    util::append_big(out, months);
    // Only the one spelling: P13M, P01D or PT0.50S would come back as something else.
    std::string again;
    append_interval(std::string_view(out).substr(start), again);
    return again == text;
}

}  // namespace migrate::model
