#include "backends/postgresql/staging_names.hpp"

#include <fmt/format.h>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staged_type.hpp"

namespace migrate::backends::postgresql {
namespace {

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9') || c == '$';
}

/// Reads SQL one lexical piece at a time, just well enough to tell names from what is quoted.
class Pieces {
  public:
    explicit Pieces(std::string_view sql) : m_sql(sql) {}

    [[nodiscard]] bool done() const noexcept { return m_at >= m_sql.size(); }
    [[nodiscard]] std::size_t at() const noexcept { return m_at; }
    void rewind(std::size_t at) noexcept { m_at = at; }

    bool take(char c) {
        if (done() || m_sql[m_at] != c) {
            return false;
        }
        ++m_at;
        return true;
    }
    /// A bare name (folded) or a quoted one; false and nothing read where there is none.
    bool name(std::string& out) {
        out.clear();
        if (done()) {
            return false;
        }
        if (m_sql[m_at] == '"') {
            read_quoted('"', false, &out);
            return true;
        }
        if (!starts_name(m_sql[m_at])) {
            return false;
        }
        for (; !done() && continues_name(m_sql[m_at]); ++m_at) {
            const char c = m_sql[m_at];
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return true;
    }
    /// Passes over one string, number or character that begins no name.
    void other() {
        const char c = m_sql[m_at];
        if (c == '\'') {
            const bool escapes = m_at > 0 && (m_sql[m_at - 1] == 'E' || m_sql[m_at - 1] == 'e');
            read_quoted('\'', escapes, nullptr);
        } else if (c == '$') {
            dollar();
        } else if (c >= '0' && c <= '9') {
            while (!done() && continues_name(m_sql[m_at])) {
                ++m_at;
            }
        } else {
            ++m_at;
        }
    }

  private:
    void read_quoted(char quote, bool escapes, std::string* out) {
        for (++m_at; !done(); ++m_at) {
            const bool is_quote = m_sql[m_at] == quote;
            const bool has_next = m_at + 1 < m_sql.size();
            if (is_quote && !(has_next && m_sql[m_at + 1] == quote)) {
                ++m_at;
                return;
            }
            // Of two quotes, or a backslash and what it protects, the second is meant.
            if (is_quote || (escapes && has_next && m_sql[m_at] == '\\')) {
                ++m_at;
            }
            if (out != nullptr) {
                *out += m_sql[m_at];
            }
        }
    }
    void dollar() {
        std::size_t end = m_at + 1;
        while (end < m_sql.size() && continues_name(m_sql[end]) && m_sql[end] != '$') {
            ++end;
        }
        if (end >= m_sql.size() || m_sql[end] != '$') {
            ++m_at;
            return;
        }
        const std::string_view tag = m_sql.substr(m_at, end + 1 - m_at);
        const std::size_t close = m_sql.find(tag, end + 1);
        m_at = close == std::string_view::npos ? m_sql.size() : close + tag.size();
    }

    std::string_view m_sql;
    std::size_t m_at = 0;
};

/// Calls with the text before each qualified name and the name, then with the rest and nullptr.
template <typename Visit>
void each_name(std::string_view sql, Visit visit) {
    Pieces pieces(sql);
    QualifiedName found;
    std::size_t copied = 0;
    while (!pieces.done()) {
        const std::size_t start = pieces.at();
        if (!pieces.name(found.schema)) {
            pieces.other();
            continue;
        }
        const std::size_t after_schema = pieces.at();
        if (pieces.take('.') && pieces.name(found.name)) {
            if (visit(sql.substr(copied, start - copied), &found)) {
                copied = pieces.at();
            }
            continue;
        }
        pieces.rewind(after_schema);
    }
    visit(sql.substr(copied), nullptr);
}

}  // namespace

bool is_type_kind(std::string_view kind) noexcept {
    return kind == "enum" || kind == "domain" || kind == "composite type" || kind == "range type";
}

bool is_staged_kind(std::string_view kind) noexcept {
    return is_type_kind(kind) || kind == "collation" || kind == "sequence";
}

std::optional<QualifiedName> multirange_of(const SchemaObject& object) {
    const auto found = object.properties.find(property::k_multirange);
    return found == object.properties.end() ? std::nullopt : std::optional(parse_name(found->second));
}

QualifiedName sequence_of(const Table& table, const Column& column) {
    QualifiedName name = parse_name(column.identity->sequence);
    if (name.name.empty()) {
        name.name = fit_identifier(fmt::format("{}_{}_seq", table.name.name, column.name));
    }
    if (name.schema.empty()) {
        name.schema = table.name.schema;
    }
    return name;
}

StagingNames::StagingNames(const std::string& migration, const Schema& schema, Place place)
    : m_migration(migration), m_prefix(fmt::format("_migrate_{}_", migration)), m_place(place) {
    for (const Table& table : schema.tables) {
        add(table.name, true);
        for (const Column& column : table.columns) {
            if (column.identity) {
                add(sequence_of(table, column), false);
            }
            if (staged_type_of(table, column) != column.native_type) {
                m_late_types[{table.name, column.name}] = column.native_type;
            }
        }
    }
    for (const SchemaObject& object : schema.objects) {
        if (object.kind == "range type") {
            m_in_place.insert(object.name);
            if (const auto multirange = multirange_of(object)) {
                m_in_place.insert(*multirange);
            }
        } else if (is_staged_kind(object.kind) || object.kind == "partition") {
            add(object.name, object.kind != "sequence");
        }
    }
}

void StagingNames::add(const QualifiedName& name, bool in_sql) {
    if (in_sql) {
        m_types.insert(name);
    }
    if (m_place == Place::schemas) {
        m_schemas.try_emplace(name.schema, m_prefix + std::to_string(m_schemas.size()));
        return;
    }
    m_schemas.try_emplace(name.schema, name.schema);
    m_names.try_emplace(name, m_prefix + std::to_string(m_names.size()));
}

QualifiedName StagingNames::staged(const QualifiedName& name) const {
    if (m_place == Place::prefixes) {
        const auto found = m_names.find(name);
        return found == m_names.end() ? name : QualifiedName{name.schema, found->second};
    }
    const auto found = m_in_place.contains(name) ? m_schemas.end() : m_schemas.find(name.schema);
    return found == m_schemas.end() ? name : QualifiedName{found->second, name.name};
}

std::string StagingNames::rewrite(std::string_view sql) const {
    std::string out;
    each_name(sql, [&](std::string_view before, const QualifiedName* name) {
        if (name != nullptr && !m_types.contains(*name)) {
            return false;
        }
        out += before;
        out += name == nullptr ? std::string() : quote_name(staged(*name));
        return true;
    });
    return out;
}

std::set<QualifiedName> StagingNames::mentioned(std::string_view sql) const {
    std::set<QualifiedName> names;
    each_name(sql, [&](std::string_view /*before*/, const QualifiedName* name) {
        if (name != nullptr && (m_types.contains(*name) || m_in_place.contains(*name))) {
            names.insert(*name);
        }
        return true;
    });
    return names;
}

}  // namespace migrate::backends::postgresql
