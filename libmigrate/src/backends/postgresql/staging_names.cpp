#include "backends/postgresql/staging_names.hpp"

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"

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
            if (escapes && m_sql[m_at] == '\\' && m_at + 1 < m_sql.size()) {
                ++m_at;
            } else if (m_sql[m_at] == quote && !(m_at + 1 < m_sql.size() && m_sql[m_at + 1] == quote)) {
                ++m_at;
                return;
            } else if (m_sql[m_at] == quote) {
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

}  // namespace

bool is_type_kind(std::string_view kind) noexcept {
    return kind == "enum" || kind == "domain" || kind == "composite type" || kind == "range type";
}

StagingNames::StagingNames(const std::string& migration, const Schema& schema) {
    const auto add = [&](const std::string& name) {
        if (!m_schemas.contains(name)) {
            m_schemas.emplace(name, fmt::format("_migrate_{}_{}", migration, m_schemas.size()));
        }
    };
    for (const Table& table : schema.tables) {
        add(table.name.schema);
    }
    for (const SchemaObject& object : schema.objects) {
        if (is_type_kind(object.kind) || object.kind == "sequence" || object.kind == "partition") {
            add(object.name.schema);
        }
        if (is_type_kind(object.kind)) {
            m_types.insert(object.name);
        }
    }
}

QualifiedName StagingNames::staged(const QualifiedName& name) const {
    const auto found = m_schemas.find(name.schema);
    return found == m_schemas.end() ? name : QualifiedName{found->second, name.name};
}

std::string StagingNames::rewrite(std::string_view sql) const {
    std::string out;
    Pieces pieces(sql);
    std::string schema;
    std::string name;
    while (!pieces.done()) {
        const std::size_t start = pieces.at();
        if (!pieces.name(schema)) {
            pieces.other();
            out += sql.substr(start, pieces.at() - start);
            continue;
        }
        const std::size_t after_schema = pieces.at();
        if (pieces.take('.') && pieces.name(name) && m_types.contains({schema, name})) {
            out += quote_name(staged({schema, name}));
            continue;
        }
        pieces.rewind(after_schema);
        out += sql.substr(start, after_schema - start);
    }
    return out;
}

}  // namespace migrate::backends::postgresql
