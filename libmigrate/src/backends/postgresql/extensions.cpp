#include "backends/postgresql/extensions.hpp"

#include <fmt/format.h>

#include "backends/postgresql/attempt.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql {

void create_extensions(session::PostgresqlSession& session, const backend::TargetPlan& plan) {
    for (const SchemaObject& object : plan.schema.objects) {
        if (object.kind != "extension") {
            continue;
        }
        const std::string& schema = object.name.schema;
        const auto there = session.query("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)",
                                         {schema}, "looking for a schema");
        if (!there.boolean(0, 0)) {
            session.execute("CREATE SCHEMA " + quote_identifier(schema), "creating the schema of an extension");
        }
        session.execute(fmt::format("CREATE EXTENSION {} WITH SCHEMA {}", quote_identifier(object.name.name),
                                    quote_identifier(schema)),
                        "creating extension " + object.name.name);
        session.query(state::find_place(session).sql("INSERT INTO _migrate.extension VALUES ($1, $2, $3)"),
                      {plan.migration, object.name.name,
                       there.boolean(0, 0) ? std::nullopt : std::optional(schema)},
                      "recording an extension");
    }
}

void drop_extensions(session::PostgresqlSession& session, const std::string& migration) {
    const auto rows = session.query(
        state::find_place(session).sql("SELECT name, made_schema FROM _migrate.extension WHERE migration = $1"),
        {migration}, "looking for extensions that were created");
    for (int row = 0; row < rows.size(); ++row) {
        // Where somebody uses it by now, it stays.
        attempt(session, "DROP EXTENSION IF EXISTS " + quote_identifier(rows.text(row, 0)),
                "dropping an extension");
        if (!rows.is_null(row, 1)) {
            attempt(session, "DROP SCHEMA IF EXISTS " + quote_identifier(rows.text(row, 1)),
                    "dropping the schema of an extension");
        }
    }
}

}  // namespace migrate::backends::postgresql
