#include "backends/postgresql/recorded_statement.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "model/sql_lexer.hpp"

namespace migrate::backends::postgresql {
namespace {

struct Form {
    std::string_view kind;
    std::string_view head;
    std::string_view within = {};  ///< What follows somewhere behind it.
};

/// As objects.sql, settings.sql, privileges.sql, comments.sql and the catalog's sequences and constraints say
/// them.
constexpr std::array k_forms{
    Form{"schema", "CREATE SCHEMA "},
    Form{"extension", "CREATE EXTENSION "},
    Form{"collation", "CREATE COLLATION "},
    Form{"enum", "CREATE TYPE "},
    Form{"composite type", "CREATE TYPE "},
    Form{"range type", "CREATE TYPE "},
    Form{"domain", "CREATE DOMAIN "},
    Form{"sequence", "CREATE SEQUENCE "},
    Form{"partition", "CREATE TABLE ", " PARTITION OF "},
    Form{"partition index", "CREATE INDEX "},
    Form{"partition index", "CREATE UNIQUE INDEX "},
    Form{"partition constraint", "ALTER TABLE ", " ADD CONSTRAINT "},
    Form{"exclusion constraint", "ALTER TABLE ", " ADD CONSTRAINT "},
    Form{"statistics", "CREATE STATISTICS "},
    Form{"function", "CREATE OR REPLACE FUNCTION "},
    Form{"function", "CREATE FUNCTION "},
    Form{"procedure", "CREATE OR REPLACE PROCEDURE "},
    Form{"procedure", "CREATE PROCEDURE "},
    Form{"aggregate", "CREATE AGGREGATE "},
    Form{"operator", "CREATE OPERATOR "},
    Form{"view", "CREATE VIEW "},
    Form{"materialized view", "CREATE MATERIALIZED VIEW "},
    Form{"materialized view index", "CREATE INDEX "},
    Form{"materialized view index", "CREATE UNIQUE INDEX "},
    Form{"rule", "CREATE RULE "},
    Form{"trigger", "CREATE TRIGGER "},
    Form{"trigger", "CREATE CONSTRAINT TRIGGER "},
    Form{"policy", "CREATE POLICY "},
};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// What can be described: nothing that is not in a schema, as roles and databases are.
constexpr std::array<std::string_view, 24> k_things{
    "table",      "view",      "materialized", "foreign", "index",  "sequence",  "function", "procedure",
    "routine",    "aggregate", "type",         "domain",  "schema", "collation", "operator", "statistics",
    "conversion", "column",    "constraint",   "trigger", "rule",   "policy",    "text",     "extension"};
constexpr std::array<std::string_view, 14> k_rights{
    "select", "insert",  "update", "delete",     "truncate", "references", "trigger",
    "usage",  "execute", "create", "privileges", "all",      "maintain",   "temporary"};

/// A statement that describes something: comments, owners, privileges, settings. They are given to the server
/// without anybody having asked for code, so that they may say nothing of anything else.
class Description {
  public:
    explicit Description(const SchemaObject& object)
        : m_object(object), m_tokens(model::tokenize(object.native_sql, Dialect::postgresql)) {}

    [[nodiscard]] bool is_as_said() {
        if (m_tokens.back().kind != model::TokenKind::end || has_at_top(";")) {
            return false;
        }
        return m_object.kind == "comment"     ? is_comment()
               : m_object.kind == "owner"     ? is_owner()
               : m_object.kind == "privilege" ? is_privilege()
                                              : m_object.kind == "setting" && is_setting();
    }

  private:
    [[nodiscard]] bool is_word(std::size_t at, std::string_view word) const {
        return at < m_tokens.size() && m_tokens[at].kind == model::TokenKind::word &&
               m_tokens[at].text == word;
    }
    [[nodiscard]] bool is_symbol(std::size_t at, std::string_view symbol) const {
        return at < m_tokens.size() && m_tokens[at].kind == model::TokenKind::symbol &&
               m_tokens[at].text == symbol;
    }
    [[nodiscard]] bool is_name(std::size_t at, const std::string& name) const {
        return at < m_tokens.size() && m_tokens[at].text == name &&
               (m_tokens[at].kind == model::TokenKind::word ||
                m_tokens[at].kind == model::TokenKind::double_quoted);
    }
    [[nodiscard]] std::string property(const char* name) const {
        const auto found = m_object.properties.find(name);
        return found == m_object.properties.end() ? std::string() : found->second;
    }

    /// Outside of parentheses; the number of tokens where there is none.
    [[nodiscard]] std::size_t find_at_top(std::string_view text, model::TokenKind kind) const {
        int depth = 0;
        for (std::size_t i = 0; i < m_tokens.size(); ++i) {
            depth += is_symbol(i, "(") ? 1 : is_symbol(i, ")") ? -1 : 0;
            if (depth == 0 && m_tokens[i].kind == kind && m_tokens[i].text == text) {
                return i;
            }
        }
        return m_tokens.size();
    }
    [[nodiscard]] bool has_at_top(std::string_view symbol) const {
        return find_at_top(symbol, model::TokenKind::symbol) < m_tokens.size();
    }

    /// The thing that the record says it is about stands here. Operators have no names that are words.
    [[nodiscard]] bool is_subject(std::size_t at) const {
        const std::string kind = property(property::k_about_kind);
        const std::string about = property(property::k_about);
        if (kind == "schema") {
            return is_name(at, about.empty() ? m_object.name.schema : about);
        }
        const bool in_schema = is_name(at, m_object.name.schema) && is_symbol(at + 1, ".");
        const std::string& name = m_object.table.empty() ? about : m_object.table;
        return in_schema && (kind.starts_with("operator") || is_name(at + 2, name));
    }

    /// Behind the words that say what kind of thing follows.
    [[nodiscard]] std::size_t behind_kind(std::size_t at) const {
        if (at >= m_tokens.size() || m_tokens[at].kind != model::TokenKind::word ||
            !among(k_things, m_tokens[at].text)) {
            return m_tokens.size();
        }
        constexpr std::array<std::string_view, 6> k_second{"view",   "table",  "class",
                                                           "family", "search", "only"};
        for (++at; at < m_tokens.size() && m_tokens[at].kind == model::TokenKind::word &&
                   among(k_second, m_tokens[at].text) && !is_symbol(at + 1, ".");
             ++at) {
        }
        return at;
    }

    [[nodiscard]] bool is_comment() const {
        const std::size_t size = m_tokens.size();
        if (size < 7 || !is_word(0, "comment") || !is_word(1, "on") || !among(k_things, m_tokens[2].text) ||
            !is_word(size - 3, "is") || has_at_top(",")) {
            return false;
        }
        // An index has a name of its own beside its table's.
        const std::string about = property(property::k_about);
        for (std::size_t i = 3; i + 3 < size; ++i) {
            const bool is_index = is_word(2, "index") && is_name(i, m_object.name.schema) &&
                                  is_symbol(i + 1, ".") && is_name(i + 2, about);
            if (is_index || is_subject(i)) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] bool is_owner() const {
        const std::size_t size = m_tokens.size();
        return size >= 6 && is_word(0, "alter") && is_subject(behind_kind(1)) && is_word(size - 4, "owner") &&
               is_word(size - 3, "to") && !has_at_top(",");
    }

    [[nodiscard]] bool is_privilege() const {
        const std::size_t on = find_at_top("on", model::TokenKind::word);
        if (!(is_word(0, "grant") || is_word(0, "revoke")) || on + 2 >= m_tokens.size()) {
            return false;
        }
        int depth = 0;
        for (std::size_t i = 1; i < on; ++i) {
            depth += is_symbol(i, "(") ? 1 : is_symbol(i, ")") ? -1 : 0;
            const bool is_right =
                m_tokens[i].kind == model::TokenKind::word && among(k_rights, m_tokens[i].text);
            if (depth == 0 && !is_right && !is_symbol(i, ")") && !is_symbol(i, ",")) {
                return false;
            }
        }
        return is_subject(behind_kind(on + 1));
    }

    [[nodiscard]] bool is_setting() const {
        const std::size_t subject = behind_kind(1);
        if (!is_word(0, "alter") || subject + 4 >= m_tokens.size() || has_at_top(",")) {
            return false;
        }
        const bool is_owned = is_word(1, "sequence") && is_word(subject + 3, "owned") &&
                              is_word(subject + 4, "by") && is_subject(subject + 5);
        if (is_owned) {
            return is_name(subject, m_object.name.schema) && is_symbol(subject + 1, ".");
        }
        // Those of an index, or of statistics, name their table nowhere.
        const bool is_part = is_word(1, "index") || is_word(1, "statistics");
        const bool is_ours = is_part ? is_name(subject, m_object.name.schema) && is_symbol(subject + 1, ".")
                                     : is_subject(subject);
        return is_ours && is_harmless(subject + 3);
    }

    /// What is set, and not made, dropped, renamed or given away.
    [[nodiscard]] bool is_harmless(std::size_t at) const {
        if (is_word(at, "alter") && is_word(at + 1, "column")) {
            return is_word(at + 3, "set") || is_word(at + 3, "drop");
        }
        if (is_word(at, "set")) {
            return is_symbol(at + 1, "(") || is_word(at + 1, "statistics") || is_word(at + 1, "unlogged");
        }
        if (is_word(at, "enable") || is_word(at, "disable")) {
            const std::size_t what =
                is_word(at + 1, "always") || is_word(at + 1, "replica") ? at + 2 : at + 1;
            return is_word(what, "trigger") || is_word(what, "rule");
        }
        return (is_word(at, "replica") && is_word(at + 1, "identity")) ||
               (is_word(at, "cluster") && is_word(at + 1, "on")) || is_word(at, "of") ||
               (is_word(1, "domain") && is_word(at, "add") && is_word(at + 1, "constraint"));
    }

    const SchemaObject& m_object;
    std::vector<model::Token> m_tokens;
};

}  // namespace

bool is_statement_of_kind(const SchemaObject& object) {
    if (is_detail(object)) {
        return Description(object).is_as_said();
    }
    const std::string_view sql = object.native_sql;
    return std::any_of(k_forms.begin(), k_forms.end(), [&](const Form& form) {
        return form.kind == object.kind && sql.starts_with(form.head) &&
               (form.within.empty() || sql.find(form.within, form.head.size() - 1) != sql.npos);
    });
}

}  // namespace migrate::backends::postgresql
