#include "model/array_cast.hpp"

#include <vector>

namespace migrate::model {
namespace {

constexpr std::string_view k_begin = "(ARRAY[";
constexpr std::string_view k_array = "ARRAY[";
constexpr std::size_t k_none = std::string_view::npos;

/// Where a quoted part that begins at `at` ends; `at` where none begins.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
    const char quote = sql[at];
    if (quote != '\'' && quote != '"') {
        return at;
    }
    const bool escapes = quote == '\'' && at > 0 && sql[at - 1] == 'E';
    for (++at; at < sql.size(); ++at) {
        if (escapes && sql[at] == '\\') {
            ++at;
        } else if (sql[at] == quote) {
            return at + 1;
        }
    }
    return sql.size();
}

/// Where the bracket that closes the one before `at` stands; the places of the commas of its own level are
/// added to `commas`.
std::size_t closing(std::string_view sql, std::size_t at, std::vector<std::size_t>& commas) {
    int depth = 0;
    while (at < sql.size()) {
        const char c = sql[at];
        const std::size_t past = skip_quoted(sql, at);
        if (past != at) {
            at = past;
            continue;
        }
        if (depth == 0 && (c == ']' || c == ')')) {
            return at;
        }
        depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
        if (depth == 0 && c == ',') {
            commas.push_back(at);
        }
        ++at;
    }
    return k_none;
}

/// The name of the type that stands before "[]" at `at`; empty if none does.
std::string_view element_type(std::string_view sql, std::size_t at) {
    std::size_t end = at;
    while (end < sql.size() && sql.substr(end, 2) != "[]") {
        const std::size_t past = skip_quoted(sql, end);
        const char c = sql[end];
        const bool in_name = past != end || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                             c == ' ' || c == '.' || c == '(' || c == ')' || c == ',';
        if (!in_name) {
            return {};
        }
        end = past != end ? past : end + 1;
    }
    return end < sql.size() ? sql.substr(at, end - at) : std::string_view();
}

std::string cast_elements(std::string_view inside, const std::vector<std::size_t>& commas, std::size_t base,
                          std::string_view type) {
    std::string out(k_array);
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= commas.size(); ++i) {
        const std::size_t end = i < commas.size() ? commas[i] - base : inside.size();
        std::string_view element = inside.substr(begin, end - begin);
        if (i > 0) {
            element.remove_prefix(element.starts_with(' ') ? 1 : 0);
            out += ", ";
        }
        if (element.starts_with(k_array)) {
            // Of an array of arrays the innermost elements are cast.
            out += settle_array_casts("(" + std::string(element) + ")::" + std::string(type) + "[]");
        } else if (!element.empty()) {
            out += "(" + settle_array_casts(element) + ")::" + std::string(type);
        }
        begin = end + 1;
    }
    return out + "]";
}

}  // namespace

std::string settle_array_casts(std::string_view sql) {
    std::string out;
    std::size_t at = 0;
    while (at < sql.size()) {
        if (sql.substr(at, k_begin.size()) == k_begin) {
            std::vector<std::size_t> commas;
            const std::size_t inside = at + k_begin.size();
            const std::size_t close = closing(sql, inside, commas);
            if (close != k_none && sql.substr(close, 4) == "])::") {
                const std::string_view type = element_type(sql, close + 4);
                if (!type.empty()) {
                    out += cast_elements(sql.substr(inside, close - inside), commas, inside, type);
                    at = close + 4 + type.size() + 2;
                    continue;
                }
            }
        }
        const std::size_t past = skip_quoted(sql, at);
        const std::size_t end = past == at ? at + 1 : past;
        out += sql.substr(at, end - at);
        at = end;
    }
    return out;
}

}  // namespace migrate::model
