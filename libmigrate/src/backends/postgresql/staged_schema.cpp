#include "backends/postgresql/staged_schema.hpp"

namespace migrate::backends::postgresql {
namespace {

class Renaming {
  public:
    Renaming(session::PostgresqlSession& session, const std::map<std::string, std::string>& staged) {
        for (const auto& [destination, staging] : staged) {
            m_plain[staging] = destination;
            const auto rows =
                session.query("SELECT pg_catalog.quote_ident($1)", {destination}, "quoting a name");
            m_quoted[staging + "."] = rows.text(0, 0) + ".";
        }
    }

    void name(QualifiedName& name) const {
        if (const auto found = m_plain.find(name.schema); found != m_plain.end()) {
            name.schema = found->second;
        }
    }
    void sql(std::string& text) const {
        for (const auto& [from, to] : m_quoted) {
            for (std::size_t at = text.find(from); at != std::string::npos;
                 at = text.find(from, at + to.size())) {
                text.replace(at, from.size(), to);
            }
        }
    }
    void sql(std::optional<std::string>& text) const {
        if (text) {
            sql(*text);
        }
    }

  private:
    std::map<std::string, std::string> m_plain;
    std::map<std::string, std::string> m_quoted;
};

void rename_column(const Renaming& renaming, Column& column) {
    renaming.sql(column.native_type);
    renaming.sql(column.type.native_name);
    renaming.sql(column.default_sql);
    if (column.generated) {
        renaming.sql(column.generated->expression);
    }
    if (column.identity) {
        renaming.sql(column.identity->sequence);
    }
}

void rename_table(const Renaming& renaming, Table& table) {
    renaming.name(table.name);
    for (Column& column : table.columns) {
        rename_column(renaming, column);
    }
    for (Check& check : table.checks) {
        renaming.sql(check.expression);
    }
    for (ForeignKey& key : table.foreign_keys) {
        renaming.name(key.referenced_table);
    }
    for (Index& index : table.indexes) {
        renaming.sql(index.predicate);
        renaming.sql(index.native_sql);
        for (IndexPart& part : index.parts) {
            renaming.sql(part.expression);
        }
    }
}

}  // namespace

void name_as_destined(session::PostgresqlSession& session, const std::map<std::string, std::string>& staged,
                      Schema& schema) {
    const Renaming renaming(session, staged);
    for (Table& table : schema.tables) {
        rename_table(renaming, table);
    }
    for (SchemaObject& object : schema.objects) {
        renaming.name(object.name);
        renaming.sql(object.native_sql);
    }
}

}  // namespace migrate::backends::postgresql
