#include "backends/postgresql/staged_schema.hpp"

#include <map>
#include <optional>
#include <string>

namespace migrate::backends::postgresql {
namespace {

class Renaming {
  public:
    Renaming(session::PostgresqlSession& session, const StagingNames& staged) {
        for (const auto& [name, alias] : staged.names()) {
            m_names[{name.schema, alias}] = name;
            m_sql[quoted(session, name.schema) + "." + alias] =
                quoted(session, name.schema) + "." + quoted(session, name.name);
        }
        if (staged.place() == StagingNames::Place::schemas) {
            for (const auto& [destination, staging] : staged.schemas()) {
                m_schemas[staging] = destination;
                m_sql[staging + "."] = quoted(session, destination) + ".";
            }
        }
    }

    void name(QualifiedName& name) const {
        if (const auto found = m_names.find(name); found != m_names.end()) {
            name = found->second;
        } else if (const auto schema = m_schemas.find(name.schema); schema != m_schemas.end()) {
            name.schema = schema->second;
        }
    }
    void sql(std::string& text) const {
        for (const auto& [from, to] : m_sql) {
            for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
                const std::size_t end = at + from.size();
                // "…_1" is also how "…_10" begins.
                const bool whole =
                    from.back() == '.' || end >= text.size() || text[end] < '0' || text[end] > '9';
                if (whole) {
                    text.replace(at, from.size(), to);
                }
                at += whole ? to.size() : from.size();
            }
        }
    }
    void sql(std::optional<std::string>& text) const {
        if (text) {
            sql(*text);
        }
    }

  private:
    static std::string quoted(session::PostgresqlSession& session, const std::string& name) {
        return session.query("SELECT pg_catalog.quote_ident($1)", {name}, "quoting a name").text(0, 0);
    }

    std::map<QualifiedName, QualifiedName> m_names;
    std::map<std::string, std::string> m_schemas;
    std::map<std::string, std::string> m_sql;
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

void name_as_destined(session::PostgresqlSession& session, const StagingNames& staged, Schema& schema) {
    const Renaming renaming(session, staged);
    for (Table& table : schema.tables) {
        rename_table(renaming, table);
        for (Column& column : table.columns) {
            if (const auto late = staged.late_types().find({table.name, column.name});
                late != staged.late_types().end()) {
                column.native_type = late->second;
            }
        }
    }
    for (SchemaObject& object : schema.objects) {
        renaming.name(object.name);
        renaming.sql(object.native_sql);
    }
}

}  // namespace migrate::backends::postgresql
