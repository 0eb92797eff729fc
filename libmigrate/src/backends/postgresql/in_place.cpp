#include "backends/postgresql/in_place.hpp"

#include <fmt/format.h>

#include "backends/postgresql/attempt.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql {
namespace {

class Preparation {
  public:
    Preparation(session::PostgresqlSession& session, const backend::TargetPlan& plan)
        : m_session(session), m_plan(plan), m_place(state::find_place(session)) {}

    void run() {
        for (const SchemaObject& object : m_plan.schema.objects) {
            if (object.kind != "extension" && object.kind != "range type") {
                continue;
            }
            need_schema(object.name.schema);
            if (object.kind == "extension") {
                m_session.execute(
                    fmt::format("CREATE EXTENSION {} WITH SCHEMA {}", quote_identifier(object.name.name),
                                quote_identifier(object.name.schema)),
                    "creating extension " + object.name.name);
            }
            record(object.kind, object.name);
        }
    }

  private:
    void need_schema(const std::string& schema) {
        const auto there =
            m_session.query("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)",
                            {schema}, "looking for a schema");
        if (!there.boolean(0, 0)) {
            m_session.execute("CREATE SCHEMA " + quote_identifier(schema), "creating schema " + schema);
            record("schema", {schema, schema});
        }
    }

    void record(const std::string& kind, const QualifiedName& name) {
        m_session.query(m_place.sql("INSERT INTO _migrate.made VALUES ($1, $2, $3, $4, $5)"),
                        {m_plan.migration, std::to_string(++m_count), kind, name.schema, name.name},
                        "recording what was made");
    }

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    state::Place m_place;
    int m_count = 0;
};

}  // namespace

void prepare_in_place(session::PostgresqlSession& session, const backend::TargetPlan& plan) {
    Preparation(session, plan).run();
}

MadeInPlace made_in_place(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        state::find_place(session).sql(
            "SELECT kind, in_schema, name FROM _migrate.made AS made WHERE migration = $1 AND (kind = 'range "
            "type' OR kind = 'schema' AND NOT EXISTS (SELECT FROM _migrate.made AS other WHERE "
            "other.migration = made.migration AND other.kind = 'extension' AND other.in_schema = "
            "made.in_schema)) ORDER BY ordinal"),
        {migration}, "looking for what was made");
    MadeInPlace made;
    for (int row = 0; row < rows.size(); ++row) {
        if (rows.view(row, 0) == "schema") {
            made.schemas.push_back(rows.text(row, 2));
        } else {
            made.types.push_back(quote_name(rows.text(row, 1), rows.text(row, 2)));
        }
    }
    return made;
}

void drop_in_place(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows =
        session.query(state::find_place(session).sql(
                          "SELECT kind, in_schema, name FROM _migrate.made WHERE migration = $1 ORDER BY "
                          "ordinal DESC"),
                      {migration}, "looking for what was made");
    for (int row = 0; row < rows.size(); ++row) {
        const std::string_view kind = rows.view(row, 0);
        const char* word = kind == "extension" ? "EXTENSION" : kind == "schema" ? "SCHEMA" : "TYPE";
        const std::string name = kind == "range type" ? quote_name(rows.text(row, 1), rows.text(row, 2))
                                                      : quote_identifier(rows.text(row, 2));
        // Where somebody uses it by now, it stays.
        attempt(session, fmt::format("DROP {} IF EXISTS {}", word, name), "dropping what was made");
    }
}

}  // namespace migrate::backends::postgresql
