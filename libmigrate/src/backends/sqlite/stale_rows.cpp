#include "backends/sqlite/stale_rows.hpp"

#include <string>

#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr const char* k_taking_back = "take rows back from";

void forget_table(const SqliteSession& staging, const std::string& migration, const Table& table) {
    for (const char* kept : {"_migrate_checkpoint", "_migrate_dead_letter"}) {
        SqliteStatement forget(
            staging, std::string("DELETE FROM main.") + kept + " WHERE migration=?1 AND table_name=?2",
            k_taking_back);
        forget.bind(1, migration).bind(2, table.name.name);
        forget.run();
    }
}

void forget_chunk(const SqliteSession& staging, const std::string& migration, const Table& table,
                  const Chunk& chunk) {
    for (const char* kept : {"_migrate_checkpoint", "_migrate_dead_letter"}) {
        SqliteStatement forget(
            staging,
            std::string("DELETE FROM main.") + kept + " WHERE migration=?1 AND table_name=?2 AND chunk=?3",
            k_taking_back);
        forget.bind(1, migration).bind(2, table.name.name).bind(3, static_cast<std::int64_t>(chunk.index));
        forget.run();
    }
}

}  // namespace

void take_back(const SqliteSession& staging, const backend::TargetPlan& plan,
               const backend::StaleRows& stale) {
    const Table& table = plan.schema.tables.at(stale.table);
    const std::string from = "DELETE FROM main." + quote_identifier(table.name.name);
    if (!stale.column) {
        staging.execute(from, k_taking_back);
        forget_table(staging, plan.migration, table);
        return;
    }
    const std::string column = quote_identifier(table.columns.at(*stale.column).name);
    SqliteStatement remove(staging, from + " WHERE " + column + " BETWEEN ?1 AND ?2", k_taking_back);
    for (const Chunk& chunk : stale.chunks) {
        remove.bind(1, chunk.first).bind(2, chunk.last);
        remove.run();
        remove.reset();
        forget_chunk(staging, plan.migration, table, chunk);
    }
}

}  // namespace migrate::backends::sqlite
