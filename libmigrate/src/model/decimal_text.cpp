#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "model/value_text.hpp"
#include "util/arithmetic.hpp"
#include "util/ascii.hpp"
#include "util/byte_order.hpp"
#include "util/digits.hpp"

// Source: PostgreSQL's numeric_send: big-endian int16 group count, weight, sign, display scale, then groups
// of four decimal digits, neither the first nor the last of them zero.
namespace migrate::model {
namespace {

constexpr std::size_t k_header = 8;
constexpr std::int64_t k_group_digits = 4;
constexpr std::uint16_t k_negative = 0x4000;
constexpr std::uint16_t k_nan = 0xC000;
constexpr std::uint16_t k_infinity = 0xD000;
constexpr std::uint16_t k_minus_infinity = 0xF000;
/// Bits of an infinity's packed header that numeric_send gives out as its scale (PostgreSQL 14 and later).
constexpr std::int64_t k_infinity_scale = 32;
constexpr std::int64_t k_max_weight = 32767;
constexpr std::int64_t k_max_scale = 16383;
/// Beyond every exponent that could still give a value within the limits.
constexpr std::int64_t k_exponent_cap = 4'000'000'000;

struct Header {
    std::int64_t groups;
    std::int64_t weight;
    std::uint16_t sign;
    std::int64_t scale;
};

Header read_header(std::string_view numeric) noexcept {
    const auto room = static_cast<std::int64_t>((numeric.size() - k_header) / 2);
    return {std::min<std::int64_t>(util::load_big<std::uint16_t>(numeric.data()), room),
            util::load_big<std::int16_t>(numeric.data() + 2),
            util::load_big<std::uint16_t>(numeric.data() + 4),
            util::load_big<std::uint16_t>(numeric.data() + 6)};
}

void write_header(char* to, const Header& header) noexcept {
    util::store_big(to, static_cast<std::uint16_t>(header.groups));
    util::store_big(to + 2, static_cast<std::int16_t>(header.weight));
    util::store_big(to + 4, header.sign);
    util::store_big(to + 6, static_cast<std::uint16_t>(header.scale));
}

void append_special(std::uint16_t sign, std::string& out) {
    const std::size_t start = out.size();
    out.resize(start + k_header);
    write_header(out.data() + start, {0, 0, sign, sign == k_nan ? 0 : k_infinity_scale});
}

std::uint16_t group_at(std::string_view numeric, const Header& header, std::int64_t index) noexcept {
    if (index < 0 || index >= header.groups) {
        return 0;
    }
    return util::load_big<std::uint16_t>(numeric.data() + k_header + 2 * static_cast<std::size_t>(index));
}

char* put_whole(std::string_view numeric, const Header& header, char* to) noexcept {
    if (header.weight < 0) {
        *to = '0';
        return to + 1;
    }
    const std::uint16_t first = group_at(numeric, header, 0);
    char four[k_group_digits];
    util::put_four(four, first);
    const int skipped = (first < 10) ? 3 : (first < 100) ? 2 : (first < 1000) ? 1 : 0;
    const auto kept = static_cast<std::size_t>(k_group_digits - skipped);
    std::memcpy(to, four + skipped, kept);
    to += kept;
    for (std::int64_t i = 1; i <= header.weight; ++i) {
        to = util::put_four(to, group_at(numeric, header, i));
    }
    return to;
}

char* put_fraction(std::string_view numeric, const Header& header, char* to) noexcept {
    char* const end = to + header.scale;
    for (std::int64_t i = header.weight + 1; to < end; ++i) {
        char four[k_group_digits];
        util::put_four(four, group_at(numeric, header, i));
        const auto kept = static_cast<std::size_t>(std::min<std::int64_t>(k_group_digits, end - to));
        std::memcpy(to, four, kept);
        to += kept;
    }
    return to;
}

/// A numeric literal taken apart: digits around the point, and where the point is once the exponent has moved
/// it.
struct Literal {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    std::int64_t exponent = 0;
};

std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t size = 0;
    while (size < text.size() && util::is_digit(text[size])) {
        ++size;
    }
    const std::string_view digits = text.substr(0, size);
    text.remove_prefix(size);
    return digits;
}

bool take_exponent(std::string_view& text, std::int64_t& exponent) noexcept {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const std::string_view digits = take_digits(text);
    for (const char c : digits) {
        exponent = std::min(exponent * 10 + (c - '0'), k_exponent_cap);
    }
    exponent = negative ? -exponent : exponent;
    return !digits.empty();
}

bool take_apart(std::string_view text, Literal& literal) noexcept {
    if (text.starts_with('-')) {
        literal.negative = true;
        text.remove_prefix(1);
    }
    literal.whole = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        literal.fraction = take_digits(text);
    }
    if (literal.whole.empty() && literal.fraction.empty()) {
        return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (!take_exponent(text, literal.exponent)) {
            return false;
        }
    }
    return text.empty();
}

/// Turns digits, given one by one from the first that is not zero, into groups.
class GroupWriter {
  public:
    /// `position` is the power of ten of the first digit.
    GroupWriter(char* to, std::int64_t position) noexcept
        : m_to(to), m_left(position - util::floor_div(position, k_group_digits) * k_group_digits) {}

    void put(std::string_view digits) noexcept {
        for (const char c : digits) {
            m_group = static_cast<std::uint16_t>(m_group * 10 + (c - '0'));
            if (m_left-- == 0) {
                flush();
            }
        }
    }
    void finish() noexcept {
        if (m_left == k_group_digits - 1) {
            return;
        }
        for (; m_left >= 0; --m_left) {
            m_group = static_cast<std::uint16_t>(m_group * 10);
        }
        flush();
    }

  private:
    void flush() noexcept {
        util::store_big(m_to, m_group);
        m_to += 2;
        m_group = 0;
        m_left = k_group_digits - 1;
    }

    char* m_to;
    std::int64_t m_left;  ///< Digits that the present group still takes after the next one.
    std::uint16_t m_group = 0;
};

constexpr std::int64_t signed_size(std::string_view digits) noexcept {
    return static_cast<std::int64_t>(digits.size());
}

/// The powers of ten of a number's first and last digit.
struct Extent {
    std::int64_t top = 0;
    std::int64_t bottom = 0;
};

/// Takes the zeros at both ends off; nothing is left of zero.
Extent trim_zeros(Literal& literal) noexcept {
    Extent extent{signed_size(literal.whole) + literal.exponent - 1, literal.exponent};
    if (const std::size_t last = literal.fraction.find_last_not_of('0'); last != std::string_view::npos) {
        literal.fraction = literal.fraction.substr(0, last + 1);
        extent.bottom -= signed_size(literal.fraction);
    } else {
        literal.fraction = {};
        const std::size_t kept = literal.whole.find_last_not_of('0') + 1;
        extent.bottom += static_cast<std::int64_t>(literal.whole.size() - kept);
        literal.whole = literal.whole.substr(0, kept);
    }
    while (literal.whole.starts_with('0')) {
        literal.whole.remove_prefix(1);
        --extent.top;
    }
    while (literal.whole.empty() && literal.fraction.starts_with('0')) {
        literal.fraction.remove_prefix(1);
        --extent.top;
    }
    return extent;
}

bool append_literal(Literal literal, std::string& out) {
    const std::int64_t scale = std::max<std::int64_t>(0, signed_size(literal.fraction) - literal.exponent);
    if (scale > k_max_scale) {
        return false;
    }
    const Extent extent = trim_zeros(literal);
    const std::size_t start = out.size();
    if (literal.whole.empty() && literal.fraction.empty()) {
        out.resize(start + k_header);
        write_header(out.data() + start, {0, 0, 0, scale});
        return true;
    }
    const std::int64_t weight = util::floor_div(extent.top, k_group_digits);
    if (weight > k_max_weight) {
        return false;
    }
    const std::int64_t groups = weight - util::floor_div(extent.bottom, k_group_digits) + 1;
    out.resize(start + k_header + 2 * static_cast<std::size_t>(groups));
    const auto sign = static_cast<std::uint16_t>(literal.negative ? k_negative : 0);
    write_header(out.data() + start, {groups, weight, sign, scale});
    GroupWriter writer(out.data() + start + k_header, extent.top);
    writer.put(literal.whole);
    writer.put(literal.fraction);
    writer.finish();
    return true;
}

constexpr std::int64_t digits_of(std::uint16_t group) noexcept {
    return group < 10 ? 1 : group < 100 ? 2 : group < 1000 ? 3 : 4;
}

constexpr std::int64_t trailing_zeros(std::uint16_t group) noexcept {
    std::int64_t zeros = 0;
    for (; group != 0 && group % 10 == 0; group = static_cast<std::uint16_t>(group / 10)) {
        ++zeros;
    }
    return zeros;
}

}  // namespace

void append_decimal(std::string_view numeric, std::string& out) {
    if (numeric.size() < k_header) {
        return;
    }
    const Header header = read_header(numeric);
    if (header.sign == k_nan) {
        out += "NaN";
        return;
    }
    if (header.sign == k_infinity || header.sign == k_minus_infinity) {
        out += header.sign == k_infinity ? "Infinity" : "-Infinity";
        return;
    }
    const std::size_t start = out.size();
    const std::int64_t whole = (std::max<std::int64_t>(header.weight, 0) + 1) * k_group_digits;
    out.resize(start + static_cast<std::size_t>(whole + header.scale + 2));
    char* to = out.data() + start;
    if (header.sign == k_negative) {
        *to++ = '-';
    }
    to = put_whole(numeric, header, to);
    if (header.scale > 0) {
        *to++ = '.';
        to = put_fraction(numeric, header, to);
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
}

bool read_decimal(std::string_view text, std::string& out) {
    Literal literal;
    if (take_apart(text, literal)) {
        return append_literal(literal, out);
    }
    if (text == "NaN") {
        append_special(k_nan, out);
    } else if (text == "Infinity") {
        append_special(k_infinity, out);
    } else if (text == "-Infinity") {
        append_special(k_minus_infinity, out);
    } else {
        return false;
    }
    return true;
}

bool fit_decimal(int precision, int scale, char* numeric, std::size_t size) {
    const std::string_view view(numeric, size);
    const Header header = read_header(view);
    if (header.sign == k_nan) {
        return true;
    }
    const std::int64_t shown = std::max(scale, 0);
    if (header.sign == k_infinity || header.sign == k_minus_infinity || header.scale > shown) {
        return false;
    }
    if (header.groups > 0) {
        const std::int64_t top = header.weight * k_group_digits + digits_of(group_at(view, header, 0)) - 1;
        const std::int64_t last_group = header.weight - header.groups + 1;
        const std::int64_t bottom =
            last_group * k_group_digits + trailing_zeros(group_at(view, header, header.groups - 1));
        if (top >= precision - scale || bottom < -scale) {
            return false;
        }
    }
    util::store_big(numeric + 6, static_cast<std::uint16_t>(shown));
    return true;
}

void trim_decimal(char* numeric, std::size_t size) {
    const std::string_view view(numeric, size);
    const Header header = read_header(view);
    if (header.sign != k_negative && header.sign != 0) {
        return;
    }
    std::int64_t last = header.groups - 1;
    while (last >= 0 && group_at(view, header, last) == 0) {
        --last;
    }
    const std::int64_t bottom =
        last < 0 ? 0 : (header.weight - last) * k_group_digits + trailing_zeros(group_at(view, header, last));
    const std::int64_t shown = std::min(header.scale, std::max<std::int64_t>(-bottom, 0));
    util::store_big(numeric + 6, static_cast<std::uint16_t>(shown));
}

}  // namespace migrate::model
