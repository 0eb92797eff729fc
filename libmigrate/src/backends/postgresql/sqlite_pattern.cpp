#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {

namespace {

bool is_word(char c) {
    return util::is_letter(c) || util::is_digit(c) || c == '_' || c == '-' || c == ' ';
}

// A GLOB set as a regular expression's; only letters, digits and ranges of them are the same in both.
std::optional<std::string> glob_set(std::string_view pattern, std::size_t& at) {
    std::string out = "[";
    ++at;
    if (at < pattern.size() && pattern[at] == '^') {
        out += "^";
        ++at;
    }
    const std::size_t first = at;
    while (at < pattern.size() && pattern[at] != ']') {
        const char c = pattern[at];
        const auto plain = [](char x) { return util::is_letter(x) || util::is_digit(x); };
        if (!plain(c)) {
            return std::nullopt;
        }
        out += c;
        ++at;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            if (!plain(pattern[at + 1]) || pattern[at + 1] < c) {
                return std::nullopt;
            }
            out += {'-', pattern[at + 1]};
            at += 2;
        }
    }
    if (at >= pattern.size() || at == first) {
        return std::nullopt;
    }
    return out + "]";
}

// The whole GLOB pattern as an anchored regular expression.
std::optional<std::string> glob_regex(std::string_view pattern) {
    std::string out = "^";
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '*') {
            out += ".*";
        } else if (c == '?') {
            out += ".";
        } else if (c == '[') {
            const std::optional<std::string> set = glob_set(pattern, at);
            if (!set) {
                return std::nullopt;
            }
            out += *set;
        } else if (is_word(c) || (static_cast<unsigned char>(c) & 0x80U) != 0) {
            out += c;
        } else if (c > ' ') {
            out += {'\\', c};
        } else {
            return std::nullopt;
        }
    }
    return out + "$";
}

// Whether every escape character stands before one of those it may, so that both engines read the pattern
// alike.
bool escapes_are_plain(std::string_view pattern, char escape) {
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == escape) {
            ++at;
            if (at == pattern.size() || (pattern[at] != '%' && pattern[at] != '_' && pattern[at] != escape)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

Value SqliteTranslator::pattern(const Expression& e) {
    const Value text = value(e.child(0));
    const Value pattern = value(e.child(1));
    std::optional<Value> escape;
    if (e.children().size() > 2) {
        escape = value(e.child(2));
    }
    if (text.shape == Shape::null || pattern.shape == Shape::null) {
        return truth("NULL::boolean");
    }
    Value v;
    if (e->op == Operator::like) {
        v = like(text, pattern, escape);
    } else if (e->op == Operator::glob && !escape) {
        v = glob(text, pattern);
    } else {
        return refuse("REGEXP and MATCH are functions of the application");
    }
    return e->negated ? truth("(NOT " + v.sql + ")") : v;
}

Value SqliteTranslator::like(const Value& text, const Value& pattern, const std::optional<Value>& escape) {
    // SQLite's LIKE takes the 26 letters without their case, and nothing else.
    const std::string subject = "lower(" + as_text(text) + " COLLATE \"C\")";
    if (!is_text_literal(pattern)) {
        if (pattern.shape != Shape::text || escape) {
            return refuse("a LIKE pattern that is no text");
        }
        return truth("(" + subject + " LIKE lower(" + pattern.sql + " COLLATE \"C\") ESCAPE '')");
    }
    const std::string lowered = util::lower_ascii((*pattern.literal)->text);
    std::string escape_sql = "''";
    if (escape) {
        if (!is_text_literal(*escape) || (*escape->literal)->text.size() != 1 ||
            util::is_letter((*escape->literal)->text[0]) ||
            !escapes_are_plain(lowered, (*escape->literal)->text[0])) {
            return refuse("a LIKE escape that PostgreSQL reads in another way");
        }
        escape_sql = model::quote_text((*escape->literal)->text, Dialect::postgresql);
    }
    return truth("(" + subject + " LIKE " + model::quote_text(lowered, Dialect::postgresql) + " ESCAPE " +
                 escape_sql + ")");
}

Value SqliteTranslator::glob(const Value& text, const Value& pattern) {
    if (!is_text_literal(pattern)) {
        return refuse("a GLOB pattern that is no literal");
    }
    const std::optional<std::string> regex = glob_regex((*pattern.literal)->text);
    if (!regex) {
        return refuse("a GLOB pattern with a set that PostgreSQL reads in another way");
    }
    return truth("((" + as_text(text) + " COLLATE \"C\") ~ " +
                 model::quote_text(*regex, Dialect::postgresql) + ")");
}

}  // namespace migrate::backends::postgresql
