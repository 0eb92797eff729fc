#include "util/redact.hpp"

#include <cstddef>

#include "util/ascii.hpp"

namespace migrate::util {
namespace {

constexpr std::string_view k_mask = "***";
constexpr std::string_view k_key = "password";

constexpr bool ends_uri(char c) noexcept {
    return is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>';
}

/// Where a URI's password begins and ends, given the text after "://". A password may hold '@', '/' or '?'
/// that its writer forgot to encode, so it goes up to the last '@' of the URI.
struct Span {
    std::size_t begin = std::string_view::npos;
    std::size_t end = 0;
};

Span find_uri_password(std::string_view rest) {
    std::size_t length = 0;
    while (length < rest.size() && !ends_uri(rest[length])) {
        ++length;
    }
    const std::string_view uri = rest.substr(0, length);
    const std::size_t at = uri.rfind('@');
    const std::size_t colon = uri.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) {
        return {};
    }
    return {colon + 1, at};
}

std::string mask_uris(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t scheme = text.find("://");
        if (scheme == std::string_view::npos) {
            out += text;
            return out;
        }
        out += text.substr(0, scheme + 3);
        text.remove_prefix(scheme + 3);
        const Span password = find_uri_password(text);
        if (password.begin != std::string_view::npos) {
            out += text.substr(0, password.begin);
            out += k_mask;
            text.remove_prefix(password.end);
        }
    }
}

std::size_t find_key(std::string_view text, std::size_t from) {
    for (; from + k_key.size() <= text.size(); ++from) {
        if (equals_ignore_case(text.substr(from, k_key.size()), k_key)) {
            return from;
        }
    }
    return std::string_view::npos;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

/// The end of the value at `at`. Quoted values go to their closing quote, a backslash taking the next
/// character along, as libpq reads them.
std::size_t end_of_value(std::string_view text, std::size_t at, bool in_query) {
    const char quote = at < text.size() && (text[at] == '\'' || text[at] == '"') ? text[at] : '\0';
    if (quote != '\0') {
        ++at;
    }
    for (; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (quote != '\0' && text[at] == quote) {
            return at + 1;
        } else if (quote == '\0' && (is_space(text[at]) || (in_query && text[at] == '&'))) {
            return at;
        }
    }
    return text.size();
}

/// True where the key whose last word begins at `key` is a parameter of a URI's query.
bool is_query_parameter(std::string_view text, std::size_t key) {
    while (key > 0 && is_letter(text[key - 1])) {
        --key;
    }
    return key > 0 && (text[key - 1] == '?' || text[key - 1] == '&');
}

}  // namespace

std::string redact(std::string_view original) {
    const std::string masked = mask_uris(original);
    const std::string_view text = masked;
    std::string out;
    std::size_t done = 0;
    for (std::size_t key = find_key(text, 0); key != std::string_view::npos; key = find_key(text, key)) {
        const std::size_t equals = skip_spaces(text, key + k_key.size());
        if (equals >= text.size() || text[equals] != '=') {
            key += k_key.size();
            continue;
        }
        const bool in_query = is_query_parameter(text, key);
        const std::size_t value = in_query ? equals + 1 : skip_spaces(text, equals + 1);
        out += text.substr(done, equals + 1 - done);
        out += k_mask;
        done = end_of_value(text, value, in_query);
        key = done;
    }
    out += text.substr(done);
    return out;
}

}  // namespace migrate::util
