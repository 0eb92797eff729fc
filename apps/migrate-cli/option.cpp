#include "option.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "printable.hpp"
#include "suggestion.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> items(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == separator) {
            items.back() += text[++i];
        } else if (text[i] == separator) {
            items.emplace_back();
        } else {
            items.back() += text[i];
        }
    }
    std::erase(items, "");
    return items;
}

void check_choice(const OptionSpec& option, const std::string& text, const std::string& origin) {
    const std::vector<std::string> choices = choices_of(option);
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
        return;
    }
    const std::string hint = did_you_mean(text, choices);
    usage_error(fmt::format("{}: \"{}\" is none of {}", origin, printable(text), fmt::join(choices, ", ")),
                hint.empty() ? "give one of these" : hint);
}

}  // namespace

const OptionSpec* find_option(std::string_view name) {
    const auto options = all_options();
    const auto at =
        std::find_if(options.begin(), options.end(), [&](const OptionSpec& o) { return o.name == name; });
    return at == options.end() ? nullptr : &*at;
}

std::vector<std::string> choices_of(const OptionSpec& option) {
    return split(option.choices, '|');
}

std::string environment_name(const OptionSpec& option) {
    std::string name = "MIGRATE_";
    for (const char c : option.name) {
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

bool read_flag(const std::string& text, const std::string& what) {
    for (const char* yes : {"true", "yes", "on", "1"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const char* no : {"false", "no", "off", "0"}) {
        if (text == no) {
            return false;
        }
    }
    usage_error(fmt::format("{}: \"{}\" is neither true nor false", what, printable(text)));
}

std::uint64_t read_count(const std::string& text, const std::string& what) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stop != end) {
        usage_error(fmt::format("{}: \"{}\" is not a whole number", what, printable(text)));
    }
    return count;
}

std::uint64_t read_size(const std::string& text, const std::string& what) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string unit = text.substr(digits);
    for (const char* ending : {"iB", "B"}) {
        if (unit.size() > 1 && unit.ends_with(ending)) {
            unit.resize(unit.size() - std::string_view(ending).size());
            break;
        }
    }
    const auto power = unit.empty() || unit == "B"  ? 0
                       : unit == "K" || unit == "k" ? 10
                       : unit == "M"                ? 20
                       : unit == "G"                ? 30
                                                    : -1;
    if (digits == 0 || power < 0) {
        usage_error(fmt::format("{}: \"{}\" is not a size", what, printable(text)),
                    "write bytes, or a number with K, M or G, as in 256M");
    }
    const std::uint64_t amount = read_count(text.substr(0, digits), what);
    if (amount > (std::numeric_limits<std::uint64_t>::max() >> power)) {
        usage_error(fmt::format("{}: \"{}\" is more than can be counted", what, printable(text)));
    }
    return amount << power;
}

Rate read_rate(const std::string& text, const std::string& what) {
    constexpr std::string_view k_rows = "rows";
    std::string amount = text.ends_with("/s") ? text.substr(0, text.size() - 2) : text;
    const bool rows = amount.ends_with(k_rows);
    if (rows) {
        amount.resize(amount.size() - k_rows.size());
    }
    const bool counted = !amount.empty() && amount.find_first_not_of("0123456789") == std::string::npos;
    if (rows ? !counted : !amount.ends_with('B')) {
        usage_error(fmt::format("{}: \"{}\" is not a rate", what, printable(text)),
                    "write rows or bytes a second, as in 5000rows or 20MB");
    }
    Rate rate;
    (rows ? rate.rows_per_second : rate.bytes_per_second) =
        rows ? read_count(amount, what) : read_size(amount, what);
    if (rate.rows_per_second + rate.bytes_per_second == 0) {
        usage_error(fmt::format("{}: at a rate of 0 nothing would ever be read", what),
                    "leave it out for no limit");
    }
    return rate;
}

std::vector<std::string> read_values(const OptionSpec& option, const std::string& text,
                                     const std::string& origin) {
    switch (option.kind) {
        case OptionKind::flag:
            return {read_flag(text, origin) ? "true" : "false"};
        case OptionKind::count:
            return {std::to_string(read_count(text, origin))};
        case OptionKind::size:
            return {std::to_string(read_size(text, origin))};
        case OptionKind::choice:
            check_choice(option, text, origin);
            return {text};
        case OptionKind::rate:
            read_rate(text, origin);
            return {text};
        case OptionKind::list:
            return split(text, ',');
        case OptionKind::text:
        case OptionKind::repeat:
            break;
    }
    return {text};
}

}  // namespace migrate::cli
