#include "backends/sqlite/existing.hpp"

#include "backend/target.hpp"
#include "backends/sqlite/source.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

void note_triggers(const session::SqliteSession& session, Table& table) {
    session::SqliteStatement list(session,
                                  "SELECT name FROM main.sqlite_schema WHERE type='trigger' AND tbl_name=?1 "
                                  "COLLATE NOCASE ORDER BY name",
                                  "read the catalog of");
    list.bind(1, table.name.name);
    std::string names;
    while (list.step()) {
        names += (names.empty() ? "" : ", ") + std::string(list.text(0));
    }
    if (!names.empty()) {
        table.properties["user_triggers"] = names;
    }
}

}  // namespace

Schema read_existing(const std::string& path, const backend::OpenContext& context,
                     const std::vector<QualifiedName>& names) {
    Endpoint endpoint;
    endpoint.engine = "sqlite";
    endpoint.location = path;
    const auto source = make_source(endpoint, context);
    source->pin_snapshot(1);
    backend::SchemaRequest request;
    request.only_tables = names;
    Schema schema = source->read_schema(request).schema;
    source->release_snapshot();
    schema.objects.clear();
    const auto session =
        session::SqliteSession::open(path, session::SqliteSession::Access::read, context.busy_timeout_ms);
    for (Table& table : schema.tables) {
        note_triggers(session, table);
    }
    return schema;
}

}  // namespace migrate::backends::sqlite
