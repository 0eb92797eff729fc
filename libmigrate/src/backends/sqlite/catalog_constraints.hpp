#pragma once

#include <optional>

#include <migrate/schema.hpp>

#include "backends/sqlite/table_definition.hpp"
#include "session/sqlite_session.hpp"

/// The parts of a table's catalog entry that come after its columns.
namespace migrate::backends::sqlite {

/// Column::properties: AUTOINCREMENT has handed out the last number there is; `next` is that one.
inline constexpr const char* k_exhausted = "sequence_exhausted";

/// Primary key, unique constraints, checks and foreign keys: from the definition where it could be read,
/// which alone knows names and deferrals, else from SQLite's own listings. Sets which columns cannot be NULL.
void read_keys(const session::SqliteSession& session, Table& table,
               const std::optional<TableDefinition>& definition);

/// The indexes that were made by CREATE INDEX.
void read_indexes(const session::SqliteSession& session, Table& table);

/// INTEGER PRIMARY KEY and AUTOINCREMENT, with the next value. Requires: read_keys.
void read_identity(const session::SqliteSession& session, Table& table,
                   const std::optional<TableDefinition>& definition);

/// Spells the tables and columns that foreign keys name as their own definitions do: SQLite ignores case.
void resolve_references(Schema& schema);

}  // namespace migrate::backends::sqlite
