#include "backends/postgresql/physical_column.hpp"

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/physical_columns.sql.hpp"

namespace migrate::backends::postgresql {

std::map<std::uint32_t, std::vector<PhysicalColumn>> physical_columns(
    session::PostgresqlSession& session, const std::vector<std::uint32_t>& relations) {
    std::vector<std::string> oids;
    oids.reserve(relations.size());
    for (const std::uint32_t oid : relations) {
        oids.push_back(std::to_string(oid));
    }
    const auto rows =
        session.query(sql::physical_columns, {session::array_literal(oids)}, "reading the columns' types");
    std::map<std::uint32_t, std::vector<PhysicalColumn>> columns;
    for (int row = 0; row < rows.size(); ++row) {
        PhysicalColumn column;
        column.name = rows.text(row, 2);
        column.type.oid = static_cast<std::uint32_t>(rows.integer(row, 3));
        column.type.modifier = static_cast<std::int32_t>(rows.integer(row, 4));
        column.type.category = rows.view(row, 5).front();
        column.type.output = rows.text(row, 6);
        column.type.spelling = rows.text(row, 7);
        column.type.labels = rows.array(row, 8);
        column.type.element_oid = static_cast<std::uint32_t>(rows.integer(row, 9));
        column.type.element = rows.text(row, 10);
        if (column.type.category == 'a') {
            column.type.element_modifier = column.type.modifier;
        }
        columns[static_cast<std::uint32_t>(rows.integer(row, 0))].push_back(std::move(column));
    }
    return columns;
}

std::vector<PhysicalColumn> PhysicalColumns::of(session::PostgresqlSession& session,
                                                const QualifiedName& table) {
    {
        const std::lock_guard lock(m_mutex);
        if (const auto known = m_known.find(table); known != m_known.end()) {
            return known->second;
        }
    }
    const auto rows = session.query(
        "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relname = $2",
        {table.schema, table.name}, "looking for a table");
    if (rows.size() == 0) {
        ErrorFacts facts{.code = ErrorCode::not_found, .backend = "postgresql", .table = table.display()};
        throw Error(facts, fmt::format("PostgreSQL: there is no table {}.", table.display()));
    }
    const auto oid = static_cast<std::uint32_t>(rows.integer(0, 0));
    auto columns = physical_columns(session, {oid})[oid];
    const std::lock_guard lock(m_mutex);
    return m_known.emplace(table, std::move(columns)).first->second;
}

}  // namespace migrate::backends::postgresql
