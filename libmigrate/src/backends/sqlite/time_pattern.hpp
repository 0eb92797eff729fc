#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::backends::sqlite {

/// One exact way to write a date, a time of day or both as text, named by its picture:
///   YYYY-MM-DD   HH:MM   HH:MM:SS   YYYY-MM-DD HH:MM:SS   YYYY-MM-DDTHH:MM:SS.SSSZ   …+00:00
/// After the seconds: nothing, ".S"… with 1 to 6 fixed digits, "[.SSS]" or "[.SSSSSS]" (left away when zero),
/// or "[.S*]" (zeros at the end left away). A value is read only if it would be written the same way.
struct TimePattern {
    enum class Fraction : std::uint8_t { fixed, optional, trimmed };

    bool date = true;
    bool time = true;
    char separator = ' ';  ///< Between date and time.
    bool seconds = true;
    Fraction fraction = Fraction::fixed;
    int digits = 0;    ///< Of the fraction.
    std::string zone;  ///< "", "Z" or "+00:00".

    /// Units: µs since 2000-01-01 (since midnight without a date; days since 2000-01-01 without a time).
    [[nodiscard]] bool read(std::string_view text, std::int64_t& value) const;
    /// Appends. False where the picture cannot say the value exactly.
    bool write(std::int64_t value, std::string& out) const;

    [[nodiscard]] std::string picture() const;
    static std::optional<TimePattern> of_picture(std::string_view picture);
    /// The pictures that this text may be written by; the likeliest first. Empty if it is no such text.
    static std::vector<TimePattern> guess(std::string_view text);
};

}  // namespace migrate::backends::sqlite
