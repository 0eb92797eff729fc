#include "util/json_seal.hpp"

#include <algorithm>

#include "util/hash.hpp"

namespace migrate::util {
namespace {

constexpr std::string_view k_before = ",\"checksum\":\"";
constexpr std::string_view k_after = "\"}";
constexpr std::size_t k_hash_size = 32;
constexpr std::string_view k_blanks = " \t\r\n";
constexpr std::string_view k_written_over = "\"audit_head\"";

/// One past the string that begins at a quote.
std::size_t string_end(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        at += text[at] == '\\' ? 1 : 0;
    }
    return std::min(at + 1, text.size());
}

/// What counts of it.
std::string tokens_of(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool is_written_over = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '"') {
            if (k_blanks.find(text[at]) == std::string_view::npos) {
                out += text[at];
            }
            ++at;
            continue;
        }
        const std::size_t end = string_end(text, at);
        const std::string_view token = text.substr(at, end - at);
        out += is_written_over ? std::string_view("\"\"") : token;
        const std::size_t next = text.find_first_not_of(k_blanks, end);
        is_written_over = token == k_written_over && next != std::string_view::npos && text[next] == ':';
        at = end;
    }
    return out;
}

}  // namespace

std::string sealed_json(const std::string& object) {
    const std::size_t close = object.rfind('}');
    const std::size_t last = object.find_last_not_of(k_blanks, close - 1);
    return object.substr(0, last + 1) + ",\n \"checksum\": \"" + hash128_hex(tokens_of(object)) + '"' +
           object.substr(last + 1);
}

bool seal_holds(std::string_view object) {
    const std::string tokens = tokens_of(object);
    const std::size_t size = k_before.size() + k_hash_size + k_after.size();
    if (tokens.size() < size) {
        return true;
    }
    const std::string_view all = tokens;
    const std::string_view seal = all.substr(all.size() - size);
    if (!seal.starts_with(k_before) || !seal.ends_with(k_after)) {
        return true;
    }
    const std::string rest = std::string(all.substr(0, all.size() - size)) + "}";
    return hash128_hex(rest) == seal.substr(k_before.size(), k_hash_size);
}

}  // namespace migrate::util
