#include "backends/sqlite/definition.hpp"

#include <algorithm>
#include <array>

#include <migrate/error.hpp>

#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

struct Form {
    std::string_view kind;
    std::string_view head;
};

constexpr std::array k_forms{Form{"table", "create table "}, Form{"index", "create index "},
                             Form{"index", "create unique index "}, Form{"view", "create view "},
                             Form{"trigger", "create trigger "}};

/// What it begins with, words apart by one blank.
std::string head_of(const std::string& sql) {
    constexpr std::size_t k_longest = 64;
    std::string head;
    for (const char c : sql) {
        const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
        if (!is_blank) {
            head += c;
        } else if (!head.empty() && head.back() != ' ') {
            head += ' ';
        }
        if (head.size() >= k_longest) {
            break;
        }
    }
    return util::lower_ascii(head);
}

}  // namespace

void execute_definition(const session::SqliteSession& session, std::string_view kind, const std::string& sql,
                        std::string_view doing) {
    const std::string head = head_of(sql);
    const bool fits = std::any_of(k_forms.begin(), k_forms.end(), [&](const Form& form) {
        return form.kind == kind && head.starts_with(form.head);
    });
    if (!fits) {
        throw Error(ErrorCode::malformed,
                    "the definition of a " + std::string(kind) + " is none: it was not run");
    }
    session.execute_one(sql, doing);
}

}  // namespace migrate::backends::sqlite
