#include "backends/postgresql/things.hpp"

#include <optional>
#include <set>

#include <fmt/format.h>

#include "backends/postgresql/sql/things.sql.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql::undo {
namespace {

constexpr const char* k_doing = "writing the undo log";

/// The statement that reads them, as a table of what, name and digest.
std::string reading() {
    return "(" + std::string(sql::things) + ") AS found (what, name, digest)";
}

std::vector<std::optional<std::string>> parameters(const std::vector<std::string>& schemas,
                                                   const MadeInPlace& left_out) {
    return {session::array_literal(schemas), session::array_literal(left_out.types),
            session::array_literal(left_out.schemas)};
}

}  // namespace

std::vector<std::string> touched_schemas(const Schema& schema) {
    std::set<std::string> names;
    for (const Table& table : schema.tables) {
        names.insert(table.name.schema);
    }
    for (const SchemaObject& object : schema.objects) {
        names.insert(object.name.schema);
    }
    names.erase("");
    return {names.begin(), names.end()};
}

backend::Things things_in(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
                          const MadeInPlace& left_out) {
    const auto rows =
        session.query(sql::things, parameters(schemas, left_out), "reading what the database consists of");
    backend::Things things;
    for (int row = 0; row < rows.size(); ++row) {
        things[{rows.text(row, 0), rows.text(row, 1)}] = rows.text(row, 2);
    }
    return things;
}

void record_things_before(session::PostgresqlSession& session, const std::string& migration,
                          const std::vector<std::string>& schemas) {
    auto values = parameters(schemas, made_in_place(session, migration));
    values.emplace_back(migration);
    session.query(
        state::find_place(session).sql("INSERT INTO _migrate.undo_thing SELECT $4, what, name, digest, "
                                       "NULL FROM ") +
            reading() + " ON CONFLICT DO NOTHING",
        values, k_doing);
}

void record_things_after(session::PostgresqlSession& session, const std::string& migration,
                         const std::vector<std::string>& schemas) {
    auto values = parameters(schemas, {});
    values.emplace_back(migration);
    session.query(
        state::find_place(session).sql("INSERT INTO _migrate.undo_thing AS thing SELECT $4, what, name, "
                                       "NULL, digest FROM ") +
            reading() +
            " ON CONFLICT (migration, what, name) DO UPDATE SET digest_after = excluded.digest_after",
        values, k_doing);
}

backend::RecordedThings recorded_things(session::PostgresqlSession& session, const std::string& migration) {
    backend::RecordedThings recorded;
    const auto place = state::known_place(session);
    if (!place || !session
                       .query(place->sql("SELECT pg_catalog.to_regclass('_migrate.undo_thing') IS NOT NULL"),
                              "looking for the undo log")
                       .boolean(0, 0)) {
        return recorded;
    }
    const auto rows = session.query(
        place->sql(
            "SELECT what, name, digest_before, digest_after FROM _migrate.undo_thing WHERE migration = $1"),
        {migration}, "reading the undo log");
    for (int row = 0; row < rows.size(); ++row) {
        const backend::Things::key_type key{rows.text(row, 0), rows.text(row, 1)};
        if (!rows.is_null(row, 2)) {
            recorded.before[key] = rows.text(row, 2);
        }
        if (!rows.is_null(row, 3)) {
            recorded.after[key] = rows.text(row, 3);
        }
    }
    return recorded;
}

}  // namespace migrate::backends::postgresql::undo
