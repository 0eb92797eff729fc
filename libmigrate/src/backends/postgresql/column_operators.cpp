#include "backends/postgresql/column_operators.hpp"

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/column_operators.sql.hpp"

namespace migrate::backends::postgresql {

ColumnOperators::ColumnOperators(session::PostgresqlSession& session, const QualifiedName& table) {
    const auto rows = session.query(sql::column_operators, {quote_name(table)},
                                    "reading the operators of " + table.display());
    const auto spelled = [&](int row, int schema) {
        return rows.is_null(row, schema)
                   ? std::string()
                   : fmt::format("OPERATOR({}.{})", quote_identifier(rows.view(row, schema)),
                                 rows.view(row, schema + 1));
    };
    for (int row = 0; row < rows.size(); ++row) {
        m_columns[rows.text(row, 0)] = {spelled(row, 1), spelled(row, 3)};
    }
}

std::string ColumnOperators::equal(const std::string& column) const {
    const auto found = m_columns.find(column);
    return found == m_columns.end() || found->second.equal.empty() ? "OPERATOR(pg_catalog.=)"
                                                                   : found->second.equal;
}

std::string ColumnOperators::greater(const std::string& column) const {
    const auto found = m_columns.find(column);
    return found == m_columns.end() || found->second.greater.empty() ? "OPERATOR(pg_catalog.>)"
                                                                     : found->second.greater;
}

}  // namespace migrate::backends::postgresql
