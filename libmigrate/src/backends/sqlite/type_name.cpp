#include "backends/sqlite/type_name.hpp"

#include <algorithm>
#include <charconv>

#include "util/ascii.hpp"

namespace migrate::backends::sqlite {

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), util::to_upper);
    return out;
}

std::string squeeze(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (!util::is_space(c)) {
            out.push_back(c);
        } else if (!out.empty() && out.back() != ' ') {
            out.push_back(' ');
        }
    }
    if (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
    return out;
}

std::optional<std::int64_t> number(std::string_view text) {
    const std::string trimmed = squeeze(text);
    const char* begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
    const char* end = trimmed.data() + trimmed.size();
    std::int64_t value = 0;
    const auto parsed = std::from_chars(begin, end, value);
    return begin != end && parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value)
                                                                         : std::nullopt;
}

}  // namespace

DeclaredType read_type_name(std::string_view declared, bool strict) {
    DeclaredType type;
    type.affinity = affinity_of(declared, strict);
    const std::size_t open = declared.find('(');
    const std::size_t close = declared.find(')', std::min(open, declared.size()));
    if (open == std::string_view::npos || close == std::string_view::npos) {
        type.name = upper(squeeze(declared));
        return type;
    }
    // Some spell the length in the middle: "CHARACTER (20) VARYING".
    type.name =
        upper(squeeze(std::string(declared.substr(0, open)) + " " + std::string(declared.substr(close + 1))));
    const std::string_view arguments = declared.substr(open + 1, close - open - 1);
    const std::size_t comma = arguments.find(',');
    type.first_argument = number(arguments.substr(0, comma));
    if (comma != std::string_view::npos) {
        type.second_argument = number(arguments.substr(comma + 1));
    }
    return type;
}

}  // namespace migrate::backends::sqlite
