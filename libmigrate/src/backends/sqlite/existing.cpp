#include "backends/sqlite/existing.hpp"

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backend/target.hpp"
#include "backends/sqlite/source.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"
#include "util/hash.hpp"

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

/// The table's own definition and those of its indexes and triggers.
std::string definition_of(const session::SqliteSession& session, const std::string& table) {
    session::SqliteStatement list(session,
                                  "SELECT type, name, sql FROM main.sqlite_schema WHERE tbl_name=?1 COLLATE "
                                  "NOCASE ORDER BY type, name",
                                  "read the catalog of");
    list.bind(1, table);
    std::string text;
    while (list.step()) {
        for (int column = 0; column < 3; ++column) {
            text += std::string(list.text(column)) + "\n";
        }
    }
    return util::hash128_hex(text);
}

/// What has no affinity takes each value as it is; what the rows that are there happen to hold binds none.
void take_any_value(Table& table) {
    const bool strict = table.properties.contains("strict");
    for (Column& column : table.columns) {
        if (column.native_type.empty() || (strict && util::equals_ignore_case(column.native_type, "ANY"))) {
            column.type = TypeKind::variant;
            column.format.clear();
            column.why = "without a type";
        }
    }
}

/// A column of numeric affinity keeps no zeros at the end of a fraction. Where the declaration has a scale,
/// reading adds them again.
void trim_decimals(Table& table) {
    for (Column& column : table.columns) {
        const bool as_number = column.format == "number" || column.format == "real";
        if (column.type.kind == TypeKind::decimal && column.type.precision < 0 && as_number) {
            column.type.trimmed = true;
        }
    }
}

}  // namespace

void refuse_changes(const session::SqliteSession& session, const Schema& planned) {
    for (const Table& table : planned.tables) {
        const auto state = table.properties.find(backend::k_existing_state);
        if (table.placement == Placement::create || state == table.properties.end() ||
            state->second == definition_of(session, table.name.name)) {
            continue;
        }
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.backend = "sqlite";
        facts.table = table.name.name;
        facts.next_step = "Abandon this migration, and plan it again.";
        throw Error(facts, "table " + table.name.display() +
                               " was changed since the plan was made: its definition, or an index or trigger "
                               "of it, is another; the target is as it was");
    }
}

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
        table.properties[backend::k_existing_state] = definition_of(session, table.name.name);
        take_any_value(table);
        trim_decimals(table);
    }
    return schema;
}

}  // namespace migrate::backends::sqlite
