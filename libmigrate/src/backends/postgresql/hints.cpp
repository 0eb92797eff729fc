#include "backends/postgresql/hints.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/variant_misfit.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

int integer_width(TypeKind kind) {
    return kind == TypeKind::int16 ? 2 : kind == TypeKind::int32 ? 4 : kind == TypeKind::int64 ? 8 : 0;
}

bool holds(session::PostgresqlSession& session, const std::string& sql, const Table& table) {
    return session.query(sql, "reading the values of " + table.name.display()).boolean(0, 0);
}

/// Whether every value can be read as the hint says; nullopt where such a column cannot be read so at all.
std::optional<bool> fits(session::PostgresqlSession& session, const Table& table, const Column& column,
                         const LogicalType& type) {
    const std::string name = quote_identifier(column.name);
    const std::string from = quote_name(table.name);
    if (column.type.kind == TypeKind::json && type.kind == TypeKind::variant) {
        return !holds(session, fmt::format(fmt::runtime(sql::variant_misfit), name, from), table);
    }
    if (column.type.kind == TypeKind::json && type.kind == TypeKind::text) {
        return !holds(
            session,
            fmt::format("SELECT EXISTS (SELECT FROM ONLY {} WHERE pg_catalog.json_typeof({}) <> 'string')",
                        from, name),
            table);
    }
    const int narrow = integer_width(column.type.kind);
    if (narrow > 0 && integer_width(type.kind) >= narrow) {
        return true;
    }
    return std::nullopt;
}

}  // namespace

void apply_hints(session::PostgresqlSession& session, const backend::SchemaRequest& request,
                 backend::SchemaReading& reading) {
    for (const backend::ColumnHint& hint : request.hints) {
        const auto table = std::find_if(reading.schema.tables.begin(), reading.schema.tables.end(),
                                        [&](const Table& one) { return one.name == hint.table; });
        if (table == reading.schema.tables.end()) {
            continue;
        }
        const auto column = std::find_if(table->columns.begin(), table->columns.end(),
                                         [&](const Column& one) { return one.name == hint.column; });
        if (column == table->columns.end() || column->type == hint.type) {
            continue;
        }
        const std::string object = fmt::format("table {}, column {}", table->name.display(), column->name);
        if (hint.from_user && column->type.kind != hint.type.kind) {
            column->type = hint.type;
            column->why = "as asked for";
            continue;
        }
        const auto all_fit = fits(session, *table, *column, hint.type);
        if (all_fit == true) {
            column->type = hint.type;
            column->why = "as it was before it came here";
        } else if (all_fit == false) {
            reading.findings.push_back(
                {Severity::note, "reading-dropped", object,
                 "Its values are no longer all as they were when it came here; it is read "
                 "as what it is now.",
                 "", 0});
        }
    }
}

}  // namespace migrate::backends::postgresql
