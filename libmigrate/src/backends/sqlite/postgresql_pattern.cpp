#include "backends/sqlite/postgresql_translator.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {

namespace {

// A LIKE pattern as SQLite's GLOB, which minds the case of letters as PostgreSQL's LIKE does.
std::optional<std::string> glob_of(std::string_view pattern, char escape) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        char c = pattern[at];
        bool wild = true;
        if (escape != '\0' && c == escape) {
            if (++at == pattern.size()) {
                return std::nullopt;
            }
            c = pattern[at];
            wild = false;
        }
        if (wild && (c == '%' || c == '_')) {
            out += c == '%' ? '*' : '?';
        } else if (c == '*' || c == '?' || c == '[') {
            out += {'[', c, ']'};
        } else {
            out += c;
        }
    }
    return out;
}

bool has_letters(std::string_view pattern) {
    for (const char c : pattern) {
        if (util::is_letter(c) || (static_cast<unsigned char>(c) & 0x80U) != 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

Said PostgresqlTranslator::pattern(const Expression& e) {
    const Said text = value(e.child(0));
    const Said pattern = value(e.child(1));
    if (e->op != Operator::like && e->op != Operator::ilike) {
        return refuse("SIMILAR TO");
    }
    if (refused() || text.held != Held::text || pattern.held != Held::text || !pattern.literal) {
        return refuse("a LIKE of what is no text, or by a pattern that is no literal");
    }
    if (e->op == Operator::ilike && has_letters(*pattern.literal)) {
        return refuse("ILIKE, which knows the case of more letters than SQLite");
    }
    char escape = '\\';
    if (e.children().size() > 2) {
        const Said given = value(e.child(2));
        if (!given.literal || given.held != Held::text || given.literal->size() > 1) {
            return refuse("a LIKE escape of several characters");
        }
        escape = given.literal->empty() ? '\0' : (*given.literal)[0];
    }
    const std::optional<std::string> glob = glob_of(*pattern.literal, escape);
    if (!glob) {
        return refuse("a LIKE pattern that ends in an escape");
    }
    return truth("(" + text.sql + (e->negated ? " NOT GLOB " : " GLOB ") + quote(*glob) + ")");
}

}  // namespace migrate::backends::sqlite
