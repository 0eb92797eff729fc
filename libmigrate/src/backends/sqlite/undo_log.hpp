#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/digest.hpp>
#include <migrate/schema.hpp>

#include "backend/column_changes.hpp"
#include "session/sqlite_session.hpp"

/// What a migration leaves behind in the file so that it can be undone: digests from before and after,
/// statements in the order in which a rollback runs them, and the rows that a merge has changed.
namespace migrate::backends::sqlite::undo {

struct LoggedTable {
    std::int64_t ordinal = 0;
    std::string name;
    Placement placement = Placement::create;
    Digest before;
    Digest after;
    std::optional<std::int64_t> sequence_before;  ///< What sqlite_sequence holds of it.
    std::optional<std::int64_t> sequence_after;
    /// As the cutover left them; empty for a table that rows were loaded into, and in older records.
    std::vector<backend::StoredColumn> columns;
};

/// Over every row's values as they are stored, classes included; the order does not matter.
Digest digest_of(const session::SqliteSession& session, const std::string& table);
/// As SQLite has them now.
std::vector<backend::StoredColumn> columns_of(const session::SqliteSession& session,
                                              const std::string& table);
/// Nullopt where the table has no entry in sqlite_sequence.
std::optional<std::int64_t> sequence_of(const session::SqliteSession& session, const std::string& table);
void set_sequence_to(const session::SqliteSession& session, const std::string& table,
                     std::optional<std::int64_t> value);

/// The rows of the nth table that were overwritten, and those that are there instead.
std::string old_rows(const std::string& migration, std::int64_t ordinal);
std::string new_rows(const std::string& migration, std::int64_t ordinal);
/// The rows that referred to none before; there only if there were any.
std::string orphans(const std::string& migration);
/// In the place of a statement: the whole file goes. Persisted.
inline constexpr const char* k_new_file = "-- the file itself";
/// The ordinal of the first table that was created. Persisted.
inline constexpr std::int64_t k_first_created = 10'000;
/// The ordinal of the first table that was replaced. Persisted.
inline constexpr std::int64_t k_first_replaced = 20'000;
/// Under which a table that was replaced is kept.
std::string kept_name(const std::string& migration, std::size_t index);

void create_tables(const session::SqliteSession& session);
/// Takes the place of an entry of the same ordinal.
void add_table(const session::SqliteSession& session, const std::string& migration, const LoggedTable& table);
/// The digest that was recorded of a staged table when it was verified, in the schema ("main", "staging")
/// that holds the staging file's undo log; nullopt if none was.
std::optional<Digest> verified_digest(const session::SqliteSession& session, const std::string& schema,
                                      const std::string& migration, const std::string& table);
void add_step(const session::SqliteSession& session, const std::string& migration,
              const std::string& statement);

void clear_steps(const session::SqliteSession& session, const std::string& migration);

/// Empty where nothing was kept.
std::vector<LoggedTable> tables(const session::SqliteSession& session, const std::string& migration);
/// What has become of its columns since, for people; empty if nothing, or if the record does not say.
std::string column_changes(const session::SqliteSession& session, const LoggedTable& table);
std::vector<std::string> steps(const session::SqliteSession& session, const std::string& migration);

/// Drops everything that was kept of the migration.
void drop(const session::SqliteSession& session, const std::string& migration);

}  // namespace migrate::backends::sqlite::undo
