#include "backends/postgresql/identifier.hpp"

#include <bit>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "util/fit_name.hpp"
#include "util/hash.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::postgresql {
namespace {

void append_quoted(std::string_view text, char quote, std::string& out) {
    out += quote;
    for (const char c : text) {
        if (c == quote) {
            out += quote;
        }
        out += c;
    }
    out += quote;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
    if (name.empty() || name.find('\0') != std::string_view::npos || !util::is_valid_utf8(name)) {
        throw Error(ErrorCode::usage,
                    "PostgreSQL: a name is empty or not valid UTF-8 without NUL; rename it in the mapping.");
    }
    std::string quoted;
    quoted.reserve(name.size() + 2);
    append_quoted(name, '"', quoted);
    return quoted;
}

std::string quote_name(std::string_view schema, std::string_view name) {
    return schema.empty() ? quote_identifier(name) : quote_identifier(schema) + "." + quote_identifier(name);
}

std::string quote_name(const QualifiedName& name) {
    return quote_name(name.schema, name.name);
}

QualifiedName parse_name(std::string_view sql) {
    QualifiedName parsed;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i];
        if (c == '"' && quoted && i + 1 < sql.size() && sql[i + 1] == '"') {
            parsed.name += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '.' && !quoted) {
            parsed.schema = std::move(parsed.name);
            parsed.name.clear();
        } else {
            parsed.name += c;
        }
    }
    return parsed;
}

std::vector<std::string> split_names(std::string_view list) {
    std::vector<std::string> names;
    std::string name;
    bool quoted = false;
    for (const char c : list) {
        quoted = c == '"' ? !quoted : quoted;
        if (c == ',' && !quoted) {
            names.push_back(std::move(name));
            name.clear();
        } else if (c != ' ' || quoted) {
            name += c;
        }
    }
    if (!name.empty()) {
        names.push_back(std::move(name));
    }
    return names;
}

std::string quote_list(const std::vector<std::string>& names) {
    std::string list = "(";
    for (const std::string& name : names) {
        if (list.size() > 1) {
            list += ", ";
        }
        list += quote_identifier(name);
    }
    return list + ")";
}

std::string quote_literal(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw Error(ErrorCode::usage, "PostgreSQL: text with a NUL character cannot be stored.");
    }
    std::string quoted;
    if (text.find('\\') == std::string_view::npos) {
        append_quoted(text, '\'', quoted);
        return quoted;
    }
    std::string escaped;
    for (const char c : text) {
        escaped += c;
        if (c == '\\') {
            escaped += c;
        }
    }
    quoted = " E";
    append_quoted(escaped, '\'', quoted);
    return quoted;
}

std::string fit_identifier(const std::string& name) {
    return util::fit_name(name, k_max_identifier_bytes);
}

std::int64_t advisory_key(std::string_view text) {
    return std::bit_cast<std::int64_t>(util::hash64(text));
}

}  // namespace migrate::backends::postgresql
