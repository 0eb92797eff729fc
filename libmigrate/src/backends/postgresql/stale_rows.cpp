#include "backends/postgresql/stale_rows.hpp"

#include <string>

#include <fmt/format.h>

#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/row_removal.hpp"
#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql {
namespace {

void forget(session::PostgresqlSession& session, const backend::TargetPlan& plan, const QualifiedName& table,
            const std::string& chunks) {
    for (const char* kept : {"_migrate.checkpoint", "_migrate.dead_letter"}) {
        session.query(state::find_place(session).sql(fmt::format(
                          "DELETE FROM {} WHERE migration = $1 AND table_schema = $2 AND table_name = $3{}",
                          kept, chunks)),
                      {plan.migration, table.schema, table.name}, "taking checkpoints back");
    }
}

}  // namespace

void take_back(session::PostgresqlSession& session, const backend::TargetPlan& plan,
               const backend::StaleRows& stale, const StagingNames& names) {
    const Table& table = plan.schema.tables.at(stale.table);
    if (!stale.column) {
        session.execute("TRUNCATE " + staged_rows(table, names), "taking rows back");
        forget(session, plan, table.name, "");
        return;
    }
    const std::string column = quote_identifier(table.columns.at(*stale.column).name);
    std::string ranges;
    std::string indexes;
    for (const Chunk& chunk : stale.chunks) {
        // Quoted: the lowest number there is would be the negative of one that is too high.
        ranges += fmt::format("{}{} BETWEEN '{}'::pg_catalog.int8 AND '{}'::pg_catalog.int8",
                              ranges.empty() ? "" : " OR ", column, chunk.first, chunk.last);
        indexes += fmt::format("{}{}", indexes.empty() ? "" : ", ", chunk.index);
    }
    session.execute(fmt::format("DELETE FROM {} WHERE {}", staged_rows(table, names), ranges),
                    "taking rows back");
    forget(session, plan, table.name, fmt::format(" AND chunk_index IN ({})", indexes));
}

}  // namespace migrate::backends::postgresql
