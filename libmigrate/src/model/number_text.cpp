#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <system_error>

#include "model/value_text.hpp"
#include "util/json_number.hpp"

namespace migrate::model {
namespace {

template <typename Float>
void append_float(Float value, std::string& out) {
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
        return;
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

template <typename Float>
bool read_float(std::string_view text, Float& out) {
    constexpr Float infinity = std::numeric_limits<Float>::infinity();
    // from_chars also takes "inf", "nan(…)", "1." and ".5", which no number here is spelled like.
    if (!util::is_json_number(text)) {
        if (text == "NaN") {
            out = std::numeric_limits<Float>::quiet_NaN();
        } else if (text == "Infinity") {
            out = infinity;
        } else if (text == "-Infinity") {
            out = -infinity;
        } else {
            return false;
        }
        return true;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    // Past the largest value, or a number that is not zero read as zero: neither would come back.
    return error == std::errc{} && end == text.data() + text.size() && std::isfinite(out) &&
           (out != 0 ||
            text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == std::string_view::npos);
}

}  // namespace

void append_float64(double value, std::string& out) {
    append_float(value, out);
}
void append_float32(float value, std::string& out) {
    append_float(value, out);
}
bool read_float64(std::string_view text, double& out) {
    return read_float(text, out);
}
bool read_float32(std::string_view text, float& out) {
    return read_float(text, out);
}

bool read_int64(std::string_view text, std::int64_t& out) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || (digits.front() == '0' && text != "0")) {
        return false;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace migrate::model
